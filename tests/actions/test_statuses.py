"""What was counted and not told, not counted, closed or only a part: how it travels into what is published."""

from __future__ import annotations

import pytest

from actions.compare_rates import compare_rates
from actions.cut_release import cut_release
from actions.open_release import find_release
from domain.dictionary import Level
from domain.periods import Month, MonthRange
from domain.release import Observation
from domain.report_content import report_from_content
from tests.builders import STEWARD, body, furnish, make_hub, rows_told, submit_and_accept

EAST, NORTH, CITY = "nyc-east", "nyc-north", "new-york"
QUARTER = (Month(2026, 4), Month(2026, 5), Month(2026, 6))
UNTOLD, UNCOUNTED = {"lt": 5}, {"status": "not_collected"}
WORKS = {"partial_month": {"first_day": 1, "last_day": 20, "reason": "works"}}


def sent(*, closed: str | None = None, about: dict | None = None, **totals: object) -> dict:
    made = body(days=0 if closed else 20, **totals)
    if closed:
        made["closed"] = closed
        made["indicators"] |= {
            name: {"total": 0} for name in ("operating_hours", "visits_consumption", "overdose_events")
        }
    made["about"] |= about or {}
    return made


EAST_SENT = {
    QUARTER[0]: sent(
        ems_calls=UNTOLD,
        overdose_events={"lt": 40},
        referrals_made=60,
        syringes_collected={"status": "not_applicable"},
        tests_done={"status": "not_reported"},
    ),
    QUARTER[1]: sent(ems_calls=UNTOLD, overdose_events=UNCOUNTED, referrals_made=UNCOUNTED, about=WORKS),
    QUARTER[2]: sent(ems_calls=0, referrals_made=0, closed="works", about={"visit_basis": "unknown"}),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A quarter of two sites in a city, one of which tells less, published."""
    hub = furnish(make_hub(tmp_path_factory.mktemp("statuses")))
    for month in QUARTER:
        submit_and_accept(hub, EAST, month, report_from_content(EAST_SENT[month]))
        submit_and_accept(hub, NORTH, month, report_from_content(sent(ems_calls=40, referrals_made=70)))
    cut_release(hub, by=STEWARD, publish=True)
    yield hub
    hub.database.close()


def row(hub, unit: str, period: str, indicator: str) -> Observation:
    rows = rows_told(hub, find_release(hub).id)
    (found,) = [r for r in rows if (r.unit, r.period, r.indicator, r.breakdown) == (unit, period, indicator, "")]
    return found


def rate(hub, period: str, *, by: Level = Level.SITE, unit: str = EAST, measure: str = "od_per_1000_visits"):
    _, answer = compare_rates(hub, measure=measure, by=by, period=MonthRange.parse(period), release="latest")
    return next(row for row in answer.rows if row.unit == unit), answer.comparability


@pytest.mark.parametrize(
    ("unit", "period"), [(EAST, "2026-04"), (CITY, "2026-04"), (EAST, "2026-Q2"), (CITY, "2026-Q2")]
)
def test_a_count_that_is_not_told_hides_every_sum_with_it(hub, unit, period):
    found = row(hub, unit, period, "ems_calls")
    assert (found.value, found.value_status) == (None, "suppressed")


def test_a_sum_with_a_count_that_is_not_told_is_at_least_what_is_known(hub):
    """Not the sum with a zero: what is hidden of the city lies above what its other site shows."""
    found = row(hub, CITY, "2026-04", "ems_calls")
    assert row(hub, NORTH, "2026-04", "ems_calls").value == 40
    assert found.lower == 40
    assert found.upper is None or found.upper > 44


def test_a_rate_with_a_numerator_that_is_not_told_is_bounds(hub):
    found, _ = rate(hub, "2026-04")
    assert (found.numerator, found.value, found.interval, found.stability) == (None, None, None, "withheld")
    low, high = found.bounds
    assert low == 0
    assert high == pytest.approx(1000 * 39 / 2412)


def test_what_one_site_did_not_count_is_no_zero_in_the_sum(hub):
    assert row(hub, EAST, "2026-05", "referrals_made").value_status == "not_collected"
    assert row(hub, EAST, "2026-05", "referrals_made").value is None
    assert row(hub, CITY, "2026-05", "referrals_made").value == 70


def test_a_rate_over_sites_of_which_one_did_not_count_is_not_given(hub):
    """Else the visits of both would stand below the overdoses of one."""
    assert row(hub, CITY, "2026-05", "overdose_events").value == 31
    found, _ = rate(hub, "2026-05", by=Level.CITY, unit=CITY)
    assert (found.value, found.bounds, found.warnings[0]) == (None, None, "different_coverage")
    assert found.months_contributing == 1
    assert found.months_expected == 2


@pytest.mark.parametrize("status", ["not_collected", "not_applicable", "not_reported"])
def test_why_there_is_no_number_is_told_where_it_is_the_sites_own(hub, status):
    indicator = {"not_applicable": "syringes_collected", "not_reported": "tests_done"}.get(
        status, "participants_unique"
    )
    found = row(hub, EAST, "2026-04", indicator)
    assert (found.value, found.lower, found.upper, found.value_status) == (None, None, None, status)


def test_a_closed_month_counts_with_its_zeros_and_its_codes_are_of_no_consequence(hub):
    assert row(hub, EAST, "2026-06", "visits_consumption").value == 0
    assert row(hub, CITY, "2026-06", "visits_consumption").value == 2412
    found, _ = rate(hub, "2026-06")
    assert (found.value, found.warnings[0]) == (None, "no_exposure")
    _, comparability = rate(hub, "2026-06", by=Level.CITY, unit=CITY)
    assert "visit_basis_differs" not in {reason.code for reason in comparability.reasons}


@pytest.mark.parametrize(("period", "is_said"), [("2026-05", True), ("2026-04", False)])
def test_a_month_that_was_not_whole_is_a_caution(hub, period, is_said):
    _, comparability = rate(hub, period, measure="visits_per_day")
    assert ("partial_month" in {reason.code for reason in comparability.reasons}) == is_said
