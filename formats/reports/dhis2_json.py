"""A report as a DHIS2 dataValueSet: a list of data values, each named by codes that the dictionary gives.

    {"dataSet": "OPC_MONTHLY", "period": "202605", "orgUnit": "nyc-east", "dataValues": [
      {"dataElement": "about.visit_basis", "value": "consumption"},
      {"dataElement": "acknowledged.r13", "categoryOptionCombo": "acknowledged.checked_correct", "value": "true"},
      {"dataElement": "overdose_events", "value": "31"},
      {"dataElement": "overdose_events", "categoryOptionCombo": "overdose_type.opioid", "value": "20"},
      {"dataElement": "ems_calls.upper", "value": "4"},
      {"dataElement": "participants_unique.status", "value": "not_collected"}]}

Values are strings, as DHIS2 has them. A category is the combination `breakdown.category`, a total `default` or none.
A data element of DHIS2 has one type, so what is no count is another element: `.upper` (the most that a hidden count
can be) and `.status`. Who stored a value, when, and comments have no place in a report and are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.dictionary import CellName, Dictionary
from domain.refusals import Item, ShapeInvalid
from formats.reports.cells import GAPS, HIDDEN, REPORTED, Misread, cell_of, columns_of
from formats.reports.fields import fields_of
from formats.reports.sheet import Gathering, Origin, Sheet, cells_of

MEDIA_TYPE = CONTENT_TYPE = "application/vnd.crosstally.dhis2+json"
DATA_SET, DEFAULT = "OPC_MONTHLY", "default"
ABOUT, ACKNOWLEDGED = "about.", "acknowledged."
UPPER, STATUS = ".upper", ".status"
ACKNOWLEDGING = (
    f"If it is right, add a data value with the dataElement {ACKNOWLEDGED}{{rule}}, the categoryOptionCombo "
    f"{ACKNOWLEDGED}checked_correct (or another reason) and the value true, and send it again."
)

_SET = {"dataSet", "period", "orgUnit", "completeDate", "attributeOptionCombo", "dataValues"}
_VALUE = {"dataElement", "categoryOptionCombo", "attributeOptionCombo", "period", "orgUnit", "value"}


def is_data_value_set(document: object) -> bool:
    """Whether a JSON body is one: no report has a member of that name."""
    return isinstance(document, dict) and "dataValues" in document


def read(document: object, dictionaries: Mapping[str, Dictionary]) -> Sheet:
    """The report in a decoded data value set; raises ShapeInvalid for what is none."""
    if not is_data_value_set(document) or not isinstance(document, dict) or document.keys() - _SET:
        raise _shape(f"A data value set has the members {', '.join(sorted(_SET))} and no others.", "")
    values = document["dataValues"]
    if document.get("dataSet") != DATA_SET or not isinstance(values, list):
        raise _shape(f"The dataSet is {DATA_SET}, and dataValues is a list.", "")
    gathering = Gathering(dictionaries, ACKNOWLEDGING)
    for number, value in enumerate(values, 1):
        _gather(gathering, _checked(value, document, f"data value {number}"), f"data value {number}")
    site, month = (_text(document.get(name)) for name in ("orgUnit", "period"))
    return gathering.sheet(site=site, month=_month(month), heads=("orgUnit", "period"))


def write(content: Mapping[str, Any], origin: Origin) -> bytes:
    """The content of a report as a data value set."""
    head = {"dataSet": DATA_SET, "period": origin.month.replace("-", ""), "orgUnit": origin.site}
    return json.dumps({**head, "dataValues": list(_values(content))}, indent=1).encode()


def _values(content: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for field, given in fields_of(content):
        text = field.write(given).removeprefix("v") if field.kind == "version" else field.write(given)
        yield {"dataElement": ABOUT + field.name, "value": text}
    for entry in content.get("acknowledged", ()):
        combination = ACKNOWLEDGED + entry["reason"]
        yield {"dataElement": ACKNOWLEDGED + entry["rule"], "categoryOptionCombo": combination, "value": "true"}
    for name, cell in cells_of(content):
        yield _value(name, *columns_of(cell))


def _value(name: CellName, value: str, status: str, upper: str) -> dict[str, str]:
    suffix = {REPORTED: "", HIDDEN: UPPER}.get(status, STATUS)
    combination = {"categoryOptionCombo": f"{name.breakdown}.{name.category}"} if name.breakdown else {}
    return {"dataElement": name.indicator + suffix, **combination, "value": value or upper or status}


def _gather(gathering: Gathering, value: Mapping[str, str], place: str) -> None:
    element, text = value["dataElement"], value["value"].strip()
    combination = value.get("categoryOptionCombo", DEFAULT)
    group, _, code = ("", "", "") if combination == DEFAULT else combination.partition(".")
    if element.startswith(ABOUT):
        gathering.state(element.removeprefix(ABOUT), text, place)
    elif element.startswith(ACKNOWLEDGED):
        if text != "true":
            gathering.fault("/acknowledged", "invalid", "An acknowledgement has the value true.", place)
        gathering.acknowledge(element.removeprefix(ACKNOWLEDGED), code, place)
    else:
        name = CellName(element.removesuffix(UPPER).removesuffix(STATUS), group, code)
        try:
            gathering.count(name, _cell(element, text), place)
        except Misread as wrong:
            gathering.misread(name, wrong.code, wrong.detail, place)


def _cell(element: str, text: str) -> Any:
    if element.endswith(UPPER):
        return cell_of("", HIDDEN, text)
    if element.endswith(STATUS):
        if text not in GAPS:
            raise Misread("unknown_status", f"The status is one of {', '.join(GAPS)}.")
        return cell_of("", text)
    if not text[:1].isdigit() and not text.startswith("-"):
        raise Misread("not_a_number", "The value is a number; what is no count is the element .upper or .status.")
    return cell_of(text)


def _checked(value: object, document: Mapping[str, Any], place: str) -> dict[str, str]:
    """A data value whose members are known strings and say the same site and month as the whole."""
    if not isinstance(value, dict) or value.keys() - _VALUE or not {"dataElement", "value"} <= value.keys():
        raise _shape(
            f"A data value has dataElement, value and, of the others, only {', '.join(sorted(_VALUE))}.", place
        )
    if not all(isinstance(text, str) for text in value.values()):
        raise _shape("The members of a data value are strings, its value too.", place)
    if any(name in value and value[name] != document.get(name) for name in ("period", "orgUnit")):
        raise _shape("A data value is of the period and orgUnit of its set.", place)
    return value


def _shape(detail: str, place: str) -> ShapeInvalid:
    return ShapeInvalid("The body is not a report as a data value set.", [Item("", "message", detail, place=place)])


def _month(period: str) -> str:
    """2026-05 of 202605; another period as it is."""
    return f"{period[:4]}-{period[4:]}" if len(period) == 6 else period


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
