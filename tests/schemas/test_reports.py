"""The report's shape: what loads, and what is refused with a pointer."""

from copy import deepcopy

import pytest
from marshmallow import ValidationError

from domain.checks import check_bare_report
from domain.dictionary import CellName
from domain.load_dictionary import shipped_dictionaries
from domain.refusals import LineList
from domain.report import Bounded, Gap, Missing, Reported
from schemas.reports import REPORT_SCHEMAS, ReportBodySchema
from tests.builders import EXAMPLE


def load(document):
    return ReportBodySchema().load(document)


def changed(path: str, value: object) -> dict:
    document = deepcopy(EXAMPLE)
    *parents, last = path.split("/")
    target = document
    for parent in parents:
        target = target[parent]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return document


def messages(document, path: str):
    with pytest.raises(ValidationError) as refused:
        load(document)
    found = refused.value.messages
    for step in path.split("/"):
        found = found[step]
    return found


def test_the_example_of_the_contract_loads_with_all_three_kinds_of_cell():
    report = load(EXAMPLE)
    assert report.cell(CellName("overdose_events", "overdose_type", "opioid")) == Reported(20)
    assert report.cell(CellName("ems_calls")) == Bounded(5)
    assert report.cell(CellName("participants_unique")) == Missing(Gap.NOT_COLLECTED)


def test_what_is_loaded_has_the_content_that_was_sent():
    assert load(EXAMPLE).content == EXAMPLE


@pytest.mark.parametrize("whole", [31, 31.0])
def test_a_whole_number_is_whole_however_it_is_written(whole):
    report = load(changed("indicators/overdose_events/total", whole))
    assert report.content["indicators"]["overdose_events"]["total"] == 31


@pytest.mark.parametrize("hours", [248.5, 248.25, 0])
def test_hours_have_two_decimals(hours):
    assert load(changed("indicators/operating_hours/total", hours)).content["indicators"]["operating_hours"] == {
        "total": hours
    }


@pytest.mark.parametrize(
    "cell",
    ["31", True, -1, 31.5, 10_000_001, "", [], {}, {"lt": 1}, {"lt": 5.5}, {"lt": True}, {"lt": 5, "status": "x"},
     {"status": "unknown"}, {"status": "suppressed"}, {"value": 3}, 1e300],
)  # fmt: skip
def test_anything_else_is_no_cell(cell):
    assert (
        "A cell is a whole number"
        in messages(changed("indicators/overdose_events/total", cell), "indicators/overdose_events/total")[0]
    )


def test_the_decimals_of_hours_are_a_matter_of_rules_not_of_shape():
    report = load(changed("indicators/operating_hours/total", 1.234))
    assert [finding.rule for finding in check_bare_report(report, shipped_dictionaries()["2026.1"])] == ["r01"]


@pytest.mark.parametrize("core", [i for i in EXAMPLE["indicators"]])
def test_every_core_indicator_is_answered(core):
    assert messages(changed(f"indicators/{core}", None), f"indicators/{core}")


def test_a_breakdown_lists_every_category():
    path = "indicators/overdose_events/by/overdose_type/mixed"
    assert messages(changed(path, None), path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("comment", "free text"),
        ("indicators/colors", {"total": 1}),
        ("indicators/overdose_events/by/age_band", {}),
        ("indicators/overdose_events/by/overdose_type/heroin", 1),
        ("indicators/ems_calls/date", "2026-05-03"),
    ],
)
def test_the_schema_is_closed(path, value):
    assert messages(changed(path, value), path) == ["Unknown field."]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("about/email", "someone@example.org"),
        ("indicators/client_id", {"total": 1}),
        ("persons", [{"name": "Jane"}]),
        ("about/provisional", "jane@example.org"),
    ],
)
def test_what_looks_like_persons_is_refused_as_that(path, value):
    with pytest.raises(LineList):
        load(changed(path, value))


@pytest.mark.parametrize("field", ["visit_basis", "unique_method", "unique_scope", "ems_policy", "overdose_definition"])
def test_about_codes_are_of_their_lists_and_unknown_is_in_each(field):
    assert load(changed(f"about/{field}", "unknown"))
    assert messages(changed(f"about/{field}", "something"), f"about/{field}")


@pytest.mark.parametrize("version", ["2025.1", "", 2026.1, None])
def test_an_unknown_dictionary_is_refused(version):
    assert messages(changed("dictionary", version), "dictionary")


@pytest.mark.parametrize("partial", [{"first_day": 13, "last_day": 31, "reason": "opening"}])
def test_a_partial_month_names_its_days_and_reason(partial):
    assert load(changed("about/partial_month", partial)).about.content["partial_month"] == partial


@pytest.mark.parametrize(
    "partial",
    [
        {"first_day": 0, "last_day": 31, "reason": "opening"},
        {"first_day": 20, "last_day": 10, "reason": "opening"},
        {"first_day": 1, "last_day": 31, "reason": "whim"},
        {"first_day": "2026-05-03", "last_day": 31, "reason": "opening"},
        {"first_day": 1, "last_day": 31},
        "2026-05-03",
    ],
)
def test_a_partial_month_is_nothing_else(partial):
    assert messages(changed("about/partial_month", partial), "about/partial_month")


def test_every_version_that_is_shipped_has_a_schema():
    assert set(REPORT_SCHEMAS) == {"2026.1"}
