"""Reads a report from the workbook of `workbook.py`, after it is known to be nothing but cells.

A workbook is a zip of XML files that strangers made. Before it is opened its size unpacked is limited, and macros,
links to other files, embedded things and document types are refused. Only values are read: that of a formula is the
one which the spreadsheet program saved with it.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any
from xml.sax.handler import ContentHandler

from defusedxml import sax
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple

from domain.dictionary import CellName, Dictionary
from domain.refusals import Item, ShapeInvalid, Unreadable
from formats.reports import layout
from formats.reports.cells import UNKNOWN_STATUS, Misread, cell_of
from formats.reports.filled_workbook import Filling, write_workbook
from formats.reports.sheet import Gathering, Origin, Sheet

MEDIA_TYPE = CONTENT_TYPE = layout.MEDIA_TYPE

ACKNOWLEDGING = (
    f"If it is right, choose {{rule}} and a reason on the sheet {layout.WARNINGS} and send the workbook again."
)

MAX_PARTS = 200
MAX_UNPACKED = 8 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS = 5000, 50
_ACTIVE = re.compile(
    r"vbaProject|macrosheets|externalLinks|embeddings|activeX|connections\.xml|queryTables|webextensions", re.IGNORECASE
)
_FORMULA = object()
"""A formula whose value was not saved with it."""

Line = Mapping[str, tuple[Any, str]]
"""A row of a sheet: by the name of the column its value and the cell's place."""


def read(data: bytes, dictionaries: Mapping[str, Dictionary]) -> Sheet:
    """The report in a workbook; raises Unreadable or ShapeInvalid for what is not the template's."""
    sheets = dict(_sheets(data))
    _check_layout(sheets)
    gathering = Gathering(dictionaries, ACKNOWLEDGING)
    origin = {layout.SITE: ("", ""), layout.MONTH: ("", "")}
    for line in _lines(layout.ABOUT, sheets[layout.ABOUT], gathering):
        (name, _), (answer, place) = line[layout.FIELD], line[layout.ANSWER]
        if name in origin:
            origin[str(name)] = (f"{answer:%Y-%m}" if isinstance(answer, date) else _text(answer)), place
        elif name is not None:
            _state(gathering, str(name), answer, place)
    for line in _lines(layout.COUNTS, sheets[layout.COUNTS], gathering):
        _count(gathering, line)
    for line in _lines(layout.WARNINGS, sheets[layout.WARNINGS], gathering):
        (rule, place), (reason, place_of_reason) = line[layout.RULE], line[layout.REASON]
        gathering.acknowledge(_text(rule), _text(reason), place, place_of_reason)
    (site, place_of_site), (month, place_of_month) = origin[layout.SITE], origin[layout.MONTH]
    return gathering.sheet(site=site, month=month, heads=(place_of_site, place_of_month))


def write(content: Mapping[str, Any], origin: Origin) -> bytes:
    """The content of a report as a workbook."""
    return write_workbook(content["dictionary"], Filling(origin.site, origin.month, content))


def tables(data: bytes) -> list[list[list[str]]]:
    """Every sheet of a workbook as rows of cells as text; raises Unreadable."""
    return [[[_text(value) for value in row] for row in rows] for _, rows in _sheets(data)]


def _state(gathering: Gathering, name: str, answer: Any, place: str) -> None:
    if isinstance(answer, bool):
        answer = "yes" if answer else "no"
    if answer is _FORMULA or isinstance(answer, date | time | timedelta):
        gathering.fault("/about", "not_text", "Choose the answer from the list; no formula and no date.", place)
    else:
        gathering.state(name, _text(answer), place)


def _count(gathering: Gathering, line: Line) -> None:
    indicator, breakdown, category = (
        _text(line[column][0]) for column in (layout.INDICATOR, layout.BREAKDOWN, layout.CATEGORY)
    )
    (value, place), (status, place_of_status) = line[layout.VALUE], line[layout.STATUS]
    name = CellName(indicator, breakdown, category)
    if not indicator:
        if value is not None or status is not None:
            gathering.fault("", "outside_the_form", "Nothing is filled in here; use the yellow cells.", place)
        return
    try:
        gathering.count(name, _cell(value, _text(status)), place)
    except Misread as wrong:
        gathering.misread(name, wrong.code, wrong.detail, place_of_status if wrong.code == UNKNOWN_STATUS else place)


def _cell(value: Any, status: str) -> Any:
    if value is _FORMULA:
        detail = "A formula stands here without its value; save the file in a spreadsheet program, or type the number."
        raise Misread("formula_without_value", detail)
    if isinstance(value, bool) or isinstance(value, date | time | timedelta):
        raise Misread("not_a_number", "This is a date or a yes or no; type the number, and format the cell as one.")
    if isinstance(value, int | float) and not status:
        return value
    return cell_of(_text(value), status)


