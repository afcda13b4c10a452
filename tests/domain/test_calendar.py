"""When reports are expected and due, where the site is."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import DueDay, ReportingCalendar, are_in_order, differ_before
from domain.periods import Month

OPENED = Month(2026, 1)
NEW_YORK = ReportingCalendar(OPENED, None, "America/New_York", (DueDay(OPENED, 10), DueDay(Month(2026, 4), 20)))
months = st.builds(Month, st.integers(2020, 2027), st.integers(1, 12))
due_day_lists = st.lists(
    st.builds(DueDay, months, st.integers(1, 28)), max_size=4, unique_by=lambda due: due.month
).map(lambda found: tuple(sorted(found, key=lambda due: due.month)))
moments = st.datetimes(datetime(2019, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from(["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu", "Africa/Cairo"])
calendars = st.builds(ReportingCalendar, months, st.none() | months, zones, due_day_lists)


def test_a_report_is_due_until_its_day_ends_where_the_site_is():
    assert NEW_YORK.due_day(Month(2026, 3)) == date(2026, 4, 10)
    assert NEW_YORK.due_by(Month(2026, 3)) == datetime(2026, 4, 11, 4, tzinfo=UTC)
    assert NEW_YORK.due_by(Month(2026, 11)) == datetime(2026, 12, 21, 5, tzinfo=UTC)  # in winter
    assert NEW_YORK.due_day(Month(2026, 12)) == date(2027, 1, 20)


def test_another_due_day_holds_from_its_month_on():
    assert [NEW_YORK.due_day(month).day for month in (Month(2026, 3), Month(2026, 4), Month(2026, 9))] == [10, 20, 20]


def test_a_month_is_expected_once_it_has_ended_where_the_site_is():
    before_midnight = datetime(2026, 3, 1, 4, 59, tzinfo=UTC)
    assert list(NEW_YORK.expected(before_midnight)) == [Month(2026, 1)]
    assert list(NEW_YORK.expected(before_midnight.replace(hour=5))) == [Month(2026, 1), Month(2026, 2)]


def test_nothing_is_expected_before_the_opening_or_after_the_closing():
    closed = ReportingCalendar(OPENED, Month(2026, 2), "UTC")
    assert list(closed.expected(datetime(2027, 1, 1, tzinfo=UTC))) == [Month(2026, 1), Month(2026, 2)]
    assert list(closed.expected(datetime(2025, 6, 1, tzinfo=UTC))) == []


def test_the_first_due_day_says_where_reporting_begins():
    late = ReportingCalendar(OPENED, None, "UTC", (DueDay(Month(2026, 3), 5),))
    assert list(late.expected(datetime(2026, 5, 1, tzinfo=UTC))) == [Month(2026, 3), Month(2026, 4)]


def test_where_none_is_told_the_usual_day_holds():
    assert ReportingCalendar(OPENED, None, "UTC").due_day(Month(2026, 2)) == date(2026, 3, 15)


@pytest.mark.parametrize("day", [0, 29, 31, -1])
def test_a_due_day_is_one_that_every_month_has(day):
    with pytest.raises(ValueError, match="1 to 28"):
        DueDay(OPENED, day)


@pytest.mark.parametrize(
    ("months", "in_order"), [([], True), ([1], True), ([1, 3], True), ([3, 1], False), ([1, 1], False)]
)
def test_due_days_are_in_order(months, in_order):
    assert are_in_order([DueDay(Month(2026, number), 10) for number in months]) is in_order


def test_a_change_for_later_leaves_the_past_as_it_was():
    later = ReportingCalendar(OPENED, None, "UTC", (*NEW_YORK.due_days, DueDay(Month(2026, 7), 5)))
    assert not differ_before(NEW_YORK, later, Month(2026, 7))
    assert differ_before(NEW_YORK, later, Month(2026, 8))
    assert differ_before(NEW_YORK, ReportingCalendar(OPENED, None, "UTC", NEW_YORK.due_days[1:]), Month(2026, 2))


@settings(deadline=None)
@given(calendars, moments)
def test_expected_months_are_an_unbroken_run_that_has_ended(calendar, now):
    expected = list(calendar.expected(now))
    assert all(one.next == other for one, other in zip(expected, expected[1:], strict=False))
    for month in expected:
        assert calendar.opened <= month < Month.of(now.astimezone(calendar.zone).date())
        assert calendar.closed is None or month <= calendar.closed
        assert calendar.due_by(month).astimezone(calendar.zone).date() > calendar.due_day(month)


@settings(deadline=None)
@given(calendars, due_day_lists, months)
def test_two_calendars_agree_about_the_past_just_where_no_month_of_it_differs(calendar, due_days, month):
    other = ReportingCalendar(calendar.opened, calendar.closed, calendar.timezone, due_days)
    past = [m for m in calendar_months() if m < month]
    same = all(told(calendar, m) == told(other, m) for m in past)
    assert differ_before(calendar, other, month) is not same


def calendar_months():
    month = Month(2019, 1)
    while month <= Month(2028, 1):
        yield month
        month = month.next


def told(calendar: ReportingCalendar, month: Month) -> date | None:
    begins = max(calendar.opened, calendar.due_days[0].month) if calendar.due_days else calendar.opened
    return calendar.due_day(month) if month >= begins else None
