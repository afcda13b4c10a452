"""What docs/how-to/reporting.md shows is read, and its commands lead from the empty form to an accepted report."""

import io
import json
import re
import zipfile

import pytest

from cli.templates import template_files
from domain.report_content import report_from_content
from formats.reports import adx, dhis2_json, tidy_csv, xlsx
from formats.reports.sheet import Sheet
from tests.arrows import ROOT
from tests.builders import EXAMPLE, body
from tests.formats.reports.files import DICTIONARIES, DICTIONARY, address_of, changed_workbook

PAGE = (ROOT / "docs/how-to/reporting.md").read_text()


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.mark.parametrize(
    "sheet",
    [
        tidy_csv.read(example("csv").encode(), DICTIONARIES),
        adx.read(example("xml").encode(), DICTIONARIES),
        dhis2_json.read(json.loads(example("json")), DICTIONARIES),
    ],
    ids=["csv", "adx", "dhis2"],
)
def test_the_examples_are_read_and_lack_only_what_they_leave_out(sheet: Sheet):
    assert {item.code for item in sheet.faults} <= {"empty"}
    shown = sheet.content["indicators"]
    assert shown["overdose_events"]["total"] == 31
    assert shown["overdose_events"]["by"]["overdose_type"]["opioid"] == 20
    assert shown["ems_calls"]["total"] == {"lt": 5}
    assert shown["participants_unique"]["total"] == {"status": "not_collected"}
    assert sheet.content["acknowledged"][0] == {"rule": "r13", "reason": "checked_correct"}


def test_every_field_of_a_report_is_named():
    about = {*report_from_content(EXAMPLE).about.content} - {"partial_month"}
    for name in about | {"closed", "revision_reason", "partial_month_first_day", "partial_month_last_day"}:
        assert f"`{name}`" in PAGE


def test_the_committed_templates_are_those_of_the_dictionary():
    folder = ROOT / "docs/templates"
    assert {path.name for path in folder.iterdir()} == set(template_files())
    for name, made in template_files().items():
        committed = (folder / name).read_bytes()
        assert parts(committed) == parts(made), "run `make generate`"


def parts(data: bytes) -> object:
    """What is in a file: the parts of a workbook unpacked, for compressors differ."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def filled(template: bytes) -> bytes:
    """A template with the example report typed in, a warning in it."""
    typed = {}
    for indicator, tally in body(overdose_events=900)["indicators"].items():
        cells = {("", ""): tally["total"]}
        cells |= {(b, c): cell for b, codes in tally.get("by", {}).items() for c, cell in codes.items()}
        for (breakdown, category), cell in cells.items():
            value = f"<{cell['lt']}" if isinstance(cell, dict) and "lt" in cell else cell
            is_status = isinstance(value, dict)
            address = address_of(template, "C" if is_status else "B", indicator, breakdown, category)
            typed[address] = value["status"] if is_status else value
    about = {5: "consumption", 6: "self_code", 7: "operator", 8: "clinical_judgement", 9: "core", 10: "no"}
    return changed_workbook(template, {"Counts": typed, "About": {f"B{row}": answer for row, answer in about.items()}})


def test_the_way_from_the_empty_form_to_an_accepted_report(tmp_path, hub, doors):
    """The page's steps, with the requests that its commands make."""
    assert [url for url in re.findall(r'"\$HUB(/v1[^"]*)"', PAGE)] == [
        "/v1/sites/$SITE/reports/2026-05/template",
        "/v1/sites/$SITE/reports/2026-05",
        "/v1/sites/$SITE/reports/2026-05",
    ]
    assert xlsx.MEDIA_TYPE in PAGE
    nyc, place = doors("nyc"), "/v1/sites/nyc-east/reports/2026-05"
    book = filled(nyc("GET", f"{place}/template").data)
    wrong = changed_workbook(book, {"Counts": {address_of(book, "B", "referrals_made"): "n/a"}})
    refused = nyc("PUT", place, data=wrong, content_type=xlsx.MEDIA_TYPE)
    assert [error["place"] for error in refused.json["errors"]] == [
        f"sheet Counts, cell {address_of(book, 'B', 'referrals_made')}"
    ]
    sent = nyc("PUT", place, data=book, content_type=xlsx.MEDIA_TYPE)
    assert (sent.status_code, [finding["rule"] for finding in sent.json["findings"]]) == (201, ["r13"])
    answered = changed_workbook(book, {"Warnings": {"A2": "r13", "B2": "checked_correct"}})
    again = nyc("PUT", place, data=answered, content_type=xlsx.MEDIA_TYPE, headers={"If-Match": sent.json["etag"]})
    assert (again.status_code, again.json["revision"]) == (200, 2)
    decision = {"revision": 2, "decision": "accept"}
    assert doors("steward")("POST", f"{place}/review", json=decision).json["state"] == "accepted"
    assert len(DICTIONARY.indicators) == 37 and "Nine indicators are core" in PAGE
    assert sum(indicator.core for indicator in DICTIONARY.indicators) == 9
