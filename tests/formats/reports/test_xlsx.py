"""The workbook: a locked form with choices, read cell by cell; whatever else a workbook can hold is refused."""

import io
import re
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook

from domain.refusals import ShapeInvalid, Unreadable
from formats.reports import layout, xlsx
from formats.reports.filled_workbook import Filling, write_workbook
from tests.builders import EXAMPLE
from tests.formats.reports.files import DICTIONARIES, DICTIONARY, ORIGIN, address_of, changed_workbook

BLANK = write_workbook(DICTIONARY.version, Filling())
FULL = xlsx.write(EXAMPLE, ORIGIN)


def read(data: bytes):
    return xlsx.read(data, DICTIONARIES)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part of its zip added or replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return made.getvalue()


def test_what_was_written_is_read_back():
    sheet = read(FULL)
    assert (sheet.content, sheet.faults, sheet.site, sheet.month) == (EXAMPLE, (), "nyc-east", "2026-05")
    assert sheet.place_of("/indicators/operating_hours/total") == "sheet Counts, cell B3"
    assert sheet.place_of("/about/visit_basis") == "sheet About, cell B5"


def test_the_same_content_is_the_same_file():
    assert xlsx.write(EXAMPLE, ORIGIN) == FULL


def test_only_the_cells_to_fill_in_are_open():
    book = load_workbook(io.BytesIO(BLANK))
    assert book.security.lockStructure
    assert all(sheet.protection.sheet for sheet in book)
    opened = {(sheet.title, cell.column_letter) for sheet in book for row in sheet for cell in row
              if not cell.protection.locked}  # fmt: skip
    assert opened == {("About", "B"), ("Counts", "B"), ("Counts", "C"), ("Warnings", "A"), ("Warnings", "B")}
    counts = book["Counts"]
    for row in counts.iter_rows(min_row=2):
        is_cell = row[7].value is not None
        assert row[1].protection.locked is (not is_cell), "headings of breakdowns are not filled in"


def test_codes_and_statuses_are_chosen_from_lists():
    book = load_workbook(io.BytesIO(BLANK))
    lists = {str(v.sqref): v.formula1 for v in book["Counts"].data_validations.dataValidation if v.type == "list"}
    assert lists == {f"C2:C{book['Counts'].max_row}": '"not_collected,not_applicable,not_reported"'}
    offered = [v.formula1 for v in book["About"].data_validations.dataValidation]
    assert f'"{",".join(DICTIONARY.code_list("ems_policy"))}"' in offered and '"yes,no"' in offered
    assert all(len(formula) < 256 for formula in offered), "spreadsheets take no longer list"
    assert "Rules!$A$2:$A$27" in [v.formula1 for v in book["Warnings"].data_validations.dataValidation]


def test_each_field_has_its_definition_and_its_rules_beside_it():
    rows = load_workbook(io.BytesIO(BLANK))["Counts"].iter_rows(min_row=2, values_only=True)
    totals = {row[7]: row for row in rows if row[7] and not row[8]}
    assert totals.keys() == DICTIONARY.by_id.keys()
    rules = {rule.id: rule.text for rule in DICTIONARY.rules}
    for indicator, row in totals.items():
        assert row[5] == DICTIONARY.by_id[indicator].definition
    assert f"r19: {rules['r19']}" in totals["deaths_overdose_onsite"][6]
    for rule in ("r03", "r07", "r13"):
        assert f"{rule}: {rules[rule]}" in totals["visits_consumption"][6]
    assert "r19" not in totals["visits_consumption"][6]


def test_last_month_stands_beside_each_field_and_is_not_sent():
    data = write_workbook(DICTIONARY.version, Filling("nyc-east", "2026-06", {}, EXAMPLE))
    sheet = load_workbook(io.BytesIO(data))["Counts"]
    shown = {row[7]: row[3] for row in sheet.iter_rows(min_row=2, values_only=True) if row[7] and not row[8]}
    assert (shown["operating_days"], shown["ems_calls"], shown["participants_unique"]) == ("31", "<5", "not_collected")
    assert read(data).content["indicators"]["operating_days"] == {}


def test_the_empty_template_asks_for_what_every_report_gives():
    core = {f"/indicators/{indicator.id}/total" for indicator in DICTIONARY.indicators if indicator.core}
    assert {(item.pointer, item.code) for item in read(BLANK).faults} == {(pointer, "empty") for pointer in core}


@pytest.mark.parametrize(
    ("value", "content"),
    [(7, 7), (7.0, 7), ("7", 7), (" <5 ", {"lt": 5}), ("n/c", {"status": "not_collected"}),
     ("N/R", {"status": "not_reported"}), ("not_applicable", {"status": "not_applicable"})],
)  # fmt: skip
def test_what_may_be_typed_as_a_value(value, content):
    sheet = read(changed_workbook(FULL, {"Counts": {"B2": value}}))
    assert sheet.faults == ()
    assert sheet.content["indicators"]["operating_days"] == {"total": content}


@pytest.mark.parametrize(
    ("value", "code"),
    [("~30", "not_a_number"), ("n/a", "ambiguous"), ("1,031", "not_a_number"), (True, "not_a_number"),
     (date(2026, 5, 31), "not_a_number"), ("=30+1", "formula_without_value"), ("#REF!", "not_a_number"),
     ("<", "bound_missing")],
)  # fmt: skip
def test_what_may_not_be_typed_is_pointed_at_by_sheet_and_cell(value, code):
    sheet = read(changed_workbook(FULL, {"Counts": {"B2": value}}))
    assert [(item.code, item.place) for item in sheet.faults] == [(code, "sheet Counts, cell B2")]


