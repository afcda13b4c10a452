"""Reports in every form through the door: the same report, the same revision, and errors that one finds in the file."""

import io
import json
from copy import deepcopy
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from formats.reports import adx, dhis2_json, tidy_csv, xlsx
from tests.builders import EXAMPLE, body, superuser
from tests.formats.reports.files import WRITERS, address_of, changed_workbook

PLACE = "/v1/sites/nyc-east/reports/2026-05"
NAMES = {"csv": tidy_csv.MEDIA_TYPE, "xlsx": xlsx.MEDIA_TYPE, "adx": adx.MEDIA_TYPE, "dhis2": dhis2_json.MEDIA_TYPE}


def stored(hub) -> list[str]:
    with superuser(hub.database) as connection:
        return list(connection.scalars(text("select sha256 from revisions order by number")))


def put(door, data: bytes, media_type: str, **headers: str):
    return door("PUT", PLACE, data=data, content_type=media_type, headers=headers)


def test_the_same_report_in_every_form_is_the_same_revision(hub, doors):
    nyc = doors("nyc")
    first = nyc("PUT", PLACE, json=EXAMPLE)
    for media_type, write in WRITERS.items():
        answer = put(nyc, write(EXAMPLE), media_type)
        assert (media_type, answer.status_code) == (media_type, 200)
        assert answer.headers["ETag"] == first.headers["ETag"]
    assert len(stored(hub)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_answered_in_the_form_asked_for_and_can_be_sent_back(doors, name):
    nyc = doors("nyc")
    sent = nyc("PUT", PLACE, json=EXAMPLE)
    by_name = nyc("GET", f"{PLACE}?format={name}", headers={"Accept": "application/json"})
    by_accept = nyc("GET", PLACE, headers={"Accept": NAMES[name]})
    assert by_name.data == by_accept.data
    assert by_name.mimetype == NAMES[name]
    assert (by_name.headers["ETag"], by_name.headers["Cache-Control"]) == (sent.headers["ETag"], "no-store")
    assert by_name.headers["Vary"] == "Accept"
    assert by_name.headers["Content-Disposition"] == f'attachment; filename="nyc-east-2026-05.{name}"'
    again = put(nyc, by_name.data, NAMES[name])
    assert (again.status_code, again.headers["ETag"]) == (200, sent.headers["ETag"])


def test_without_a_wish_the_answer_is_json(doors):
    nyc = doors("nyc")
    nyc("PUT", PLACE, json=EXAMPLE)
    for accept in ("*/*", "application/json, text/csv;q=0.5", "image/png"):
        assert nyc("GET", PLACE, headers={"Accept": accept}).json["report"] == EXAMPLE
    assert nyc("GET", f"{PLACE}?format=json", headers={"Accept": "text/csv"}).json["report"] == EXAMPLE
    assert nyc("GET", f"{PLACE}?format=pdf").status_code == 422


def test_a_reviewer_and_nobody_else_gets_another_operators_file(doors):
    doors("nyc")("PUT", PLACE, json=EXAMPLE)
    assert doors("steward")("GET", f"{PLACE}?format=csv").status_code == 200
    assert doors("ri")("GET", f"{PLACE}?format=csv").status_code == 404


def with_sheet(data: bytes, rows: list[list]) -> bytes:
    """The workbook with one sheet more."""
    book, saved = load_workbook(io.BytesIO(data)), io.BytesIO()
    sheet = book.create_sheet("Raw data")
    for row in rows:
        sheet.append(row)
    book.save(saved)
    return saved.getvalue()


def test_a_template_with_the_raw_records_on_a_further_sheet_is_refused_as_a_line_list(hub, doors):
    names = [f"{first} {last}" for first in ("Ann", "Bea", "Cy", "Dee") for last in ("Roe", "Poe", "Low")]
    persons = [[name, date(1980, 1, 1 + n), f"2026-05-{n + 1:02} 10:{n + 10}"] for n, name in enumerate(names)]
    records = [["Name", "Date of birth", "Visit"], *persons]
    for rows, problem in ((records, "line-list"), (persons, "line-list"), ([["to do: ask Ann"]], "shape-invalid")):
        answer = put(doors("nyc"), with_sheet(WRITERS[xlsx.MEDIA_TYPE](EXAMPLE), rows), xlsx.MEDIA_TYPE)
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (422, problem)
        assert not any(name.encode() in answer.data for name in ("Ann", "Roe", "Raw"))
    assert stored(hub) == []


def test_of_a_sum_that_is_wrong_all_the_lines_are_named(doors):
    broken = deepcopy(EXAMPLE)
    broken["indicators"]["overdose_events"]["by"]["overdose_type"]["opioid"] = 21
    places = {
        tidy_csv.MEDIA_TYPE: "lines 19 to 22",
        xlsx.MEDIA_TYPE: "sheet Counts, cells B252 to B255",
        adx.MEDIA_TYPE: "data values 11 to 14",
        dhis2_json.MEDIA_TYPE: "data values 18 to 21",
    }
    for media_type, place in places.items():
        (error,) = put(doors("nyc"), WRITERS[media_type](broken), media_type).json["errors"]
        assert (error["pointer"], error["place"]) == ("/indicators/overdose_events/by/overdose_type", place)


def test_what_breaks_a_rule_is_told_with_its_place_in_the_file(hub, doors):
    broken = body(operating_hours=800)
    places = {
        tidy_csv.MEDIA_TYPE: "line 10",
        xlsx.MEDIA_TYPE: "sheet Counts, cell B3",
        adx.MEDIA_TYPE: "data value 2",
        dhis2_json.MEDIA_TYPE: "data value 9",
    }
    for media_type, place in places.items():
        answer = put(doors("nyc"), WRITERS[media_type](broken), media_type)
        (error,) = answer.json["errors"]
        assert (answer.status_code, error["place"]) == (422, place)
        assert error["pointer"] == "/indicators/operating_hours/total"
    answer = doors("nyc")("PUT", PLACE, json=broken)
    assert "place" not in answer.json["errors"][0], "JSON has its pointers"
    assert stored(hub) == []


def test_a_warning_is_told_with_its_place_in_the_receipt(doors):
    doubtful = body(overdose_events=900)
    answer = put(doors("nyc"), WRITERS["text/csv"](doubtful), "text/csv")
    assert answer.status_code == 201
    (finding,) = [finding for finding in answer.json["findings"] if finding["rule"] == "r13"]
    assert finding["place"].startswith("line ")


def test_all_that_is_wrong_with_a_file_is_told_at_once(hub, doors):
    full = WRITERS[xlsx.MEDIA_TYPE](EXAMPLE)
    wrong = {
        "Counts": {
            "B2": None,
            "B3": "a lot",
            address_of(full, "B", "visits_consumption", "route_any", "oral"): None,
            address_of(full, "C", "referrals_made"): "not_collected",
        },
        "About": {"B8": None, "B5": "everything"},
    }
    answer = put(doors("nyc"), changed_workbook(full, wrong), xlsx.MEDIA_TYPE)
    found = {error["pointer"]: (error["code"], error.get("place")) for error in answer.json["errors"]}
    assert answer.status_code == 422
    assert found == {
        "/indicators/operating_days/total": ("empty", "sheet Counts, cell B2"),
        "/indicators/operating_hours/total": ("not_a_number", "sheet Counts, cell B3"),
        "/indicators/visits_consumption/by/route_any/oral": (
            "empty",
            f"sheet Counts, cell {address_of(full, 'B', 'visits_consumption', 'route_any', 'oral')}",
        ),
        "/indicators/referrals_made/total": (
            "contradiction",
            f"sheet Counts, cell {address_of(full, 'B', 'referrals_made')}",
        ),
        "/about/ems_policy": ("missing", "sheet About, cell B8"),
        "/about/visit_basis": ("invalid", "sheet About, cell B5"),
    }
    assert stored(hub) == []


HEADS = {
    xlsx.MEDIA_TYPE: ("sheet About, cell B2", "sheet About, cell B3"),
    adx.MEDIA_TYPE: ("group, attribute orgUnit", "group, attribute period"),
    dhis2_json.MEDIA_TYPE: ("orgUnit", "period"),
}


@pytest.mark.parametrize("media_type", HEADS)
def test_a_file_of_another_site_or_month_than_the_address_is_refused_where_it_says_so(hub, doors, media_type):
    data, (site, month) = WRITERS[media_type](EXAMPLE), HEADS[media_type]
    for path, found in (
        ("nyc-north/reports/2026-05", ("other_site", site)),
        ("nyc-east/reports/2026-04", ("other_month", month)),
    ):
        answer = doors("nyc")("PUT", f"/v1/sites/{path}", data=data, content_type=media_type)
        assert answer.status_code == 422
        assert [(error["code"], error["place"]) for error in answer.json["errors"]] == [found]
    assert stored(hub) == []


WAYS_TO_ACKNOWLEDGE = {
    tidy_csv.MEDIA_TYPE: "add the line",
    xlsx.MEDIA_TYPE: "on the sheet Warnings",
    adx.MEDIA_TYPE: "add r13:checked_correct",
    dhis2_json.MEDIA_TYPE: "the dataElement acknowledged.r13",
}


@pytest.mark.parametrize("media_type", WAYS_TO_ACKNOWLEDGE)
def test_a_warning_says_how_it_is_acknowledged_in_the_form_that_was_sent(doors, media_type):
    sent = body(overdose_events=900)
    told = put(doors("nyc"), WRITERS[media_type](sent), media_type).json["findings"]
    assert WAYS_TO_ACKNOWLEDGE[media_type] in next(finding["detail"] for finding in told if finding["rule"] == "r13")


def test_what_dhis2_itself_sends_as_json_is_told_apart(doors):
    data = WRITERS[dhis2_json.MEDIA_TYPE](EXAMPLE)
    assert put(doors("nyc"), data, "application/json").status_code == 201


BAD = {
    "csv, no columns": (b"a,b", "text/csv", 422),
    "csv, no utf-8": (b"indicator\xff", "text/csv", 400),
    "csv, latin by its own word": (b"x", "text/csv; charset=latin-1", 415),
    "csv, too large": (b"," * (1024 * 1024 + 1), "text/csv", 413),
    "csv, empty": (b"", "text/csv", 400),
    "xlsx, no zip": (b"PK", xlsx.MEDIA_TYPE, 400),
    "adx, no xml": (b"<", adx.MEDIA_TYPE, 400),
    "adx, other xml": (b"<a/>", adx.MEDIA_TYPE, 422),
    "adx, entities": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', adx.MEDIA_TYPE, 400),
    "dhis2, no json": (b"{", dhis2_json.MEDIA_TYPE, 400),
    "dhis2, a report": (json.dumps(EXAMPLE).encode(), dhis2_json.MEDIA_TYPE, 422),
    "dhis2, a list": (b"[]", dhis2_json.MEDIA_TYPE, 422),
    "excel of old": (b"x", "application/vnd.ms-excel", 415),
    "a form": (b"a=b", "application/x-www-form-urlencoded", 415),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_report_is_refused_in_the_order_of_the_checks(hub, doors, case):
    data, media_type, status = BAD[case]
    answer = put(doors("nyc"), data, media_type)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert stored(hub) == []
    if status == 415 and "charset" not in media_type:
        assert all(name in answer.json["detail"] for name in NAMES.values())


def test_a_compressed_body_is_refused(doors):
    answer = put(doors("nyc"), b"x", "text/csv", **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_list_of_persons_is_told_from_a_report_that_is_only_wrong(hub, doors):
    rows = "\r\n".join(f"Ann Marlow{n},198{n % 10}-03-0{1 + n % 9},F" for n in range(30))
    answer = put(doors("nyc"), f"name,date_of_birth,gender\r\n{rows}".encode(), "text/csv")
    assert answer.json["type"].endswith("/line-list")
    assert "Marlow" not in answer.text
    full = WRITERS[xlsx.MEDIA_TYPE](EXAMPLE)
    for media_type, data in (
        (xlsx.MEDIA_TYPE, changed_workbook(full, {"Counts": {"B2": "a lot"}})),
        ("text/csv", WRITERS["text/csv"](EXAMPLE).replace(b",31,", b",many,")),
        (adx.MEDIA_TYPE, WRITERS[adx.MEDIA_TYPE](EXAMPLE).replace(b'"31"', b'"many"')),
    ):
        answer = put(doors("nyc"), data, media_type)
        assert (media_type, answer.json["type"].rpartition("/")[2]) == (media_type, "shape-invalid")
