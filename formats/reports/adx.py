"""A report as ADX (IHE Aggregate Data Exchange): one group for the site and month, one data value for each cell.

    <adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-06-05T00:00:00Z">
      <group dataSet="OPC_MONTHLY" orgUnit="nyc-east" period="2026-05-01/P1M" dictionary="2026.1"
             visit_basis="consumption" ... acknowledged="r13:checked_correct">
        <dataValue dataElement="overdose_events" value="31"/>
        <dataValue dataElement="overdose_events" overdose_type="opioid" value="20"/>
        <dataValue dataElement="ems_calls" value_status="suppressed_at_source" value="4"/>
        <dataValue dataElement="participants_unique" value_status="not_collected" value="0"/>
      </group>
    </adx>

A category is a dimension named after its breakdown. ADX demands a decimal `value` of every data value, so what is no
count says so by the dimension `value_status`: with `suppressed_at_source` the value is the upper bound, with the
others it is 0 and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.dictionary import CellName, Dictionary
from domain.refusals import Item, ShapeInvalid, Unreadable
from formats.reports.cells import GAPS, HIDDEN, REPORTED, Misread, cell_of, columns_of
from formats.reports.fields import FIELDS, fields_of
from formats.reports.sheet import Gathering, Origin, Sheet, cells_of

MEDIA_TYPE = CONTENT_TYPE = "application/adx+xml"
NAMESPACE = "urn:ihe:qrph:adx:2015"
DATA_SET = "OPC_MONTHLY"

ACKNOWLEDGING = (
    "If it is right, add {rule}:checked_correct (or another reason) to the attribute acknowledged of the group, with a "
    "space between several, and send it again."
)

_GROUP = {"dataSet", "orgUnit", "period", "completeDate", "acknowledged"}
_VALUE = {"dataElement", "value", "value_status"}
_TAG = f"{{{NAMESPACE}}}"


def read(data: bytes, dictionaries: Mapping[str, Dictionary]) -> Sheet:
    """The report in a message; raises Unreadable or ShapeInvalid for what is no message of one group."""
    group = _group(data)
    gathering = Gathering(dictionaries, ACKNOWLEDGING)
    for name in group.attrib.keys() - _GROUP:
        gathering.state(name, group.attrib[name].strip(), "group")
    for pair in group.get("acknowledged", "").split():
        rule, _, reason = pair.partition(":")
        gathering.acknowledge(rule, reason, "group, attribute acknowledged")
    for number, element in enumerate(group, 1):
        _gather(gathering, element, f"data value {number}")
    site, month = group.get("orgUnit", ""), _month(group.get("period", ""))
    return gathering.sheet(site=site, month=month, heads=("group, attribute orgUnit", "group, attribute period"))


def table(data: bytes) -> list[list[str]]:
    """The attributes of every element of a message as a table, their names in its first row; raises Unreadable."""
    rows = [element.attrib for element in _root(data).iter()]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [names, *([row.get(name, "") for name in names] for row in rows)]


def write(content: Mapping[str, Any], origin: Origin) -> bytes:
    """The content of a report as a message."""
    ElementTree.register_namespace("", NAMESPACE)
    head = {"dataSet": DATA_SET, "orgUnit": origin.site, "period": f"{origin.month}-01/P1M"}
    root = ElementTree.Element(f"{_TAG}adx", exported=origin.at.isoformat())
    group = ElementTree.SubElement(root, f"{_TAG}group", head)
    for field, value in fields_of(content):
        group.set(field.name, field.write(value).removeprefix("v") if field.kind == "version" else field.write(value))
    if content.get("acknowledged"):
        group.set("acknowledged", " ".join(f"{entry['rule']}:{entry['reason']}" for entry in content["acknowledged"]))
    for name, cell in cells_of(content):
        ElementTree.SubElement(group, f"{_TAG}dataValue", _attributes(name, cell))
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _attributes(name: CellName, cell: Any) -> dict[str, str]:
    value, status, upper = columns_of(cell)
    dimension = {name.breakdown: name.category} if name.breakdown else {}
    kind = {"value_status": status} if status != REPORTED else {}
    return {"dataElement": name.indicator, **dimension, **kind, "value": value or upper or "0"}


def _root(data: bytes) -> ElementTree.Element:
    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable("The message declares a document type or entities; ADX has none.") from None
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Unreadable("The body is not well-formed XML.") from None


def _group(data: bytes) -> ElementTree.Element:
    """The one group of the message."""
    root = _root(data)
    groups = list(root)
    if root.tag != f"{_TAG}adx" or len(groups) != 1 or groups[0].tag != f"{_TAG}group":
        raise _shape(f"The message is one adx of the namespace {NAMESPACE}, and holds one group.", "root")
    if root.attrib.keys() - {"exported"} or groups[0].get("dataSet") != DATA_SET:
        raise _shape(f"adx has the attribute exported alone, and the dataSet of the group is {DATA_SET}.", "group")
    return groups[0]


def _shape(detail: str, place: str) -> ShapeInvalid:
    return ShapeInvalid("The message is not a report in ADX.", [Item("", "message", detail, place=place)])


def _month(period: str) -> str:
    """2026-05 of 2026-05-01/P1M; another period as it is, which is no month."""
    return period.removesuffix("-01/P1M") if period.endswith("-01/P1M") else period


def _gather(gathering: Gathering, element: ElementTree.Element, place: str) -> None:
    dimensions = element.attrib.keys() - _VALUE
    if element.tag != f"{_TAG}dataValue" or len(element) or len(dimensions) > 1 or (element.text or "").strip():
        detail = "A group holds data values alone, each with one dimension at most and nothing inside, no annotation."
        gathering.fault("", "message", detail, place)
        return
    (breakdown,) = dimensions or [""]
    name = CellName(element.get("dataElement", ""), breakdown, element.get(breakdown, ""))
    try:
        gathering.count(name, _cell(element), place)
    except Misread as wrong:
        gathering.misread(name, wrong.code, wrong.detail, place)


def _cell(element: ElementTree.Element) -> Any:
    value, status = element.get("value", "").strip(), element.get("value_status", "").strip()
    if status == HIDDEN:
        return cell_of("", status, value)
    if status in GAPS:
        if value != "0":
            raise Misread("contradiction", f"With the status {status} the value is 0, since it is no count.")
        return cell_of("", status)
    if not value[:1].isdigit() and not value.startswith("-"):
        raise Misread("not_a_number", "ADX has a decimal in value; what is no count says so by value_status.")
    return cell_of(value, status)


assert not {*FIELDS} & (_GROUP | _VALUE), "attributes of ADX and fields of a report do not share names"
