"""Query the rows of a release."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from actions.hub import Hub
from actions.open_release import find_readable_release, open_release
from domain.access import Principal, Scope
from domain.periods import MonthRange, parse_period
from domain.release import Observation

TOTAL = "total"


@dataclass(frozen=True)
class Query:
    """What to keep: a row passes when every filter given admits it. `breakdown` `total` keeps totals only."""

    indicator: frozenset[str] | None = None
    unit: frozenset[str] | None = None
    city: frozenset[str] | None = None
    level: frozenset[str] | None = None
    breakdown: frozenset[str] | None = None
    period: MonthRange | None = None

    def admits(self, row: Observation) -> bool:
        """Whether the row passes every filter."""
        named = (
            (self.indicator, row.indicator),
            (self.unit, row.unit),
            (self.city, row.city),
            (self.level, row.level),
            (self.breakdown, row.breakdown or TOTAL),
        )
        if any(wanted is not None and value not in wanted for wanted, value in named):
            return False
        return self.period is None or self.period.covers(parse_period(row.period))


@dataclass(frozen=True)
class Page:
    """Some rows in the release's own order, and where the next begin (None: these were the last)."""

    rows: list[Observation]
    next: int | None


def query_observations(
    hub: Hub, *, by: Principal, release: str, query: Query, start: int = 0, limit: int | None = None
) -> Page:
    """The rows that the query admits, from position `start` of the release on; raises NotFound and Retracted.

    Positions are stable because a release is, so a cursor never skips or repeats a row.
    """
    by.require(Scope.DATA_READ)
    rows = open_release(hub.artefacts, find_readable_release(hub, release).id).observations
    found = ((i, row) for i, row in enumerate(islice(rows, start, None), start) if query.admits(row))
    kept = list(found if limit is None else islice(found, limit + 1))
    if limit is None or len(kept) <= limit:
        return Page([row for _, row in kept], None)
    return Page([row for _, row in kept[:limit]], kept[limit][0])
