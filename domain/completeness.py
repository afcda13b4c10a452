"""How complete and how timely reporting is: expected, received, on time, accepted.

A month counts once, however often its report was revised: it was received if it was not withdrawn, on time by its
first revision, and accepted if any revision was. So nothing tells how often a report changed, or whether an accepted
one is being revised, and no share passes 100 %.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.calendar import ReportingCalendar
from domain.periods import Month, MonthRange
from domain.report import Site


@dataclass(frozen=True)
class Tally:
    """So many reports; what can't be is not built."""

    expected: int = 0
    received: int = 0
    on_time: int = 0
    accepted: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.accepted <= self.received <= self.expected and 0 <= self.on_time <= self.received):
            raise ValueError("accepted and on time are of what was received, and that of what was expected")

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.expected + other.expected,
            self.received + other.received,
            self.on_time + other.on_time,
            self.accepted + other.accepted,
        )


@dataclass(frozen=True)
class Arrival:
    """All that is known of a report here: when its first revision came, and where it stands. No count."""

    first_at: datetime
    is_withdrawn: bool
    is_accepted: bool


@dataclass(frozen=True)
class SiteMonth:
    """A report that is expected: whose, when it is due, and what became of it."""

    operator: str
    site: str
    month: Month
    due_by: datetime
    tally: Tally


def calendar_of(site: Site) -> ReportingCalendar:
    """When the reports of the site are expected and due."""
    return ReportingCalendar(site.opened, site.closed, site.timezone, site.due_days)


def site_months(
    site: Site, arrivals: Mapping[Month, Arrival], now: datetime, period: MonthRange | None = None
) -> Iterator[SiteMonth]:
    """Every report of the site that is expected by now, in the period."""
    calendar = calendar_of(site)
    for month in calendar.expected(now):
        if period is None or period.covers(month):
            due_by = calendar.due_by(month)
            yield SiteMonth(site.operator, site.id, month, due_by, _tally(arrivals.get(month), due_by))


def sums(rows: Iterable[SiteMonth], key: Callable[[SiteMonth], str]) -> dict[str, Tally]:
    """The tallies of the rows that share a key, added, in the order of the keys."""
    found: dict[str, Tally] = {}
    for row in rows:
        found[key(row)] = found.get(key(row), Tally()) + row.tally
    return dict(sorted(found.items()))


def _tally(arrival: Arrival | None, due_by: datetime) -> Tally:
    if arrival is None or arrival.is_withdrawn:
        return Tally(expected=1)
    return Tally(1, 1, int(arrival.first_at < due_by), int(arrival.is_accepted))
