"""From the empty workbook to an accepted report, with nothing to go by but what the hub says at each step."""

import io

from openpyxl import load_workbook

from formats.reports import xlsx

PLACE = "/v1/sites/nyc-east/reports/2026-05"
ABOUT = {"visit_basis": "consumption", "unique_method": "self code", "unique_scope": "site", "ems_policy": "other"}
COUNTS = {
    **{"operating_days": 31, "operating_hours": "248 h", "visits_consumption": "2,412", "overdose_events": 31},
    **{"ems_calls": "few", "participants_connected": 44, "referrals_made": 97},
}
LEFT = {("About", "B9"), ("About", "B10"), ("Counts", "B318")}


class Spreadsheet:
    """The workbook open in a spreadsheet program, and the hub that it is sent to."""

    def __init__(self, door) -> None:
        self.door = door
        self.book = load_workbook(io.BytesIO(door("GET", f"{PLACE}/template").data))
        counts = self.book["Counts"].iter_rows(min_row=2, min_col=8, max_col=10, values_only=True)
        self.rows = {names: row for row, names in enumerate(counts, 2)}
        fields = self.book["About"].iter_rows(min_row=2, min_col=5, max_col=5, values_only=True)
        self.fields = {name: row for row, (name,) in enumerate(fields, 2)}

    def fill(self, sheet: str, cell: str, value: object) -> None:
        self.book[sheet][cell] = value

    def count(self, value: object, *names: str, column: str = "B") -> None:
        indicator, breakdown, category = (*names, None, None)[:3]
        self.fill("Counts", f"{column}{self.rows[indicator, breakdown, category]}", value)

    def send(self, **headers: str):
        saved = io.BytesIO()
        self.book.save(saved)
        return self.door("PUT", PLACE, data=saved.getvalue(), content_type=xlsx.MEDIA_TYPE, headers=headers)


def cells(answer) -> dict[tuple[str, str], str]:
    """What is said about each cell."""
    told = {}
    for error in answer.json["errors"]:
        sheet, _, cell = error["place"].removeprefix("sheet ").partition(", cell ")
        told[sheet, cell] = error["detail"]
    return told


def test_one_finds_the_way_by_what_the_hub_says(doors):
    sheet = Spreadsheet(doors("nyc"))
    empty = cells(sheet.send())
    assert len(empty) == 15 and {name for name, _ in empty} == {"About", "Counts"}
    for field, answer in ABOUT.items():
        sheet.fill("About", f"B{sheet.fields[field]}", answer)
    for indicator, count in COUNTS.items():
        sheet.count(count, indicator)
    sheet.count("n/a", "participants_unique", column="C")
    sheet.count(20, "overdose_events", "overdose_type", "opioid")
    wrong = cells(sheet.send())
    assert LEFT <= wrong.keys()
    assert "self_code" in wrong["About", "B6"]
    assert "digits alone" in wrong["Counts", "B3"] and "digits alone" in wrong["Counts", "B168"]
    assert "<5" in wrong["Counts", "B308"]
    assert "not_collected" in wrong["Counts", "C21"], "the status is wrong, not the value beside it"
    assert "clear all of its lines" in wrong["Counts", "B253"]
    for (name, cell), value in {
        ("About", "B6"): "self_code", ("About", "B9"): "core", ("About", "B10"): "no", ("Counts", "B3"): 248,
        ("Counts", "B168"): 2412, ("Counts", "B308"): "<5", ("Counts", "B318"): 0, ("Counts", "C21"): "not_collected",
        ("Counts", "B253"): 9, ("Counts", "B254"): 9, ("Counts", "B255"): 0,
    }.items():  # fmt: skip
        sheet.fill(name, cell, value)
    (error,) = sheet.send().json["errors"]
    assert error["place"] == "sheet Counts, cells B252 to B255"
    sheet.count(2, "overdose_events", "overdose_type", "mixed")
    assert sheet.send().status_code == 201
    sheet.count(98, "referrals_made")
    again = sheet.send()
    assert (again.status_code, "its receipt and a GET give" in again.json["detail"]) == (428, True)
    etag = sheet.door("GET", PLACE).headers["ETag"]
    assert sheet.send(**{"If-Match": etag}).json["state"] == "submitted"
    decision = {"revision": 2, "decision": "accept"}
    assert doors("steward")("POST", f"{PLACE}/review", json=decision).json["state"] == "accepted"


def test_a_warning_says_where_in_the_file_it_is_acknowledged(doors):
    sheet = Spreadsheet(doors("nyc"))
    for field, answer in {**ABOUT, "unique_method": "self_code", "overdose_definition": "core"}.items():
        sheet.fill("About", f"B{sheet.fields[field]}", answer)
    sheet.fill("About", "B10", "no")
    right = {"operating_hours": 248, "visits_consumption": 2412, "ems_calls": 9, "participants_unique": 400}
    for indicator, count in {**COUNTS, **right, "deaths_overdose_onsite": 0, "ems_transports": 12}.items():
        sheet.count(count, indicator)
    sent = sheet.send()
    (finding,) = sent.json["findings"]
    assert finding["detail"].endswith("choose r17 and a reason on the sheet Warnings and send the workbook again.")
    sheet.fill("Warnings", "A2", "r17")
    sheet.fill("Warnings", "B2", "it is right")
    assert "checked_correct" in cells(sheet.send(**{"If-Match": sent.headers["ETag"]}))["Warnings", "B2"]
    sheet.fill("Warnings", "B2", "checked_correct")
    (finding,) = sheet.send(**{"If-Match": sent.headers["ETag"]}).json["findings"]
    assert "Warnings" not in finding["detail"], "it is done"


def test_in_csv_it_says_which_line(doors):
    lines = doors("nyc")("GET", "/v1/templates/2026.1?format=csv").text.splitlines()
    assert lines[0].startswith("indicator,")
    sent = "\n".join([lines[0], "about,dictionary,v2026.1,,,", "operating_days,,,31,,"])
    answer = doors("nyc")("PUT", PLACE, data=sent, content_type="text/csv")
    told = {error["pointer"]: error["detail"] for error in answer.json["errors"]}
    assert "take it over from the template" in told["/indicators/operating_hours"]


def test_a_form_upload_is_told_what_to_send_instead(doors):
    answer = doors("nyc")("PUT", PLACE, data={"file": (io.BytesIO(b"x"), "may.xlsx")})
    assert (answer.status_code, "the file itself" in answer.json["detail"]) == (415, True)
