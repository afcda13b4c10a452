"""A report as a workbook: the empty one with its cells filled in.

To open and save a workbook takes openpyxl a hundred times as long as to fill in its cells, and the empty one is ours
and known. So its parts are kept, and what is filled in is put straight into the empty cells of its sheets. The same
content is the same file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from formats.reports import layout
from formats.reports.fields import fields_of
from formats.reports.sheet import cells_of
from formats.reports.workbook import Blank, blank_workbook

# Closed in one way or the other: openpyxl writes with lxml where that is installed.
_EMPTY_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"[^<>]*(?:/>|></c>)')
_MADE = re.compile(r"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

Address = tuple[str, str]
"""A sheet and a cell in it."""


@dataclass(frozen=True)
class Filling:
    """What stands in the workbook's cells: for which report it is, its content, and the content of the month before."""

    site: str = ""
    month: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)


def write_workbook(version: str, filling: Filling) -> bytes:
    """The workbook of a version of the dictionary, filled in as told."""
    blank, saved = blank_workbook(version), io.BytesIO()
    values = dict(_values(blank, filling))
    names = {part: name for name, part in blank.sheets.items()}
    with zipfile.ZipFile(saved, "w") as archive:
        for part, content in blank.parts.items():
            if part in names:
                content = _filled(content.decode(), names[part], values).encode()
            elif part == "docProps/core.xml":
                content = _MADE.sub(r"\g<1>2026-01-01T00:00:00Z", content.decode()).encode()
            entry = zipfile.ZipInfo(part)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return saved.getvalue()


def _values(blank: Blank, filling: Filling) -> Iterator[tuple[Address, Any]]:
    for origin, text in ((layout.SITE, filling.site), (layout.MONTH, filling.month)):
        if text:
            yield (layout.ABOUT, f"B{blank.fields[origin]}"), text
    for column, content in (("B", filling.content), ("D", filling.last)):
        for known, value in fields_of(content):
            yield (layout.ABOUT, f"{column}{blank.fields[known.name]}"), known.write(value)
    for row, entry in enumerate(filling.content.get("acknowledged", ()), 2):
        yield (layout.WARNINGS, f"A{row}"), entry["rule"]
        yield (layout.WARNINGS, f"B{row}"), entry["reason"]
    for name, cell in cells_of(filling.content) if filling.content else ():
        is_status = isinstance(cell, dict) and "status" in cell
        yield (layout.COUNTS, f"{'C' if is_status else 'B'}{blank.cells[name]}"), _typed(cell)
    for name, cell in cells_of(filling.last) if filling.last else ():
        if name in blank.cells:  # the month before may have been judged by another dictionary
            yield (layout.COUNTS, f"D{blank.cells[name]}"), str(_typed(cell))


def _typed(cell: Any) -> Any:
    """A cell as one would type it, or choose it from the list."""
    match cell:
        case {"lt": lt}:
            return f"<{lt}"
        case {"status": status}:
            return status
    return cell


def _filled(sheet: str, name: str, values: Mapping[Address, Any]) -> str:
    """The XML of a sheet with values in its empty cells."""

    def fill(found: re.Match) -> str:
        value = values.get((name, found[1]))
        if value is None:
            return found[0]
        head = f'<c r="{found[1]}" s="{found[2]}"'
        if isinstance(value, str):
            return f'{head} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f"{head}><v>{value}</v></c>"

    return _EMPTY_CELL.sub(fill, sheet)