def test_a_status_goes_without_a_value():
    sheet = read(changed_workbook(FULL, {"Counts": {"C2": "not_collected"}}))
    assert [(item.code, item.place) for item in sheet.faults] == [("contradiction", "sheet Counts, cell B2")]
    sheet = read(changed_workbook(FULL, {"Counts": {"B2": None, "C2": "not_collected"}}))
    assert sheet.content["indicators"]["operating_days"] == {"total": {"status": "not_collected"}}


def test_the_saved_value_of_a_formula_is_read():
    plain = changed_workbook(FULL, {"Counts": {"B2": "=30+1"}})
    name = "xl/worksheets/sheet3.xml"
    part = zipfile.ZipFile(io.BytesIO(plain)).read(name)
    assert part.count(b"<f>30+1</f>") == 1
    saved = with_part(plain, name, re.sub(rb"<f>30\+1</f><v ?(/>|></v>)", b"<f>30+1</f><v>30</v>", part))
    assert read(saved).content["indicators"]["operating_days"] == {"total": 30}


@pytest.mark.parametrize(
    ("sheet", "cell"), [("Counts", "L2"), ("Counts", "B600"), ("About", "G3"), ("Warnings", "E1"), ("Counts", "B14")]
)
def test_nothing_may_stand_outside_of_the_form(sheet, cell):
    if cell == "B14":
        heads = [row[0].row for row in load_workbook(io.BytesIO(FULL))["Counts"] if row[7].value is None]
        cell = f"B{heads[0]}"
    found = read(changed_workbook(FULL, {sheet: {cell: "a note"}})).faults
    if cell == "E1":
        assert found == (), "a further heading alone is not read"
    else:
        assert [item.place for item in found] == [f"sheet {sheet}, cell {cell}"]
        assert "note" not in found[0].detail


def test_another_workbook_is_refused():
    book = load_workbook(io.BytesIO(FULL))
    book.create_sheet("People")
    more = io.BytesIO()
    book.save(more)
    book = load_workbook(io.BytesIO(FULL))
    del book[layout.COUNTS]
    fewer = io.BytesIO()
    book.save(fewer)
    renamed = changed_workbook(FULL, {"Counts": {"B1": "Number"}})
    hollow = with_part(FULL, "xl/workbook.xml", b"<workbook/>")
    for data in (more.getvalue(), fewer.getvalue(), renamed, hollow):
        with pytest.raises(ShapeInvalid) as refused:
            read(data)
        assert "People" not in refused.value.detail + refused.value.items[0].detail + refused.value.items[0].place


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def bomb() -> bytes:
    return with_part(FULL, "xl/media/zeros.bin", bytes(xlsx.MAX_UNPACKED))


def many_parts() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(xlsx.MAX_PARTS + 1):
            archive.writestr(f"{number}.xml", "<a/>")
    return made.getvalue()


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
HOSTILE = {
    "no zip": lambda: b"PK\x03\x04 and nothing else",
    "encrypted": encrypted,
    "zip bomb": bomb,
    "many parts": many_parts,
    "macros": lambda: with_part(FULL, "xl/vbaProject.bin", b"x"),
    "link to a file": lambda: with_part(FULL, "xl/externalLinks/externalLink1.xml", b"<a/>"),
    "embedded": lambda: with_part(FULL, "xl/embeddings/oleObject1.bin", b"x"),
    "database": lambda: with_part(FULL, "xl/connections.xml", b"<connections/>"),
    "entities": lambda: with_part(FULL, "xl/sharedStrings.xml", LAUGHS),
    "entities in utf-16": lambda: with_part(FULL, "xl/styles.xml", LAUGHS.decode().encode("utf-16")),
    "outside": lambda: with_part(FULL, "xl/styles.xml", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'),
    "broken part": lambda: with_part(FULL, "xl/worksheets/sheet3.xml", b"<worksheet>"),
    "cut off": lambda: FULL[:-200],
    "flipped": lambda: FULL[:900] + bytes(20) + FULL[920:],
    "no types": lambda: with_part(FULL, "[Content_Types].xml", b"<Types/>"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_more_than_cells_is_refused_before_it_is_opened(case):
    with pytest.raises(Unreadable) as refused:
        read(HOSTILE[case]())
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_sheet_of_very_many_rows_is_refused():
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, xlsx.MAX_ROWS + 3))
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    data = with_part(FULL, "xl/worksheets/sheet3.xml", f"{head}{cells}</sheetData></worksheet>".encode())
    with pytest.raises(Unreadable, match="rows"):
        read(data)


def test_the_month_may_have_become_a_date():
    assert read(changed_workbook(FULL, {"About": {"B3": date(2026, 5, 1)}})).month == "2026-05"


def test_the_check_beside_a_breakdown_says_what_kind_it_is():
    sheet = load_workbook(io.BytesIO(BLANK))["Counts"]
    address = address_of(BLANK, "E", "overdose_events", "overdose_type", "opioid")
    head = sheet[f"E{int(address[1:]) - 1}"].value
    assert head.startswith("=IF(COUNTA(") and "adds up" in head
    assert "together they are the total" in sheet[f"A{int(address[1:]) - 1}"].value
