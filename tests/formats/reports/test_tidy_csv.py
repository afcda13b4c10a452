"""CSV: what spreadsheets make of it is read where it is sure, and refused with its line where it is not."""

import csv
import io

import pytest

from domain.refusals import ShapeInvalid, Unreadable
from formats.reports import tidy_csv
from tests.builders import EXAMPLE
from tests.formats.reports.files import DICTIONARIES, DICTIONARY, ORIGIN

HEADER = "indicator,breakdown,category,value,value_status,upper"
WHOLE = tidy_csv.write(EXAMPLE, ORIGIN).decode()


def read(text: str):
    return tidy_csv.read(text.encode(), DICTIONARIES)


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1
    return WHOLE.replace(old, new)


def faults(text: str) -> list[tuple[str, str, str]]:
    return [(item.pointer, item.code, item.place) for item in read(text).faults]


def test_what_was_written_is_read_back():
    sheet = read(WHOLE)
    assert (sheet.content, sheet.faults) == (EXAMPLE, ())
    assert sheet.place_of("/indicators/operating_days/total") == "line 9"
    assert sheet.place_of("/about/visit_basis") == "line 3"


def test_the_columns_are_exactly_these_and_values_are_numbers_or_nothing():
    rows = list(csv.DictReader(io.StringIO(WHOLE)))
    assert ",".join(rows[0]) == HEADER
    assert all(row["value"] == "" or float(row["value"]) >= 0 for row in rows)
    assert all(row["upper"] == "" or int(row["upper"]) > 0 for row in rows)
    taken_for_nothing = {"NA", "N/A", "NULL", "None", "nan", "null", "n/a", "NaN"}
    assert not taken_for_nothing & {text for row in rows for text in row.values()}, "pandas would lose these"


def test_a_hidden_count_travels_as_its_upper_bound_and_a_missing_one_as_its_status():
    assert "ems_calls,,,,suppressed_at_source,4" in WHOLE.splitlines()
    assert "participants_unique,,,,not_collected," in WHOLE.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + WHOLE,
        WHOLE.replace("\r\n", "\n"),
        WHOLE.replace("\r\n", "\r"),
        WHOLE.replace(",", ";"),
        WHOLE.replace(",", ";").replace(";248;", ";248,00;"),
        WHOLE + ",,,,,\r\n\r\n,,,,,\r\n",
        WHOLE.replace("about,provisional,no", "about,provisional,FALSE"),
        WHOLE.replace("v2026.1", "2026.1"),
        WHOLE.replace(",suppressed_at_source,4", "<5,,").replace(",,,<5", ",,,<5"),
        WHOLE.replace("participants_unique,,,,not_collected", "participants_unique,,,n/c,"),
        WHOLE.replace("participants_unique,,,,not_collected", "participants_unique,,,not_collected,"),
        WHOLE.replace(",2412,reported,", ", 2412 ,,"),
        "\r\n".join([WHOLE.splitlines()[0].upper(), *reversed(WHOLE.splitlines()[1:])]),
    ],
    ids=["bom", "lf", "cr", "semicolons", "decimal comma", "empty lines", "FALSE", "version", "<5", "n/c",
         "status typed", "spaces", "another order"],
)  # fmt: skip
def test_what_spreadsheets_make_of_it_is_read_the_same(text):
    sheet = read(text)
    assert (sheet.content, sheet.faults) == (EXAMPLE, ())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("operating_days,,,31,reported,", "operating_days,,,,,", "empty"),
        ("operating_days,,,31,reported,", "operating_days,,,,reported,", "empty"),
        ("operating_days,,,31,reported,", 'operating_days,,,"1,031",,', "not_a_number"),
        ("operating_days,,,31,reported,", "operating_days,,,1E+03,,", "not_a_number"),
        ("operating_days,,,31,reported,", "operating_days,,,1,031,reported,", "unknown_status"),
        ("operating_days,,,31,reported,", "operating_days,,,n/a,,", "ambiguous"),
        ("operating_days,,,31,reported,", "operating_days,,,few,,", "not_a_number"),
        ("operating_days,,,31,reported,", "operating_days,,,31,not_collected,", "contradiction"),
        ("operating_days,,,31,reported,", "operating_days,,,31,,31", "upper_without_status"),
        ("operating_days,,,31,reported,", "operating_days,,,31,hidden,", "unknown_status"),
        ("operating_days,,,31,reported,", "operating_days,,,,suppressed_at_source,", "bound_missing"),
        ("operating_days,,,31,reported,", "operating_days,,,<five,,", "bound_missing"),
    ],
)
def test_a_cell_that_is_not_sure_is_refused_with_its_line(old, new, code):
    assert faults(changed(old, new)) == [("/indicators/operating_days/total", code, "line 9")]


