"""When is reminded, and in which words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import DueDay, ReportingCalendar
from domain.periods import Month
from domain.reminders import Reminder, ReminderPlan, reminder_now, reminder_text
from tests.domain.test_calendar import calendars, moments, months

MAY = Month(2026, 5)
CALENDAR = ReportingCalendar(MAY, None, "America/New_York", (DueDay(MAY, 10),))
PLAN = ReminderPlan(before=3, every=7, most=2)
DUE = datetime(2026, 6, 11, 4, tzinfo=UTC)


def days_at(moment: datetime, plan: ReminderPlan = PLAN, calendar: ReportingCalendar = CALENDAR) -> int | None:
    found = reminder_now(plan, calendar, MAY, moment)
    return found.days if found else None


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("2026-06-07T11:59", None),
        ("2026-06-07T12:00", -3),
        ("2026-06-11T03:59", -3),
        ("2026-06-11T04:00", None),  # late, but nobody is woken
        ("2026-06-11T12:00", 1),
        ("2026-06-18T11:59", 1),
        ("2026-06-18T12:00", 8),
        ("2026-06-25T11:59", 8),
        ("2026-06-25T12:00", None),
    ],
)
def test_is_reminded_in_the_morning_before_and_after_the_due_day_and_no_longer(moment, days):
    assert days_at(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == days


def test_nobody_is_reminded_of_a_month_that_has_not_ended():
    early = ReportingCalendar(MAY, None, "America/New_York", (DueDay(MAY, 1),))
    assert days_at(datetime(2026, 5, 31, 23, tzinfo=UTC), calendar=early) is None
    assert days_at(datetime(2026, 6, 1, 12, tzinfo=UTC), calendar=early) == -3


def test_reminders_can_be_left_out_before_after_or_altogether():
    assert list(ReminderPlan(0, 7, 2).days) == [1, 8]
    assert list(ReminderPlan(3, 7, 0).days) == [-3]
    assert days_at(DUE - timedelta(hours=1), ReminderPlan(3, 7, 0)) == -3
    assert days_at(DUE + timedelta(hours=12), ReminderPlan(3, 7, 0)) is None
    assert days_at(DUE, ReminderPlan(0, 7, 0)) is None


plans = st.builds(ReminderPlan, st.integers(0, 14), st.integers(1, 31), st.integers(0, 24))


@settings(deadline=None)
@given(plans, calendars, months, moments)
def test_at_any_moment_at_most_one_reminder_has_its_time_and_it_has_not_passed(plan, calendar, month, now):
    found = reminder_now(plan, calendar, month, now)
    if found:
        assert found.until > now and found.days in plan.days
        assert (found.days < 0) == (now < calendar.due_by(month)) or found.days > 0
        assert reminder_now(plan, calendar, month, found.until) != Reminder(found.days, found.until)


def test_the_words_say_which_report_is_due_when_and_what_to_do():
    subject, text = reminder_text("East", MAY, CALENDAR.due_day(MAY), -3, "https://hub.example.org")
    assert subject == "Due soon: report of East for 2026-05"
    assert "is due by the end of June 10, 2026" in text and "https://hub.example.org" in text
    assert max(map(len, text.splitlines())) <= 70
    subject, text = reminder_text("East", MAY, CALENDAR.due_day(MAY), 8, "https://hub.example.org")
    assert subject.startswith("Overdue") and "was due on June 10, 2026 and has not" in text
