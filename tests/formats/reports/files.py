"""A report in every form, from the same content, and back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook

from domain.load_dictionary import shipped_dictionaries
from formats.reports import adx, dhis2_json, tidy_csv, xlsx
from formats.reports.sheet import Origin, Sheet

DICTIONARIES = shipped_dictionaries()
DICTIONARY = DICTIONARIES["2026.1"]
ORIGIN = Origin("nyc-east", "2026-05", datetime(2026, 6, 5, tzinfo=UTC))

WRITERS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
    tidy_csv.MEDIA_TYPE: lambda content: tidy_csv.write(content, ORIGIN),
    xlsx.MEDIA_TYPE: lambda content: xlsx.write(content, ORIGIN),
    adx.MEDIA_TYPE: lambda content: adx.write(content, ORIGIN),
    dhis2_json.MEDIA_TYPE: lambda content: dhis2_json.write(content, ORIGIN),
}
READERS: Mapping[str, Callable[[bytes], Sheet]] = {
    tidy_csv.MEDIA_TYPE: lambda data: tidy_csv.read(data, DICTIONARIES),
    xlsx.MEDIA_TYPE: lambda data: xlsx.read(data, DICTIONARIES),
    adx.MEDIA_TYPE: lambda data: adx.read(data, DICTIONARIES),
    dhis2_json.MEDIA_TYPE: lambda data: dhis2_json.read(json.loads(data), DICTIONARIES),
}


@cache
def _opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def changed_workbook(data: bytes, cells: Mapping[str, Mapping[str, object]]) -> bytes:
    """The workbook with other values in some cells, by sheet and address."""
    book, saved = _opened(data), io.BytesIO()
    changes = [(book[sheet][address], value) for sheet, values in cells.items() for address, value in values.items()]
    before = [(cell, cell.value, cell.number_format) for cell, _ in changes]
    for cell, value in changes:
        cell.value = value
    book.save(saved)
    for cell, value, number_format in before:
        cell.value, cell.number_format = value, number_format
    return saved.getvalue()


def address_of(data: bytes, column: str, indicator: str, breakdown: str = "", category: str = "") -> str:
    """Where a cell of a workbook stands on the sheet Counts."""
    wanted = (indicator, breakdown or None, category or None)
    rows = _opened(data)["Counts"].iter_rows(min_col=8, max_col=10, values_only=True)
    return f"{column}{[*rows].index(wanted) + 1}"
