"""Completeness: what counts once, and what can't be more than what."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import DueDay
from domain.completeness import Arrival, Tally, site_months, sums
from domain.periods import Month, MonthRange
from domain.report import Site
from tests.domain.test_calendar import due_day_lists, moments, months, zones

MAY, JUNE = Month(2026, 5), Month(2026, 6)
NOW = datetime(2026, 7, 20, tzinfo=UTC)
SITE = Site("east", "East", "york", "nyc", MAY, timezone="America/New_York", due_days=(DueDay(MAY, 10),))
DUE = datetime(2026, 6, 11, 4, tzinfo=UTC)
IN_TIME = DUE - timedelta(seconds=1)

arrivals = st.dictionaries(months, st.builds(Arrival, moments, st.booleans(), st.booleans()))
sites = st.builds(
    lambda opened, closed, zone, due_days: Site(
        "east", "East", "york", "nyc", opened, closed, zone, due_days=due_days
    ),
    months, st.none() | months, zones, due_day_lists,
)  # fmt: skip


def tally(came: dict[Month, Arrival], site: Site = SITE) -> Tally:
    return sum((row.tally for row in site_months(site, came, NOW)), Tally())


def came(at: datetime = IN_TIME, *, is_withdrawn: bool = False, is_accepted: bool = True) -> Arrival:
    return Arrival(at, is_withdrawn, is_accepted)


def test_a_missing_report_is_expected_and_nothing_else():
    assert tally({}) == Tally(expected=2)


def test_a_report_is_on_time_until_the_due_day_ends_at_the_site_and_not_a_second_longer():
    assert tally({MAY: came(IN_TIME)}) == Tally(2, 1, 1, 1)
    assert tally({MAY: came(DUE)}) == Tally(2, 1, 0, 1)


def test_a_withdrawn_report_is_not_received_whatever_it_was_before():
    assert tally({MAY: came(is_withdrawn=True)}) == Tally(expected=2)


def test_reports_of_months_that_nobody_expects_count_nowhere():
    strangers = {Month(2026, 4): came(), Month(2026, 7): came(), Month(2026, 8): came()}
    assert tally(strangers) == Tally(expected=2)


def test_a_period_leaves_the_other_months_out():
    rows = list(site_months(SITE, {}, NOW, MonthRange(JUNE, Month(2026, 12))))
    assert [row.month for row in rows] == [JUNE]


def test_sums_are_by_any_key_and_lose_nothing():
    other = Site("west", "West", "york", "sf", JUNE, timezone="UTC")
    rows = [*site_months(SITE, {MAY: came()}, NOW), *site_months(other, {}, NOW)]
    assert sums(rows, lambda row: row.operator) == {"nyc": Tally(2, 1, 1, 1), "sf": Tally(1)}
    assert sums(rows, lambda row: str(row.month)) == {"2026-05": Tally(1, 1, 1, 1), "2026-06": Tally(2)}


@pytest.mark.parametrize("wrong", [(0, 1), (1, 0, 1), (1, 0, 0, 1), (1, 1, -1), (-1,), (2, 1, 2), (2, 1, 0, 2)])
def test_a_tally_above_100_percent_is_not_built(wrong):
    with pytest.raises(ValueError, match="of what was"):
        Tally(*wrong)


@settings(deadline=None)
@given(sites, arrivals, moments)
def test_each_month_counts_once_and_no_share_passes_100_percent(site, came, now):
    rows = list(site_months(site, came, now))
    assert len({row.month for row in rows}) == len(rows)
    total = sum((row.tally for row in rows), Tally())
    assert 0 <= total.accepted <= total.received <= total.expected == len(rows)
    assert 0 <= total.on_time <= total.received
    assert sum(sums(rows, lambda row: str(row.month)).values(), Tally()) == total


@settings(deadline=None)
@given(sites, arrivals, moments)
def test_what_is_received_is_just_what_came_and_was_not_withdrawn(site, came, now):
    for row in site_months(site, came, now):
        there = row.month in came and not came[row.month].is_withdrawn
        assert row.tally.received == there
        assert row.tally.on_time == (there and came[row.month].first_at < row.due_by)
