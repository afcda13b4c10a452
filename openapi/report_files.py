"""From the bytes of a file to a report: every form there is, by its media type, and where in it things stand.

Nothing here knows of requests: whoever has the file can ask what is wrong with it. All forms end in the one schema of
the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import takewhile

from marshmallow import ValidationError

from domain.line_lists import Table, suspicions
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.refusals import Item, LineList, Refusal, ShapeInvalid
from domain.report import About, PartialMonth, Report, Tally
from formats.reports import adx, dhis2_json, tidy_csv, xlsx
from formats.reports.sheet import Sheet
from openapi.shape_items import MAX_ITEMS, shape_items
from openapi.strict_json import parse_json
from schemas.reports import read_report as read_report_content

JSON = "application/json"


def _read_json(data: bytes) -> Sheet:
    document = parse_json(data)
    # What DHIS2 itself calls JSON is told apart for sure: a report has no member `dataValues`.
    return _read_data_values(document) if dhis2_json.is_data_value_set(document) else Sheet(document, {})


def _read_data_values(document: object) -> Sheet:
    return dhis2_json.read(document, shipped_dictionaries())


READERS: Mapping[str, Callable[[bytes], Sheet]] = {
    JSON: _read_json,
    tidy_csv.MEDIA_TYPE: lambda data: tidy_csv.read(data, shipped_dictionaries()),
    xlsx.MEDIA_TYPE: lambda data: xlsx.read(data, shipped_dictionaries()),
    adx.MEDIA_TYPE: lambda data: adx.read(data, shipped_dictionaries()),
    dhis2_json.MEDIA_TYPE: lambda data: _read_data_values(parse_json(data)),
}

TABLES: Mapping[str, Callable[[bytes], Iterable[Table]]] = {
    tidy_csv.MEDIA_TYPE: lambda data: [tidy_csv.table(data)],
    xlsx.MEDIA_TYPE: xlsx.tables,
    adx.MEDIA_TYPE: lambda data: [adx.table(data)],
}
"""What can be looked at as tables; JSON is looked at as the tree it is, by its schema."""


def _no_tables(_data: bytes) -> Iterable[Table]:
    return ()


@dataclass(frozen=True)
class SentReport:
    """A report that was sent, and where in its file each part of it stands; JSON has no places but its pointers."""

    report: Report
    sheet: Sheet

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Give the errors of a refusal that is raised within their places."""
        try:
            yield
        except Refusal as refusal:
            refusal.items = tuple(_placed(self.sheet, item) for item in refusal.items)
            raise


@contextmanager
def refusing_line_lists(kind: str, data: bytes) -> Iterator[None]:
    """See, when a table is refused within, whether it is a line list, and say that instead.

    What is a report is never suspected, since it is not looked at.
    """
    try:
        yield
    except ShapeInvalid:
        signs = {sign for table in TABLES.get(kind, _no_tables)(data) for sign in suspicions(table)}
        if signs:
            raise LineList(sorted(signs)) from None
        raise


def load_sheet(sheet: Sheet, *, site: str | None = None, month: Month | None = None) -> SentReport:
    """The report that a sheet holds; raises ShapeInvalid with every fault of it, each with its place."""
    faults = [*_claims(sheet, site, month), *sheet.faults]
    try:
        report = read_report_content(sheet.content)
    except ValidationError as error:
        found = shape_items(error.normalized_messages(), sent=sheet.content, place_of=sheet.place_of)
        faults += (
            _placed(sheet, item) for item in found if item.code == "unknown" or not _is_covered(item.pointer, faults)
        )
    if faults:
        faults = [replace(item, pointer=_known_part(item.pointer)) for item in faults]
        order = {place: number for number, place in enumerate(sheet.places.values())}
        faults.sort(key=lambda item: order.get(item.place, -1))
        raise ShapeInvalid(f"Nothing was stored; see the errors, {MAX_ITEMS} at most.", faults[:MAX_ITEMS])
    return SentReport(report, sheet)


_NO_LINE = "The file has no line for this, and it is needed; take it over from the template."


def _placed(sheet: Sheet, item: Item) -> Item:
    """The item with its place; what is missing there is an empty line or cell of a form."""
    if item.place:
        return item
    place = sheet.place_of(item.pointer)
    if not place:
        return replace(item, detail=_NO_LINE) if item.code == "missing" and sheet.places else item
    is_empty = item.code == "missing" and item.pointer in sheet.places
    detail = "This is empty, and needed here; fill it in." if is_empty else item.detail
    return replace(item, place=place, detail=detail)


def _known_part(pointer: str) -> str:
    """The pointer as far as it says words of ours: what else stands in a file could be the name of a person."""
    steps = pointer.split("/")
    known = takewhile(lambda step: step in _words() or step.isdigit(), steps[1:])
    return "".join(f"/{step}" for step in known)


@cache
def _words() -> frozenset[str]:
    """What a report's pointer can say: the members of a report, and the ids of all dictionaries."""
    members = frozenset(field.name for kind in (Report, About, PartialMonth, Tally) for field in fields(kind))
    return members.union({"rule", "reason"}, *(dictionary.ids for dictionary in shipped_dictionaries().values()))


def _is_covered(pointer: str, faults: Iterable[Item]) -> bool:
    """Whether a fault already says what is wrong at the pointer: of what can't be read, everything else is missing."""
    return any(fault.pointer == pointer or fault.pointer.startswith(pointer + "/") for fault in faults)


def _claims(sheet: Sheet, site: str | None, month: Month | None) -> Iterator[Item]:
    """What the file says of whose it is, where that is not what it was sent as."""
    place_of_site, place_of_month = sheet.heads
    if site and sheet.site and sheet.site != site:
        detail = "The file is of another site than the address it was sent to."
        yield Item("", "other_site", detail, place=place_of_site)
    if month and sheet.month and sheet.month != str(month):
        detail = "The file is of another month than the address it was sent to."
        yield Item("", "other_month", detail, place=place_of_month)
