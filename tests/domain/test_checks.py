"""Every rule that needs one report: what passes, what is found, and where."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import earlier_months
from domain.checks import EVALUATORS, Finding, check_bare_report, check_report, unacknowledged
from domain.load_rules import CHECK_KINDS
from domain.periods import Month
from domain.report import PartialMonth, Report
from tests.domain.examples import DESIGN_EXAMPLE, DICTIONARY, MONTH, SITE, TODAY, report
from tests.domain.generated import arbitrary_report, consistent_report, hide_some, lose_some
from tests.domain.rule_examples import EXAMPLES


def found(judged: Report, *, site=SITE, month=MONTH, today=TODAY) -> tuple[Finding, ...]:
    return check_report(judged, site=site, month=month, today=today, dictionary=DICTIONARY)


def marks(findings) -> set[tuple[str, str, str]]:
    return {(f.rule, f.code, f.pointer) for f in findings}


ALWAYS = {"ems_policy": "always_on_naloxone"}


@pytest.mark.parametrize(("rule", "code", "place", "passes", "strikes"), EXAMPLES)
def test_a_rule_strikes_where_it_is_broken_and_only_there(rule, code, place, passes, strikes):
    mark = (rule, code, f"/indicators/{place}")
    assert mark not in marks(found(report(passes)))
    assert mark in marks(found(report(strikes)))


def test_every_check_of_one_report_has_a_row_that_strikes_it():
    struck = [f for row in EXAMPLES for f in found(report(row[4]))] + list(found(report(UNANSWERED, about=ALWAYS)))
    for rule in DICTIONARY.rules:
        for check in (check for check in rule.checks if not check.needs_history):
            level = "error" if check.hard else "warning"
            details = {f.detail for f in struck if (f.rule, f.level) == (rule.id, level)}
            assert details, rule.id
            assert check.parameters.get("detail") in {None, *details}, rule.id


def test_an_evaluator_stands_for_every_kind_of_check():
    assert set(EVALUATORS) == set(CHECK_KINDS)
    assert set(earlier_months.EVALUATORS) == {name for name, kind in CHECK_KINDS.items() if kind.needs_history}


def test_the_example_of_the_design_has_no_findings():
    assert found(DESIGN_EXAMPLE) == ()
    assert check_bare_report(DESIGN_EXAMPLE, DICTIONARY) == ()


def test_a_report_of_nothing_but_gaps_has_no_findings():
    nothing = report(", ".join(f"{indicator.id} not_collected" for indicator in DICTIONARY.indicators))
    assert found(nothing) == ()


# ---- the levels ----


def test_the_check_says_whether_it_is_an_error_or_a_warning():
    levels = {(f.rule, f.level) for f in found(report("consumption_episodes 26, visits_consumption 5"))}
    assert levels == {("r11", "warning")}
    assert {(f.rule, f.level) for f in found(report("participants_new 6, participants_unique 5"))} == {("r08", "error")}


def test_findings_come_in_the_order_of_the_rules():
    wrong = report(
        "operating_days 32.5, operating_hours 999, visits_all 0, visits_consumption 5, ems_transports 1, ems_calls 0"
    )
    rules = [finding.rule for finding in found(wrong)]
    assert rules == sorted(rules)
    assert set(rules) == {"r01", "r05", "r10", "r17"}


def test_a_finding_quotes_no_count():
    wrong = report("operating_days 987, participants_new 654, participants_unique 543, visits_consumption 321")
    findings = found(wrong)
    assert len(findings) == 3
    assert not any(count in f.detail for f in findings for count in ("987", "654", "543", "321"))


# ---- r06: closed months ----

CLOSED = "operating_days 0, operating_hours 0, visits_consumption 0"


def test_a_closed_month_is_zeros_and_a_reason():
    assert found(report(CLOSED, closed="works")) == ()


@pytest.mark.parametrize("indicator", ["operating_days", "operating_hours", "visits_consumption"])
def test_a_closed_month_refuses_a_count(indicator):
    counted = report(CLOSED.replace(f"{indicator} 0", f"{indicator} 5"), closed="works")
    assert ("r06", "count_in_closed_month", f"/indicators/{indicator}/total") in marks(found(counted))


def test_a_closed_month_may_leave_open_what_is_hidden_or_missing():
    assert found(report("operating_days <5, operating_hours not_reported, visits_consumption <5", closed="legal")) == ()


# ---- r19: deaths ----


def test_deaths_are_stated():
    silent = replace(report(), indicators={})
    assert marks(found(silent)) == {("r19", "number_or_status_needed", "/indicators/deaths_overdose_onsite/total")}


@pytest.mark.parametrize("indicator", ["deaths_overdose_onsite", "deaths_other_onsite"])
def test_a_death_is_confirmed_and_nothing_that_the_sender_acknowledges_stands_for_that(indicator):
    died = report(f"{indicator} 1", acknowledged=(("r19", "checked_correct"),))
    (finding,) = found(died)
    assert (finding.rule, finding.level, finding.code) == ("r19", "warning", "confirmation_needed")
    assert finding.pointer == f"/indicators/{indicator}/total"
    assert unacknowledged(died, (finding,)) == ()


def test_where_it_is_not_certain_that_somebody_died_there_is_nothing_to_confirm():
    for stated in ("deaths_overdose_onsite 0", "deaths_overdose_onsite not_collected", "deaths_other_onsite <5"):
        assert found(report(stated)) == ()


# ---- r20: only under its policy ----

UNANSWERED = "ems_calls 4, ems_calls.ems_reason.overdose 4, overdose_naloxone 5"


def test_naloxone_without_a_call_is_doubted_only_where_the_policy_is_to_call():
    mark = ("r20", "implausible", "/indicators/ems_calls/by/ems_reason/overdose")
    assert marks(found(report(UNANSWERED, about=ALWAYS))) == {mark}
    for policy in ("clinical_judgement", "other", "unknown"):
        assert found(report(UNANSWERED, about={"ems_policy": policy})) == ()
    assert found(report(UNANSWERED.replace(" 4", " 5"), about=ALWAYS)) == ()


# ---- r26: the calendar ----


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        (date(2026, 5, 1), {"month_not_ended"}),
        (date(2026, 5, 31), {"month_not_ended"}),
        (date(2026, 4, 30), {"month_not_ended"}),
        (date(2026, 6, 1), set()),
        (date(2031, 1, 1), set()),
    ],
)
def test_a_month_is_reported_once_it_has_ended(today, codes):
    assert {f.code for f in found(DESIGN_EXAMPLE, today=today)} == codes


@pytest.mark.parametrize(("month", "codes"), [("2021-10", {"site_not_open"}), ("2021-11", set()), ("2024-07", set()),
                                              ("2024-08", {"site_not_open"})])  # fmt: skip
def test_a_month_is_reported_only_of_an_open_site(month, codes):
    site = replace(SITE, closed=Month(2024, 7))
    assert {f.code for f in found(report(), site=site, month=Month.parse(month))} == codes


def test_a_month_is_judged_only_by_a_dictionary_in_force():
    insite = replace(SITE, opened=Month(2002, 1))
    assert found(report(), site=insite, month=Month(2003, 1)) == ()
    before = found(report(), site=insite, month=Month(2002, 12))
    assert marks(before) == {("r26", "dictionary_not_in_force", "/dictionary")}
    ended = replace(DICTIONARY, in_force_to=Month(2026, 4))
    after = check_report(report(), site=SITE, month=MONTH, today=TODAY, dictionary=ended)
    assert {f.code for f in after} == {"dictionary_not_in_force"}


def partial(first_day: int, last_day: int, reason: str) -> Report:
    return report(about={"partial_month": PartialMonth(first_day, last_day, reason)})


@pytest.mark.parametrize(
    ("month", "report_", "codes"),
    [
        ("2021-11", partial(30, 30, "opening"), set()),
        ("2021-11", partial(30, 31, "opening"), {"day_outside_month"}),
        ("2021-12", partial(10, 31, "opening"), {"partial_month_disagrees"}),
        ("2024-07", partial(1, 15, "closing"), set()),
        ("2024-06", partial(1, 15, "closing"), {"partial_month_disagrees"}),
        ("2024-02", partial(1, 29, "emergency"), set()),
        ("2023-02", partial(1, 29, "emergency"), {"day_outside_month"}),
        ("2024-06", partial(3, 9, "works"), set()),
    ],
)
def test_a_partial_month_agrees_with_the_calendar_and_the_site(month, report_, codes):
    site = replace(SITE, closed=Month(2024, 7))
    assert {f.code for f in found(report_, site=site, month=Month.parse(month))} == codes


def test_a_site_that_is_open_has_no_closing_month():
    assert {f.code for f in found(partial(1, 15, "closing"))} == {"partial_month_disagrees"}


@pytest.mark.parametrize(
    ("month", "indicator", "passes"),
    [
        ("2026-03", "participants_quarter", True),
        ("2026-04", "participants_quarter", False),
        ("2025-12", "participants_quarter", True),
        ("2025-12", "participants_year", True),
        ("2026-03", "participants_year", False),
        ("2026-04", "participants_unique", True),
    ],
)
def test_what_counts_a_quarter_or_a_year_comes_with_its_last_month(month, indicator, passes):
    findings = found(report(f"{indicator} 5"), month=Month.parse(month))
    assert (findings == ()) == passes


# ---- without a site ----


def test_a_bare_report_is_judged_without_site_and_calendar():
    days = report("operating_days 99, operating_hours 1, station_hours 999")
    assert check_bare_report(days, DICTIONARY) == ()
    assert {f.rule for f in check_bare_report(report("visits_all 4, visits_consumption 5"), DICTIONARY)} == {"r10"}


def test_a_site_of_unknown_stations_is_not_judged_by_them():
    stationed = report("operating_days 1, operating_hours 1, station_hours 4")
    assert {f.rule for f in found(stationed)} == {"r05"}
    assert found(stationed, site=replace(SITE, stations=None)) == ()


# ---- acknowledgements ----


def test_only_warnings_whose_rule_is_not_acknowledged_are_left():
    doubtful = "ems_transports 6, ems_calls 5, substances_used 4, consumption_episodes 5"
    doubtful += ", participants_new 6, participants_unique 5"
    acknowledging = report(doubtful, acknowledged=(("r17", "checked_correct"), ("r08", "definition")))
    findings = found(acknowledging)
    assert {f.rule for f in findings} == {"r08", "r12", "r17"}
    assert [f.rule for f in unacknowledged(acknowledging, findings)] == ["r12"]
    assert [f.rule for f in unacknowledged(report(doubtful), findings)] == ["r12", "r17"]


# ---- for every report there can be ----

seeds = st.integers(0, 2**32)


@given(seeds)
def test_a_consistent_report_has_no_errors(seed):
    assert [f for f in found(consistent_report(seed)) if f.level == "error"] == []


@given(seeds, seeds)
def test_hiding_or_losing_counts_of_a_consistent_report_makes_no_error(seed, other):
    hidden = lose_some(hide_some(consistent_report(seed), other), other)
    assert [f for f in found(hidden) if f.level == "error"] == []


@given(seeds, seeds)
def test_what_is_found_with_hidden_counts_is_found_in_every_completion(seed, other):
    completion = arbitrary_report(seed)
    hidden = hide_some(completion, other)
    assert marks(found(hidden)) <= marks(found(completion))


@given(seeds)
def test_a_pointer_leads_to_something_in_the_report(seed):
    judged = arbitrary_report(seed)
    for finding in found(judged):
        place = judged.content
        for step in finding.pointer.split("/")[1:]:
            place = place[step]
