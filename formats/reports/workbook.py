"""A report as a workbook: made from the dictionary, locked but for the cells to fill in, with choices and help.

The same workbook serves as the empty template, as a site's template with its last month beside each field, and as a
report that was sent. It is the same bytes for the same content.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from domain.dictionary import Binding, CellName, Dictionary, Indicator, Kind
from formats.reports import layout
from formats.reports.cells import GAPS, SHORT
from formats.reports.fields import FIELDS, ReportField, fields_of
from formats.reports.help import KINDS, rules_of
from formats.reports.sheet import cells_of

_INPUT = PatternFill("solid", fgColor="FFF8D6")
_HEAD = PatternFill("solid", fgColor="1F3A5F")
_BAND = PatternFill("solid", fgColor="E8EDF3")
_TYPED, _CHOSEN = "typed", "chosen"
_WRAP = Alignment(wrap_text=True, vertical="top")
_WIDTHS = {
    layout.START: (110,),
    layout.ABOUT: (38, 24, 70, 24, 26),
    layout.COUNTS: (46, 12, 16, 14, 30, 60, 60, 26, 20, 24),
    layout.WARNINGS: (10, 20, 100),
    layout.RULES: (10, 20, 120),
}
_SPARE_WARNINGS = 30

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
class Filling:
    """What stands in the workbook's cells: for which report it is, its content, and the content of the month before."""

    site: str = ""
    month: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)


def write_workbook(dictionary: Dictionary, filling: Filling) -> bytes:
    """The workbook of a dictionary, filled in as told."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, number_format in ((_TYPED, "General"), (_CHOSEN, "@")):
        opened = Protection(locked=False)
        book.add_named_style(NamedStyle(name, fill=_INPUT, protection=opened, number_format=number_format))
    sheets = {name: book.create_sheet(name) for name in layout.SHEETS}
    _write_start(sheets[layout.START])
    _write_about(sheets[layout.ABOUT], dictionary, filling)
    _Counts(sheets[layout.COUNTS], dictionary, filling).write()
    _write_warnings(sheets[layout.WARNINGS], dictionary, filling.content.get("acknowledged", ()))
    _write_rules(sheets[layout.RULES], dictionary)
    for name, sheet in sheets.items():
        _lock(sheet, _WIDTHS[name])
    book.security = WorkbookProtection(lockStructure=True)
    return _bytes_of(book)


def _write_start(sheet: Worksheet) -> None:
    for number, text in enumerate(_START, 1):
        cell = sheet.cell(number, 1, text)
        cell.alignment = _WRAP
        cell.font = Font(bold=number == 1, size=14 if number == 1 else 11)


def _write_about(sheet: Worksheet, dictionary: Dictionary, filling: Filling) -> None:
    _write_head(sheet, layout.ABOUT_COLUMNS)
    now, last = ({f.name: f.write(v) for f, v in fields_of(c)} if c else {} for c in (filling.content, filling.last))
    for name, given in ((layout.SITE, filling.site), (layout.MONTH, filling.month)):
        text = "As in the address that the file is sent to; may stay empty."
        sheet.append([name.capitalize(), given, text, None, name])
        _open(sheet.cell(sheet.max_row, 2), is_input=not given)
    for known in FIELDS.values():
        fixed = known.write(dictionary.version) if known.kind == "version" else None
        answer = fixed or now.get(known.name)
        sheet.append([known.label, answer, _choices(dictionary, known), last.get(known.name), known.name])
        _open(sheet.cell(sheet.max_row, 2), is_input=not fixed)
        if codes := _codes(dictionary, known):
            _offer(sheet, f"B{sheet.max_row}", f'"{",".join(codes)}"')


def _codes(dictionary: Dictionary, known: ReportField) -> Sequence[str]:
    return ("yes", "no") if known.kind == "yes_no" else dictionary.code_list(known.codes) if known.codes else ()


def _choices(dictionary: Dictionary, known: ReportField) -> str:
    if known.codes:
        needed = "" if known.path[0] == "about" and len(known.path) == 2 else "Mostly empty. "
        return needed + "; ".join(f"{c.code}: {c.label}" for c in dictionary.codes[known.codes])
    return {"day": "Mostly empty. A day of the month, 1 to 31.", "yes_no": "yes or no"}.get(known.kind, "")


class _Counts:
    """Writes the sheet of counts, line by line."""

    def __init__(self, sheet: Worksheet, dictionary: Dictionary, filling: Filling) -> None:
        self.sheet = sheet
        self.dictionary = dictionary
        self.row = 1
        self.now = dict(cells_of(filling.content)) if filling.content else {}
        self.last = dict(cells_of(filling.last)) if filling.last else {}

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
        value, status = _typed(self.now.get(name))
        codes = (name.indicator, name.breakdown or None, name.category or None)
        last = " ".join(str(part) for part in _typed(self.last.get(name)) if part is not None)
        row = self._append(label, value, status, last or None, None, definition or None, rules or None, *codes)
        for column in (2, 3):
            _open(self.sheet.cell(row, column))
        if definition:
            for column in (6, 7):
                self.sheet.cell(row, column).alignment = _WRAP
        return row

    def _append(self, *values: Any) -> int:
        self.sheet.append(values)
        self.row += 1  # the sheet would count its cells to know
        return self.row


def _typed(cell: Any) -> tuple[Any, str | None]:
    """Value and status as one would type them."""
    match cell:
        case {"lt": lt}:
            return f"<{lt}", None
        case {"status": status}:
            return None, status
    return cell, None


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


def _write_warnings(sheet: Worksheet, dictionary: Dictionary, given: Sequence[Mapping[str, str]]) -> None:
    _write_head(sheet, layout.WARNING_COLUMNS)
    last_rule = len(dictionary.rules) + 1
    for number in range(max(_SPARE_WARNINGS, len(given))):
        entry = given[number] if number < len(given) else {}
        row = number + 2
        text = f'=IF(A{row}="","",VLOOKUP(A{row},{layout.RULES}!A2:C{last_rule},3,FALSE))'
        sheet.append([entry.get("rule"), entry.get("reason"), text])
        for column in (1, 2):
            _open(sheet.cell(row, column))
    _offer(sheet, f"A2:A{sheet.max_row}", f"{layout.RULES}!$A$2:$A${last_rule}")
    _offer(sheet, f"B2:B{sheet.max_row}", f'"{",".join(dictionary.code_list("acknowledgements"))}"')


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


def _open(cell: Cell | Any, *, is_input: bool = True) -> None:
    """Let a cell be filled in. As text where it holds no number, so that no program makes a date of it."""
    if is_input:
        cell.style = _TYPED if cell.parent.title == layout.COUNTS else _CHOSEN


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


def _bytes_of(book: Workbook) -> bytes:
    """The workbook's file without the moment it was made, so that the same content is the same file."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.properties.creator = "Crosstally"
    book.save(raw)
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, content)
    return fixed.getvalue()