def _text(value: Any) -> str:
    if value is None or value is _FORMULA:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _check_layout(sheets: Mapping[str, Sequence]) -> None:
    missing = [name for name in layout.COLUMNS if name not in sheets]
    if missing or sheets.keys() - set(layout.SHEETS):
        detail = f"The sheets are {', '.join(layout.SHEETS)}, as in the template, and no others."
        raise ShapeInvalid("The workbook is not the template.", [Item("", "sheets", detail, place="workbook")])
    for name, columns in layout.COLUMNS.items():
        head = [_text(value) for value in (sheets[name] or [[]])[0]]
        if not set(columns) <= set(head):
            detail = f"The first row names the columns {', '.join(columns)}, as in the template."
            raise ShapeInvalid(
                "The workbook is not the template.", [Item("", "columns", detail, place=f"sheet {name}")]
            )


def _lines(name: str, rows: Sequence[Sequence[Any]], gathering: Gathering) -> Iterator[Line]:
    """The rows of a sheet below its head; what stands outside of its columns is a fault."""
    known = layout.COLUMNS[name]
    columns = {number: _text(value) for number, value in enumerate(rows[0]) if _text(value) in known}
    for number, row in enumerate(rows[1:], 2):
        for column, value in enumerate(row):
            if value is not None and column not in columns:
                place = _place(name, column, number)
                gathering.fault("", "outside_the_form", "Nothing may stand here; clear the cell.", place)
        line = {known: (None, f"sheet {name}, row {number}") for known in known}
        line |= {columns[c]: (value, _place(name, c, number)) for c, value in enumerate(row) if c in columns}
        yield line


def _place(sheet: str, column: int, row: int) -> str:
    letters = chr(65 + column) if column < 26 else f"A{chr(39 + column)}"
    return f"sheet {sheet}, cell {letters}{row}"


def _sheets(data: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    """(name, rows of values) of every sheet, none of the template's texts; a formula without a value is marked."""
    unsaved = _check_archive(data)
    try:
        with warnings.catch_warnings():
            # What openpyxl does not support of a workbook is nothing that we read.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            texts = (layout.START, layout.RULES)
            yield from [(s.title, [] if s.title in texts else _rows(s, unsaved)) for s in book.worksheets]
    except Unreadable:
        raise
    except Exception:  # whatever a broken part of the file leads openpyxl to
        raise Unreadable("The workbook cannot be read; save it anew as .xlsx.") from None


def _rows(sheet: Any, unsaved: Mapping[str, set[str]]) -> list[list[Any]]:
    sheet.reset_dimensions()
    rows = [list(row) for row in sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True)]
    if len(rows) > MAX_ROWS:
        raise Unreadable(f"A sheet has more than {MAX_ROWS} rows; the template has far fewer.")
    for row, column in map(coordinate_to_tuple, unsaved.get(sheet._worksheet_path, ())):
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = _FORMULA
    return rows


class _Formulas(ContentHandler):
    """Finds the cells of a sheet whose formula has no value saved with it."""

    def __init__(self) -> None:
        super().__init__()
        self.unsaved: set[str] = set()
        self.cell = self.inside = ""

    def startElement(self, name: str, attributes: Any) -> None:
        """Every formula counts as unsaved until its value comes."""
        self.inside = name
        if name == "c":
            self.cell = attributes.get("r", "")
        elif name == "f":
            self.unsaved.add(self.cell)

    def characters(self, content: str) -> None:
        """The value of the formula, where it is one."""
        if self.inside == "v" and content.strip():
            self.unsaved.discard(self.cell)


def _check_archive(data: bytes) -> dict[str, set[str]]:
    """The cells, by the part of their sheet, of formulas without a value; raises Unreadable for no plain workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Unreadable("The workbook is too large when unpacked; fill in the template alone.")
            if any(_ACTIVE.search(part.filename) for part in parts) or b"macroEnabled" in _types(archive):
                raise Unreadable("The workbook has macros, links or embedded objects; save it as plain .xlsx.")
            xml = (part.filename for part in parts if part.filename.endswith((".xml", ".rels", ".vml")))
            return {name: _checked(archive.read(name)) for name in xml}
    except Unreadable:
        raise
    except Exception:  # no zip, an encrypted one, no XML in it, or a document type: each has errors of its own
        raise Unreadable("This is no workbook, or an encrypted one; save it as plain .xlsx.") from None


def _checked(part: bytes) -> set[str]:
    found = _Formulas()
    sax.parseString(part, found, forbid_dtd=True)
    return found.unsaved


def _types(archive: zipfile.ZipFile) -> bytes:
    return archive.read("[Content_Types].xml")
