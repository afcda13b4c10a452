"""Structures as SDMX-ML 2.1: what a query asks for, cut out of a message that holds them all.

The message is one of those in `structures/`, by dictionary (`cli/sdmx_structures.py`); the units of the release are put
into their code list here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from domain.dictionary import Level
from domain.labels import Labels
from domain.refusals import NotFound
from formats.sdmx.codes import TOTAL, code_of, moment

MEDIA_TYPE = "application/vnd.sdmx.structure+xml;version=2.1"
_SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
NAMESPACES = {
    "mes": f"{_SCHEMAS}message",
    "str": f"{_SCHEMAS}structure",
    "com": f"{_SCHEMAS}common",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
_CLASSES = {
    "dataflow": "Dataflow",
    "codelist": "Codelist",
    "conceptscheme": "ConceptScheme",
    "datastructure": "DataStructure",
}
KINDS = tuple(_CLASSES)
_CHILDREN = {"dataflow": {"datastructure"}, "datastructure": {"codelist", "conceptscheme"}}
_ANY = {"all", "latest", "1.0", "+", "*"}


@dataclass(frozen=True)
class StructureQuery:
    """Which structures: those of a kind with one of these ids (`all`: any), in a version, and what belongs to them."""

    kind: str
    ids: frozenset[str]
    version: str = "latest"
    references: str = "none"
    detail: str = "full"


def write_structures(query: StructureQuery, labels: Labels, published_at: datetime) -> bytes:
    """The message with what is asked for; raises NotFound where there is nothing by that name or in that version."""
    message = deepcopy(_message(labels.dictionary.version))
    _fill_units(message, labels)
    _set(message, "mes:Header/mes:Prepared", moment(published_at))
    if query.version not in _ANY:
        raise NotFound(f"There is no version {query.version} of it; the version is 1.0.")
    kinds = _kinds_beside(query)
    asked = 0
    for folder, structure, kind in list(_structures(message)):
        is_asked = kind == query.kind and ("all" in query.ids or structure.get("id") in query.ids)
        asked += is_asked
        if not is_asked and kind not in kinds:
            folder.remove(structure)
        elif _is_stub(query.detail, is_asked):
            _cut_to_stub(structure, "complete" in query.detail)
    if not asked:
        raise NotFound(f"There is no {query.kind} of that name.")
    _drop_empty(message)
    return ElementTree.tostring(message, encoding="UTF-8", xml_declaration=True)


@cache
def _message(dictionary: str) -> Element:
    for prefix, uri in NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    return ElementTree.fromstring((files("formats.sdmx") / "structures" / f"{dictionary}.xml").read_bytes())


def _fill_units(message: Element, labels: Labels) -> None:
    codelist = message.find(".//str:Codelist[@id='CL_UNIT']", NAMESPACES)
    assert codelist is not None, "every message has it"
    for code in codelist.findall("str:Code", NAMESPACES):
        codelist.remove(code)
    for id, label in unit_codes(labels).items():
        code = SubElement(codelist, f"{{{NAMESPACES['str']}}}Code", id=id)
        SubElement(code, f"{{{NAMESPACES['com']}}}Name", {f"{{{NAMESPACES['xml']}}}lang": "en"}).text = label
    ElementTree.indent(codelist, "\t", 3)


def unit_codes(labels: Labels) -> Mapping[str, str]:
    """The codes of units, the total first; a code that is both a site's and a city's has both labels."""
    found: dict[str, str] = {TOTAL: ""}
    for (_, unit), label in labels.units.items():
        code = code_of(unit, Level.ALL)
        found[code] = f"{found[code]} / {label}" if found.get(code) else label
    return found


def _kinds_beside(query: StructureQuery) -> set[str]:
    """Of which kinds everything comes along. There is one data flow, so that all structures belong together."""
    wanted = query.references
    if wanted in KINDS:
        return {wanted}
    children = _CHILDREN.get(query.kind, set())
    parents = {kind for kind, below in _CHILDREN.items() if query.kind in below}
    siblings = {kind for parent in parents for kind in _CHILDREN[parent]}
    descendants = children | {kind for child in children for kind in _CHILDREN.get(child, set())}
    return {
        "none": set(),
        "parents": parents,
        "parentsandsiblings": parents | siblings,
        "children": children,
        "descendants": descendants,
        "all": set(KINDS),
    }[wanted]


def _structures(message: Element) -> Iterator[tuple[Element, Element, str]]:
    """Each structure with the element that holds it, and its kind."""
    kinds = {f"{{{NAMESPACES['str']}}}{name}": kind for kind, name in _CLASSES.items()}
    for folder in message.iterfind("mes:Structures/*", NAMESPACES):
        yield from ((folder, structure, kinds[structure.tag]) for structure in folder)


def _is_stub(detail: str, is_asked: bool) -> bool:
    return detail.startswith("all") or (not is_asked and detail in ("referencestubs", "referencecompletestubs"))


def _cut_to_stub(structure: Element, is_complete: bool) -> None:
    """Leave the name, and in a complete stub the description."""
    kept = {"Name", "Description"} if is_complete else {"Name"}
    for part in list(structure):
        if part.tag.rpartition("}")[2] not in kept:
            structure.remove(part)
    structure.set("isExternalReference", "true")


def _drop_empty(message: Element) -> None:
    structures = message.find("mes:Structures", NAMESPACES)
    assert structures is not None, "every message has it"
    for folder in list(structures):
        if not len(folder):
            structures.remove(folder)


def _set(message: Element, path: str, text: str) -> None:
    found = message.find(path, NAMESPACES)
    assert found is not None, "every message has it"
    found.text = text
