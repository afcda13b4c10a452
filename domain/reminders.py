"""When people are reminded of a report that is missing, and in which words.

The days are counted from the due day where the site is: some days before it, the day after it, then now and then up to
a limit. Each reminder has its time until the next one's begins: a hub that was away for a while sends one, not all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from textwrap import fill

from domain.calendar import ReportingCalendar
from domain.periods import Month

MORNING = time(8)
_CLOSED = (
    "If the site was closed in that month, send a report that says so: a closed month is a report with zeros and a "
    "reason, not a missing one."
)
_ARRIVED = "If it is on its way, nothing else is to be done. Reminders end when the report has arrived."
_WHY = (
    "You get this because you can send reports for this operator; your operator's admin can change that. It was sent "
    "by a machine that reads no answers."
)


@dataclass(frozen=True)
class ReminderPlan:
    """How many days `before` the due day (0: not), how many days apart after it, and how often at `most`."""

    before: int
    every: int
    most: int

    @property
    def days(self) -> Iterator[int]:
        """The days of reminding: negative before the due day, 1 on the day after it."""
        if self.before:
            yield -self.before
        yield from (1 + self.every * number for number in range(self.most))


@dataclass(frozen=True)
class Reminder:
    """A reminder whose time it is: of which day of the plan, and until when."""

    days: int
    until: datetime


def reminder_now(plan: ReminderPlan, calendar: ReportingCalendar, month: Month, now: datetime) -> Reminder | None:
    """The reminder of the month's report whose time it is, if any."""
    times = list(_times(plan, calendar, month))
    for days, begins, ends in times:
        if begins <= now < ends:
            return Reminder(days, ends)
    return None


def _times(plan: ReminderPlan, calendar: ReportingCalendar, month: Month) -> Iterator[tuple[int, datetime, datetime]]:
    """(days, begin, end) of each reminder; the first never begins before the month has ended."""
    due_day, days = calendar.due_day(month), list(plan.days)
    first = date(due_day.year, due_day.month, 1)
    begins = [calendar.at(max(due_day + timedelta(days=number), first), MORNING) for number in days]
    ends = [*begins[1:], begins[-1] + timedelta(days=plan.every)] if begins else []
    for number, begin, end in zip(days, begins, ends, strict=True):
        # One before the due day says that there is time left: it ends with that day.
        yield number, begin, calendar.due_by(month) if number < 0 else end


def reminder_text(site: str, month: Month, due_day: date, days: int, hub: str) -> tuple[str, str]:
    """Subject and text of a reminder: which report, due when, and where to send it; never a count."""
    day = f"{due_day:%B} {due_day.day}, {due_day.year}"
    is_late = days > 0
    state = f"was due on {day} and has not arrived" if is_late else f"is due by the end of {day}"
    subject = f"{'Overdue' if is_late else 'Due soon'}: report of {site} for {month}"
    told = (f"The report of {site} for {month} {state}.", f"Send it to {hub}. {_CLOSED}", _ARRIVED, _WHY)
    return subject, "\n\n".join(map(fill, told)) + "\n"
