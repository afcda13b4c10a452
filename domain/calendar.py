"""When reports are expected and due: by site, a month at a time.

The report of a month is expected once the month has ended where the site is, and due on a day of the month after it,
until that day ends there. Days are kept by the month from which on they hold, so that a change never makes an old
report late, or on time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.periods import Month, MonthRange

USUAL_DUE_DAY, LAST_DUE_DAY = 15, 28


@dataclass(frozen=True)
class DueDay:
    """From the report of this month on, reports are due on this day of the month after."""

    month: Month
    day: int

    def __post_init__(self) -> None:
        if not 1 <= self.day <= LAST_DUE_DAY:
            raise ValueError(f"a due day is 1 to {LAST_DUE_DAY}, which every month has")


@dataclass(frozen=True)
class ReportingCalendar:
    """The months of one site, from its opening to its closing, and when the report of each is due.

    `due_days` are in order of their months. The first, where it is later than the opening, is where reporting begins;
    with none, reports are due on the usual day from the opening on.
    """

    opened: Month
    closed: Month | None
    timezone: str
    due_days: tuple[DueDay, ...] = ()

    def expected(self, now: datetime) -> Iterator[Month]:
        """The months of which there should be a report by now, the first first."""
        month = self._first
        while month < self.current_month(now) and (self.closed is None or month <= self.closed):
            yield month
            month = month.next

    def current_month(self, now: datetime) -> Month:
        """The month that has not ended yet where the site is."""
        return Month.of(now.astimezone(self.zone).date())

    def due_day(self, month: Month) -> date:
        """The day on which the report of the month is due."""
        days = [due.day for due in self.due_days if due.month <= month] or [USUAL_DUE_DAY]
        after = month.next
        return date(after.year, after.number, days[-1])

    def due_by(self, month: Month) -> datetime:
        """The moment at which that day has ended where the site is: a report that comes then is late."""
        return self.at(self.due_day(month) + timedelta(days=1), time.min)

    def at(self, day: date, hour: time) -> datetime:
        """A time of a day where the site is."""
        return datetime.combine(day, hour, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the site."""
        return ZoneInfo(self.timezone)

    @property
    def _first(self) -> Month:
        return max(self.opened, self.due_days[0].month) if self.due_days else self.opened


def are_in_order(due_days: Iterable[DueDay]) -> bool:
    """Whether each holds from a later month than the one before it."""
    months = [due.month for due in due_days]
    return months == sorted(set(months))


def differ_before(one: ReportingCalendar, other: ReportingCalendar, month: Month) -> bool:
    """Whether the two disagree about any month before this one: whether it is expected, or when it is due."""
    first = min(one.opened, other.opened)
    if month <= first:
        return False
    return any(_facts(one, past) != _facts(other, past) for past in MonthRange(first, month) if past < month)


def _facts(calendar: ReportingCalendar, month: Month) -> date | None:
    return calendar.due_day(month) if calendar._first <= month else None
