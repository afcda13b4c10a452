"""A report as tidy CSV: one line for each cell, and the rest of the report as lines of the same columns.

    indicator,breakdown,category,value,value_status,upper
    about,dictionary,v2026.1,,,
    about,visit_basis,consumption,,,
    acknowledged,r13,checked_correct,,,
    ems_calls,,,,suppressed_at_source,4
    overdose_events,,,31,reported,
    overdose_events,overdose_type,opioid,20,reported,

The codes of `about` and `acknowledged` stand in `category`, days in `value`, so that `value` holds numbers or nothing
and pandas reads it as numbers. UTF-8, with or without a byte order mark; lines end as they like; separated by commas,
or by semicolons where the header is, and then decimals may follow a comma, as spreadsheets of some languages have it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain.dictionary import CellName, Dictionary
from domain.refusals import Item, ShapeInvalid, Unreadable
from formats.reports.cells import Misread, cell_of, columns_of
from formats.reports.fields import FIELDS, fields_of
from formats.reports.sheet import Gathering, Origin, Sheet, cells_of

MEDIA_TYPE = "text/csv"
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
COLUMNS = ("indicator", "breakdown", "category", "value", "value_status", "upper")
OF_REPORT = ("site", "month")
"""The columns that come first where one file has many reports."""
ABOUT, ACKNOWLEDGED = "about", "acknowledged"
ACKNOWLEDGING = (
    f"If it is right, add the line {ACKNOWLEDGED},{{rule}},checked_correct,,, (or another reason) and send it again."
)

Row = tuple[str, Sequence[str]]
"""A line as people find it (`line 12`), and its fields."""


def read(data: bytes, dictionaries: Mapping[str, Dictionary]) -> Sheet:
    """The report in a file; raises Unreadable or ShapeInvalid for what is no file of these columns."""
    gathering = Gathering(dictionaries, ACKNOWLEDGING)
    rows, comma = _rows(data, COLUMNS)
    for place, fields in rows:
        _gather(gathering, fields, place, comma)
    return gathering.sheet()


def read_many(data: bytes, dictionaries: Mapping[str, Dictionary]) -> list[Sheet]:
    """The reports in a file with a site and a month on every line, in the order in which they begin."""
    gatherings: dict[tuple[str, str], Gathering] = {}
    rows, comma = _rows(data, OF_REPORT + COLUMNS)
    for place, (site, month, *fields) in rows:
        gathering = gatherings.setdefault((site, month), Gathering(dictionaries, ACKNOWLEDGING))
        gathering.places.setdefault("", place)
        _gather(gathering, fields, place, comma)
    return [gathering.sheet(site=site, month=month) for (site, month), gathering in gatherings.items()]


def table(data: bytes) -> list[list[str]]:
    """The file as rows of fields, whatever its columns; raises Unreadable."""
    text = _text(data)
    return [row for _, row in _lines(text, _separator(text))]


def write(content: Mapping[str, Any], origin: Origin) -> bytes:
    """The content of a report as a file, which does not say whose it is."""
    return _file(_written(content))


def write_template(dictionary: Dictionary) -> bytes:
    """A file with a line for everything that a report can say, and nothing filled in but the version."""
    return _file(_blank(dictionary))


def _file(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _written(content: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for field, value in fields_of(content):
        text = field.write(value)
        yield (ABOUT, field.name, "", text, "", "") if field.kind == "day" else (ABOUT, field.name, text, "", "", "")
    for entry in content.get("acknowledged", ()):
        yield ACKNOWLEDGED, entry["rule"], entry["reason"], "", "", ""
    for name, cell in cells_of(content):
        yield name.indicator, name.breakdown, name.category, *columns_of(cell)


def _blank(dictionary: Dictionary) -> Iterator[tuple[str, ...]]:
    for field in FIELDS.values():
        yield ABOUT, field.name, field.write(dictionary.version) if field.name == "dictionary" else "", "", "", ""
    for indicator in dictionary.indicators:
        yield indicator.id, "", "", "", "", ""
        for binding in indicator.bindings:
            yield from ((indicator.id, binding.breakdown.id, code, "", "", "") for code in binding.breakdown.codes)


def _gather(gathering: Gathering, fields: Sequence[str], place: str, comma: bool) -> None:
    indicator, breakdown, category, value, status, upper = fields
    if indicator == ABOUT:
        _state(gathering, breakdown, category, [value, status, upper], place)
    elif indicator == ACKNOWLEDGED:
        gathering.acknowledge(breakdown, category, place)
    else:
        name = CellName(indicator, breakdown, category)
        try:
            gathering.count(name, cell_of(value, status, upper, comma=comma), place)
        except Misread as wrong:
            gathering.misread(name, wrong.code, wrong.detail, place)


def _state(gathering: Gathering, name: str, category: str, rest: Sequence[str], place: str) -> None:
    is_day = name in FIELDS and FIELDS[name].kind == "day"
    text, *others = [rest[0], category, *rest[1:]] if is_day else [category, *rest]
    if any(others):
        column = "value" if is_day else "category"
        detail = f"This field is given in the column {column} and nowhere else."
        gathering.fault(FIELDS[name].pointer if name in FIELDS else "/about", "wrong_column", detail, place)
    gathering.state(name, text, place)


def _rows(data: bytes, columns: Sequence[str]) -> tuple[list[Row], bool]:
    """The lines below the header that are not empty, and whether they are separated by semicolons."""
    text = _text(data)
    separator = _separator(text)
    (place, header), *rest = [*_lines(text, separator)] or [("line 1", [])]
    if tuple(name.lower() for name in _trimmed(header)) != tuple(columns):
        detail = f"The first line names the columns {','.join(columns)}, in this order and no others."
        raise ShapeInvalid("The file does not have the columns of a report.", [_item("columns", detail, place)])
    rows = [(place, _trimmed(row)) for place, row in rest]
    for place, row in rows:
        if len(row) > len(columns):
            detail = "The line has more fields than there are columns; a number has no separator of thousands."
            raise ShapeInvalid("A line has too many fields.", [_item("columns", detail, place)])
    return [(place, [*row, *[""] * (len(columns) - len(row))]) for place, row in rows if row], separator == ";"


def _item(code: str, detail: str, place: str) -> Item:
    return Item("", code, detail, place=place)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8; save it as CSV UTF-8.") from None


def _separator(text: str) -> str:
    """The separator of the header, which no column's name contains."""
    head = text.lstrip("\r\n").partition("\n")[0]
    return ";" if ";" in head and "," not in head else ","


def _lines(text: str, separator: str) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            yield f"line {reader.line_num}", [field.strip() for field in row]
    except csv.Error:
        raise Unreadable(f"The file cannot be read as CSV near line {reader.line_num}; check its quotes.") from None


def _trimmed(row: Sequence[str]) -> list[str]:
    """The row without the empty fields at its end."""
    end = max((number for number, field in enumerate(row, 1) if field), default=0)
    return list(row[:end])