def test_one_empty_category_is_never_taken_for_zero():
    found = faults(changed("route_any,oral,0,reported,", "route_any,oral,,,"))
    assert found == [("/indicators/visits_consumption/by/route_any/oral", "empty", "line 15")]


def test_an_optional_indicator_left_empty_as_a_whole_is_left_out():
    assert read(WHOLE + "refusals,,,,,\r\nrefusals,refusal_reason,capacity,,,\r\n").content == EXAMPLE


def test_an_empty_total_beside_its_breakdown_is_refused():
    found = faults(WHOLE + "refusals,,,,,\r\nrefusals,refusal_reason,capacity,3,,\r\n")
    assert found[0][:2] == ("/indicators/refusals/total", "empty")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("people,,,3,,", "unknown"),
        ("ems_calls,age_band,under_20,3,,", "unknown"),
        ("ems_calls,ems_reason,panic,3,,", "unknown"),
        ("ems_calls,,overdose,3,,", "unknown"),
        ("about,note,x,,,", "unknown"),
        ("operating_days,,,31,,", "twice"),
        ("about,visit_basis,all,,,", "twice"),
        ("about,closed,,works,,", "wrong_column"),
        ("about,partial_month_first_day,3,,,", "wrong_column"),
    ],
)
def test_lines_that_say_what_no_report_can_say_are_refused(line, code):
    found = [item for item in read(WHOLE + line + "\r\n").faults if item.code == code]
    assert [item.place for item in found] == [f"line {len(WHOLE.splitlines()) + 1}"]
    assert "people" not in found[0].detail and "panic" not in found[0].detail, "what was sent is not repeated"


def test_what_is_no_file_of_these_columns_is_refused():
    for text in ("", "a,b\r\n1,2", HEADER + ",note\r\n", HEADER.replace("value,", "")):
        with pytest.raises(ShapeInvalid) as refused:
            read(text)
        assert refused.value.items[0].place == "line 1"
    with pytest.raises(ShapeInvalid) as refused:
        read(HEADER + "\r\noperating_hours,,,1,248,reported,1\r\n")
    assert refused.value.items[0].place == "line 2"
    for data in (WHOLE.encode("utf-16"), b"\xff\xfe", (HEADER + '\r\n"a').encode()):
        with pytest.raises(Unreadable):
            tidy_csv.read(data, DICTIONARIES)


def test_the_template_asks_for_what_every_report_gives_and_nothing_else():
    template = tidy_csv.write_template(DICTIONARY)
    sheet = tidy_csv.read(template, DICTIONARIES)
    core = {f"/indicators/{indicator.id}/total" for indicator in DICTIONARY.indicators if indicator.core}
    assert {item.pointer for item in sheet.faults} == core
    assert all(item.place.startswith("line ") for item in sheet.faults)
    assert sheet.place_of("/about/ems_policy").startswith("line ")


def test_many_reports_are_one_file_with_their_site_and_month():
    lines = WHOLE.splitlines()[1:]
    rows = [f"nyc-east,2026-0{month},{line}" for month in (4, 5) for line in lines]
    sheets = tidy_csv.read_many("\r\n".join(["site,month," + HEADER, *rows]).encode(), DICTIONARIES)
    assert [(sheet.site, sheet.month, sheet.content) for sheet in sheets] == [
        ("nyc-east", "2026-04", EXAMPLE),
        ("nyc-east", "2026-05", EXAMPLE),
    ]
