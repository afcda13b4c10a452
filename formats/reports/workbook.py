"""The empty workbook of a report: made from the dictionary, locked but for the cells to fill in, with choices and help.

It is made once for each dictionary; `filled_workbook.py` puts a report into it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from domain.dictionary import Binding, CellName, Dictionary, Indicator, Kind
from domain.load_dictionary import shipped_dictionaries
from formats.reports import layout
from formats.reports.cells import GAPS, SHORT
from formats.reports.fields import FIELDS, ReportField
from formats.reports.help import KINDS, rules_of

_INPUT = PatternFill("solid", fgColor="FFF8D6")
_HEAD = PatternFill("solid", fgColor="1F3A5F")
_BAND = PatternFill("solid", fgColor="E8EDF3")
_TYPED, _CHOSEN, _SHOWN = "typed", "chosen", "shown"
"""Styles: numbers to type; codes to choose, as text so that no program makes a date of them; what is only shown."""
_WRAP = Alignment(wrap_text=True, vertical="top")
_WIDTHS = {
    layout.START: (110,),
    layout.ABOUT: (38, 24, 70, 24, 26),
    layout.COUNTS: (46, 12, 16, 14, 30, 60, 60, 26, 20, 24),
    layout.WARNINGS: (10, 20, 100),
    layout.RULES: (10, 20, 120),
}
_START = (
    "How to report one month with this workbook",
    "1. On the sheet About, answer how your counts are made. Each answer is chosen from a list.",
    "2. On the sheet Counts, fill in the yellow cells. Type a number, also where it is 0. An empty cell never means 0.",
    "3. Where you have no number, leave Value empty and choose a Status: not_collected (nobody counts it), "
    "not_applicable (it cannot happen at your site), not_reported (it is counted and you do not send it).",
    "4. Where a number is too small to send, type what it is below as the value: <5 means fewer than 5. "
    f"{' and '.join(f'{short} means {code}' for short, code in SHORT.items())}; other words and signs are refused.",
    "5. Lines marked core are needed in every report. Another indicator, or a breakdown, that you do not report stays "
    "empty as a whole. Once one line of a breakdown is filled in, fill in all of its lines.",
    "6. The column Check compares a breakdown with its total while you type. The hub checks everything again.",
    "7. Save the file as .xlsx and send it to the hub. What is wrong comes back with the sheet and the cell. Nothing "
    "is stored until all is right; then you get a receipt.",
    "8. A warning is no error: the number is unusual. If it is right, choose the rule and a reason on the sheet "
    "Warnings and send the workbook again. If not, correct the number.",
    "Only counts belong here: no names, no dates of birth, no lists of persons, no notes. Formulas are read by the "
    "value that your spreadsheet program saved with them.",
)


@dataclass(frozen=True)
class Blank:
    """The empty workbook: the parts of its zip, the part of each sheet, and the row of each cell and field."""

    parts: Mapping[str, bytes]
    sheets: Mapping[str, str]
    cells: Mapping[CellName, int]
    fields: Mapping[str, int]


@cache
def blank_workbook(version: str) -> Blank:
    """The empty workbook of a shipped dictionary."""
    dictionary, book = shipped_dictionaries()[version], Workbook()
    sheets: dict[str, Any] = {layout.START: book.active}
    sheets |= {name: book.create_sheet(name) for name in layout.SHEETS[1:]}
    sheets[layout.START].title = layout.START
    for name, number_format, locked in ((_TYPED, "General", False), (_CHOSEN, "@", False), (_SHOWN, "@", True)):
        fill, protection = PatternFill() if locked else _INPUT, Protection(locked=locked)
        book.add_named_style(NamedStyle(name, fill=fill, protection=protection, number_format=number_format))
    _write_start(sheets[layout.START])
    fields = _write_about(sheets[layout.ABOUT], dictionary)
    counts = _Counts(sheets[layout.COUNTS], dictionary)
    counts.write()
    _write_warnings(sheets[layout.WARNINGS], dictionary)
    _write_rules(sheets[layout.RULES], dictionary)
    for name, sheet in sheets.items():
        _lock(sheet, _WIDTHS[name])
    book.security = WorkbookProtection(lockStructure=True)
    numbers = {name: f"xl/worksheets/sheet{number}.xml" for number, name in enumerate(layout.SHEETS, 1)}
    return Blank(_parts(book), numbers, counts.rows, fields)


def _write_start(sheet: Worksheet) -> None:
    for number, text in enumerate(_START, 1):
        cell = sheet.cell(number, 1, text)
        cell.alignment = _WRAP
        cell.font = Font(bold=number == 1, size=14 if number == 1 else 11)


def _write_about(sheet: Worksheet, dictionary: Dictionary) -> dict[str, int]:
    """Write the sheet, and answer the row of each field."""
    _write_head(sheet, layout.ABOUT_COLUMNS)
    for name in (layout.SITE, layout.MONTH):
        text = "As in the address that the file is sent to; may stay empty."
        sheet.append([name.capitalize(), None, text, None, name])
    for known in FIELDS.values():
        fixed = known.write(dictionary.version) if known.kind == "version" else None
        sheet.append([known.label, fixed, _choices(dictionary, known), None, known.name])
        if codes := _codes(dictionary, known):
            _offer(sheet, f"B{sheet.max_row}", f'"{",".join(codes)}"')
    rows = {str(sheet.cell(row, 5).value): row for row in range(2, sheet.max_row + 1)}
    for row in rows.values():
        sheet.cell(row, 4).style = _SHOWN
        if sheet.cell(row, 2).value is None:
            sheet.cell(row, 2).style = _CHOSEN
    return rows


def _codes(dictionary: Dictionary, known: ReportField) -> Sequence[str]:
    return ("yes", "no") if known.kind == "yes_no" else dictionary.code_list(known.codes) if known.codes else ()


def _choices(dictionary: Dictionary, known: ReportField) -> str:
    if known.codes:
        needed = "" if known.path[0] == "about" and len(known.path) == 2 else "Mostly empty. "
        return needed + "; ".join(f"{c.code}: {c.label}" for c in dictionary.codes[known.codes])
    return {"day": "Mostly empty. A day of the month, 1 to 31.", "yes_no": "yes or no"}.get(known.kind, "")


class _Counts:
    """Writes the sheet of counts, line by line."""

    def __init__(self, sheet: Worksheet, dictionary: Dictionary) -> None:
        self.sheet = sheet
        self.dictionary = dictionary
        self.rows: dict[CellName, int] = {}
        self.row = 1

    def write(self) -> None:
        """The head, then each indicator with its breakdowns."""
        _write_head(self.sheet, layout.COUNT_COLUMNS)
        for indicator in self.dictionary.indicators:
            total = self._total(indicator)
            for binding in indicator.bindings:
                self._breakdown(indicator, binding, total)
        rows = self.row
        _offer(self.sheet, f"C2:C{rows}", f'"{",".join(GAPS)}"')
        typed = DataValidation("custom", formula1='OR(ISNUMBER(B2),LEFT(B2,1)="<",LEFT(B2,2)="n/")', allow_blank=True)
        typed.error, typed.showErrorMessage = "Type a number, or <5 for fewer than 5. Other words go to Status.", True
        typed.add(f"B2:B{rows}")
        self.sheet.add_data_validation(typed)

    def _total(self, indicator: Indicator) -> int:
        texts = "\n".join(f"{rule.id}: {rule.text}" for rule in rules_of(self.dictionary, indicator))
        label = f"{indicator.label} ({indicator.unit}{', core' if indicator.core else ''})"
        row = self._line(label, CellName(indicator.id), indicator.definition, texts)
        self.sheet.cell(row, 1).font = Font(bold=True)
        if indicator.core:
            self.sheet.cell(row, 5, f'=IF(AND(B{row}="",C{row}=""),"needed","")')
        return row

    def _breakdown(self, indicator: Indicator, binding: Binding, total: int) -> None:
        codes = binding.breakdown.categories
        head = self._append(f"   by {binding.breakdown.label}: {KINDS[binding.kind]}")
        for column in range(1, 8):
            self.sheet.cell(head, column).fill = _BAND
        self.sheet.cell(head, 5, _check(binding.kind, total, head + 1, head + len(codes)))
        for category in codes:
            self._line(f"      {category.label}", CellName(indicator.id, binding.breakdown.id, category.code))

    def _line(self, label: str, name: CellName, definition: str = "", rules: str = "") -> int:
        codes = (name.indicator, name.breakdown or None, name.category or None)
        row = self.rows[name] = self._append(label, *[None] * 4, definition or None, rules or None, *codes)
        for column, style in ((2, _TYPED), (3, _TYPED), (4, _SHOWN)):
            self.sheet.cell(row, column).style = style
        if definition:
            for column in (6, 7):
                self.sheet.cell(row, column).alignment = _WRAP
        return row

    def _append(self, *values: Any) -> int:
        self.sheet.append(values)
        self.row += 1  # the sheet would count its cells to know
        return self.row


def _check(kind: Kind, total: int, first: int, last: int) -> str:
    """The formula that says beside a breakdown whether it is whole and fits its total."""
    values, filled, lines = f"B{first}:B{last}", f"COUNTA(B{first}:C{last})", last - first + 1
    difference = f"ROUND(SUM({values})-B{total},2)"
    wrong = {
        Kind.PARTITION: f'IF({difference}=0,"adds up","adds up to "&SUM({values})&", not to the total")',
        Kind.SUBSET: f'IF({difference}<=0,"fits","adds up to more than the total")',
        Kind.MULTI: f'IF(MAX({values})<=B{total},"fits","a line is above the total")',
    }[kind]
    counted = f'IF(COUNT({values},B{total})<{lines + 1},"not checked here: not all are numbers",{wrong})'
    return f'=IF({filled}=0,"",IF({filled}<{lines},"fill in every line",{counted}))'


def _write_warnings(sheet: Worksheet, dictionary: Dictionary) -> None:
    """A row for every rule with every reason, so that whatever a report acknowledges has room."""
    _write_head(sheet, layout.WARNING_COLUMNS)
    rules, reasons = len(dictionary.rules), dictionary.code_list("acknowledgements")
    last = rules * len(reasons) + 1
    for row in range(2, last + 1):
        text = f'=IF(A{row}="","",VLOOKUP(A{row},{layout.RULES}!A2:C{rules + 1},3,FALSE))'
        sheet.append([None, None, text])
        for column in (1, 2):
            sheet.cell(row, column).style = _CHOSEN
    _offer(sheet, f"A2:A{last}", f"{layout.RULES}!$A$2:$A${rules + 1}")
    _offer(sheet, f"B2:B{last}", f'"{",".join(reasons)}"')


def _write_rules(sheet: Worksheet, dictionary: Dictionary) -> None:
    _write_head(sheet, layout.RULE_COLUMNS)
    for rule in dictionary.rules:
        sheet.append([rule.id, rule.level, rule.text])
        sheet.cell(sheet.max_row, 3).alignment = _WRAP


def _write_head(sheet: Worksheet, columns: Iterable[str]) -> None:
    sheet.append(list(columns))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
    sheet.freeze_panes = "B2"


def _offer(sheet: Worksheet, cells: str, source: str) -> None:
    choices = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
    choices.error = "Choose from the list."
    choices.add(cells)
    sheet.add_data_validation(choices)


def _lock(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Protect all but the cells to fill in, without a password: against slips, not against people."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _parts(book: Workbook) -> dict[str, bytes]:
    """The parts of the workbook's zip."""
    saved = io.BytesIO()
    book.properties.creator = "Crosstally"
    book.save(saved)
    with zipfile.ZipFile(saved) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
