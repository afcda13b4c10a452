from itertools import repeat

import pytest

from comparison.reading import counts
from comparison.reading.gate import DISAGREEMENTS
from comparison.reading.release_view import ReleaseView
from domain.dictionary import Level
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month
from domain.report import SeriesBreak
from tests.comparison.small_release import OVERDOSES, ask, measure, report, site, table


def unit(name, months=("2026-01", "2026-02"), expected=None, closed=None, facts=None, each=None, **about):
    """A site that was open for the expected months, the first of them reported; `each` says how each was counted."""
    reports = [
        {**report(name, month, closed, **about), **more}
        for month, more in zip(months, each or repeat({}), strict=False)
    ]
    opened = Month.parse(months[0])
    last = range(opened.index, opened.index + (expected or len(months)))[-1]
    return site(name, opened=opened, closed=Month(last // 12, last % 12 + 1), **(facts or {})), reports


def judged(*units, must=("visit_basis", "overdose_definition"), should=("ems_policy", "unique_method"), by=Level.SITE):
    reports = [each for _, of_unit in units for each in of_unit]
    cells = [row for r in reports for row in table({r["month"]: "5"}, {r["month"]: "90"}, r["site"])]
    cells += [row for m in {r["month"] for r in reports} for row in table({m: "9"}, {m: "180"}, "all", Level.ALL)]
    view = ReleaseView.of(cells, [site for site, _ in units], reports)
    asked = ask(view, "2025-01..2026-12", by, measure(must=must, should=should))
    return counts.judged(asked, counts.counts_of(asked).facts)


def only_reason(verdict):
    assert len(verdict.reasons) == 1
    return verdict.reasons[0]


def test_numbers_counted_alike_are_comparable():
    verdict = judged(unit("a"), unit("b"))
    assert verdict.content == {"status": "comparable", "reasons": []}


def test_a_single_unit_is_comparable():
    assert judged(unit("a")).status == "comparable"
    assert judged(unit("a", visit_basis="unknown")).status == "comparable"


@pytest.mark.parametrize(
    "code, value, reason",
    [("visit_basis", "all", "visit_basis_differs"), ("overdose_definition", "wider", "definition_differs")],
)
def test_a_code_that_must_agree_and_differs_refuses(code, value, reason):
    verdict = judged(unit("a"), unit("b", **{code: value}))
    assert verdict.status == "refused"
    assert only_reason(verdict).code == reason
    assert only_reason(verdict).units == ("a", "b")
    assert value in only_reason(verdict).detail


@pytest.mark.parametrize(
    "code, value, reason",
    [
        ("ems_policy", "always_on_naloxone", "ems_policy_differs"),
        ("unique_method", "head_count", "unique_method_differs"),
    ],
)
def test_a_code_that_should_agree_and_differs_is_a_caution(code, value, reason):
    verdict = judged(unit("a"), unit("b", **{code: value}))
    assert (verdict.status, only_reason(verdict).code) == ("caution", reason)


def test_the_detail_says_who_counts_how():
    verdict = judged(unit("c"), unit("b", visit_basis="all"), unit("a"))
    assert only_reason(verdict).detail == "visit_basis is all at b; consumption at a, c."


def test_a_code_that_the_measure_does_not_name_may_differ():
    assert judged(unit("a"), unit("b", visit_basis="all"), must=()).status == "comparable"


def test_unknown_on_one_side_differs_and_says_so():
    verdict = judged(unit("a"), unit("b", visit_basis="unknown"))
    assert verdict.status == "refused"
    assert "not known (unknown) at b" in only_reason(verdict).detail


def test_two_unknowns_do_not_agree_either():
    verdict = judged(unit("a", overdose_definition="unknown"), unit("b", overdose_definition="unknown"))
    assert (verdict.status, only_reason(verdict).code) == ("refused", "definition_differs")


def test_a_code_that_is_not_given_is_unknown():
    verdict = judged(unit("a"), unit("b"), must=("something_new",))
    assert (verdict.status, only_reason(verdict).code) == ("refused", "definition_differs")


def test_a_unit_that_counts_in_two_ways_has_no_rate_of_its_own():
    verdict = judged(
        unit("a", each=[report("a", "2026-01", visit_basis="all"), report("a", "2026-02", visit_basis="x")])
    )
    assert (verdict.status, only_reason(verdict).units) == ("refused", ("a",))


def test_how_a_closed_month_was_not_counted_is_of_no_consequence():
    assert judged(unit("a"), unit("b", closed="works", visit_basis="unknown")).status == "comparable"


def versioned(name, *versions):
    return unit(name, each=[{"dictionary": version} for version in versions])


def test_reports_under_different_versions_of_the_dictionary_are_refused():
    verdict = judged(versioned("a", "2026.1", "2026.1"), versioned("b", "2027.1", "2027.1"))
    assert (verdict.status, only_reason(verdict).code) == ("refused", "definition_differs")
    assert only_reason(verdict).detail == "The version of the dictionary is 2026.1 at a; 2027.1 at b."


def test_a_unit_that_changed_versions_has_no_rate_of_its_own():
    assert judged(versioned("a", "2026.1", "2027.1")).status == "refused"


def test_a_release_that_does_not_say_the_version_is_no_hindrance():
    assert judged(versioned("a", "2026.1", "2026.1"), unit("b")).status == "comparable"


def test_synthetic_numbers_beside_real_ones_are_refused():
    verdict = judged(unit("a", facts={"synthetic": True}), unit("b"))
    assert (verdict.status, only_reason(verdict).code) == ("refused", "synthetic_with_real")
    assert only_reason(verdict).units == ("a", "b")


def test_synthetic_numbers_among_themselves_are_comparable():
    assert judged(unit("a", facts={"synthetic": True}), unit("b", facts={"synthetic": True})).status == "comparable"


def test_synthetic_and_real_sites_within_one_unit_are_refused():
    assert judged(unit("a", facts={"synthetic": True}), unit("b"), by=Level.ALL).status == "refused"


def broken(month, indicator=OVERDOSES):
    return unit("a", facts={"series_breaks": (SeriesBreak(Month.parse(month), indicator, "method"),)})


def test_a_series_break_inside_the_months_is_a_caution():
    verdict = judged(broken("2026-02"), unit("b"))
    assert (verdict.status, only_reason(verdict).code) == ("caution", "series_break")
    assert only_reason(verdict).units == ("a",)
    assert "2026-02" in only_reason(verdict).detail


@pytest.mark.parametrize("month", ["2025-12", "2026-01", "2026-03"])
def test_a_series_break_with_all_months_on_one_side_is_none(month):
    assert judged(broken(month)).status == "comparable"


def test_a_series_break_of_another_indicator_is_none():
    assert judged(broken("2026-02", "referrals_made")).status == "comparable"


def test_a_partial_month_is_a_caution():
    partial = {"first_day": 13, "last_day": 31, "reason": "opening"}
    verdict = judged(unit("a", months=["2026-01"], partial_month=partial), unit("b"))
    assert (verdict.status, only_reason(verdict).code) == ("caution", "partial_month")
    assert "a 2026-01" in only_reason(verdict).detail


def test_a_provisional_month_is_a_caution():
    verdict = judged(unit("a", provisional=True), unit("b"))
    assert (verdict.status, only_reason(verdict).code, only_reason(verdict).units) == ("caution", "provisional", ("a",))


def test_missing_months_are_a_caution():
    verdict = judged(unit("a", expected=6), unit("b"))
    assert (verdict.status, only_reason(verdict).code) == ("caution", "incomplete")
    assert "a 2 of 6" in only_reason(verdict).detail


def test_all_reasons_are_given_the_decisive_ones_first():
    verdict = judged(
        unit("a", visit_basis="all", provisional=True, expected=3),
        unit("b", ems_policy="other", overdose_definition="x"),
    )
    assert verdict.status == "refused"
    assert [reason.code for reason in verdict.reasons] == [
        "visit_basis_differs",
        "definition_differs",
        "ems_policy_differs",
        "incomplete",
        "provisional",
    ]


def test_the_content_is_plain_json():
    content = judged(unit("a"), unit("b", visit_basis="all")).content
    assert content["reasons"][0]["units"] == ["a", "b"]
    assert set(content["reasons"][0]) == {"code", "units", "detail"}


@pytest.mark.parametrize("dictionary", shipped_dictionaries().values(), ids=lambda dictionary: dictionary.version)
def test_every_code_that_a_shipped_measure_names_has_its_reason(dictionary):
    named = {code for measure in dictionary.measures for code in measure.must_agree + measure.should_agree}
    assert named <= set(DISAGREEMENTS)
    assert set(DISAGREEMENTS.values()) <= set(dictionary.code_list("comparability"))
