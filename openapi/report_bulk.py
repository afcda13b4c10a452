"""Many reports in one body, as JSON or as CSV with a site and a month on every line; and what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Request
from marshmallow import ValidationError

from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.preconditions import Preconditions
from domain.refusals import Item, Refusal, ShapeInvalid, Unreadable
from formats.reports import tidy_csv
from formats.reports.sheet import Sheet
from openapi.arguments import MIB, read_body
from openapi.report_bodies import media_type_of
from openapi.report_files import JSON, SentReport, load_sheet, refusing_line_lists
from openapi.shape_items import MAX_ITEMS, shape_items
from openapi.strict_json import parse_json
from schemas.requests import BulkSchema

MAX_BULK_BODY = 32 * MIB
MAX_REPORTS = 5000


@dataclass(frozen=True)
class BulkItem:
    """One report of many: what was sent, for which site and month, and where in the body it stands."""

    site: str
    month: Month
    sheet: Sheet
    preconditions: Preconditions
    pointer: str

    def read(self) -> SentReport:
        """The report; raises ShapeInvalid, and whatever is wrong points into the whole body."""
        return load_sheet(self.sheet)

    def pointing(self, refusal: Refusal) -> tuple[Item, ...]:
        """The errors of a refusal with pointers into the whole body, and with places where it has them."""
        return tuple(
            replace(item, pointer=self.pointer + item.pointer, place=item.place or self.sheet.place_of(item.pointer))
            for item in refusal.items
        )


def read_bulk(request: Request) -> list[BulkItem]:
    """The reports in a body, none of them looked into yet; raises a refusal where the body itself is wrong."""
    data = read_body(request, MAX_BULK_BODY)
    if not data:
        raise Unreadable("The body is empty.")
    kind = media_type_of(request, (JSON, tidy_csv.MEDIA_TYPE))
    if kind == JSON:
        items = _of_json(parse_json(data))
    else:
        with refusing_line_lists(kind, data):
            items = _of_csv(tidy_csv.read_many(data, shipped_dictionaries()))
    _check_number(items)
    return items


def _of_json(document: Any) -> list[BulkItem]:
    try:
        items = BulkSchema().load(document)["items"]
    except ValidationError as error:
        found = list(shape_items(error.normalized_messages()))[:MAX_ITEMS]
        raise ShapeInvalid(f"See the errors, {MAX_ITEMS} at most.", found) from None
    return [_item(number, item) for number, item in enumerate(items)]


def _item(number: int, item: Mapping[str, Any]) -> BulkItem:
    tag = item.get("if_match")
    preconditions = Preconditions(if_match=frozenset({tag.strip().strip('"')}) if tag else None)
    return BulkItem(item["site"], item["month"], Sheet(item["report"], {}), preconditions, f"/items/{number}/report")


def _of_csv(sheets: Sequence[Sheet]) -> list[BulkItem]:
    return [BulkItem(sheet.site, _month(sheet), sheet, Preconditions(), "") for sheet in sheets]


def _month(sheet: Sheet) -> Month:
    try:
        return Month.parse(sheet.month)
    except ValueError:
        detail = "The month is written like 2026-05; format the column as text."
        raise ShapeInvalid("A line has no month.", [Item("", "month", detail, place=sheet.places[""])]) from None


def _check_number(items: Sequence[BulkItem]) -> None:
    if not items:
        raise ShapeInvalid("The body holds no report.")
    if len(items) > MAX_REPORTS:
        raise ShapeInvalid(f"A body holds {MAX_REPORTS} reports at most; send several.")
    twice = list(_twice(items))[:MAX_ITEMS]
    if twice:
        raise ShapeInvalid("A site and month is in the body more than once; nothing was stored.", twice)


def _twice(items: Sequence[BulkItem]) -> Iterator[Item]:
    seen = set()
    for item in items:
        if (item.site, item.month) in seen:
            pointer = item.pointer.removesuffix("/report")
            yield Item(pointer, "twice", "This site and month stands further up already; keep one.")
        seen.add((item.site, item.month))
