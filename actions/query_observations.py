"""Query the rows of a release, and what there is to query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from actions.hub import Hub
from actions.open_release import dictionary_of, find_readable_release, open_release
from actions.release_files import source_of
from domain.access import Principal, Scope
from domain.cube import CODES, Cube, Indexes, Rows, Selection
from domain.labels import Labels
from domain.periods import MonthRange, RelativePeriod, resolve_period
from domain.release import PublishedRelease
from formats.description import Source

TOTAL = "total"
UNIT, CELL = ("level", "unit", "city", "operator"), ("indicator", "breakdown", "category")


@dataclass(frozen=True)
class Query:
    """What to keep: a row passes when every filter given admits it.

    `columns` are the words that are admitted in a column; of `breakdown`, `total` is the empty one. `period` admits
    what lies in the range whole, `period_kind` months, quarters or years.
    """

    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    period: MonthRange | RelativePeriod | None = None
    period_kind: frozenset[str] | None = None

    def selection(self, cube: Cube) -> Selection:
        """The places of the cube to look at; raises QueryInvalid for a relative period of an empty one."""
        statuses = self.columns.get("value_status", CODES)
        return Selection(
            self._admitted(UNIT, cube.units),
            self._admitted_periods(cube),
            self._admitted(CELL, [(c.indicator, c.breakdown or TOTAL, c.category) for c in cube.cells]),
            frozenset(code for status, code in CODES.items() if status in statuses),
        )

    def _admitted(self, names: Sequence[str], places: Sequence[tuple[str, ...]]) -> Indexes:
        asked = [(names.index(name), words) for name, words in self.columns.items() if name in names]
        if not asked:
            return np.arange(len(places))
        return np.flatnonzero([all(place[n] in words for n, words in asked) for place in places])

    def _admitted_periods(self, cube: Cube) -> Indexes:
        first, last = cube.period_ends
        admitted = np.ones(len(cube.periods), dtype=bool)
        if self.period is not None:
            within = resolve_period(self.period, cube)
            admitted &= (first >= within.first.index) & (last <= within.last.index)
        if self.period_kind is not None:
            admitted &= [period.kind in self.period_kind for period in cube.periods]
        return np.flatnonzero(admitted)


@dataclass(frozen=True)
class Page:
    """Some rows in the release's own order, in blocks, and where the next begin (None: these were the last)."""

    blocks: list[Rows]
    next: int | None


@dataclass(frozen=True)
class Found:
    """The rows of a release that a query admits, from a position on; where they are from, and what they are called."""

    release: PublishedRelease
    cube: Cube
    selection: Selection
    start: int
    source: Source
    labels: Labels

    def blocks(self) -> Iterator[Rows]:
        """All of them, in the order of the release."""
        return self.cube.rows(self.selection, self.start)

    def page(self, limit: int) -> Page:
        """The first of them. Positions are stable because a release is: a cursor never skips or repeats a row."""
        kept: list[Rows] = []
        room = limit
        for rows in self.blocks():
            if len(rows) > room:
                return Page([*kept, rows[:room]], int(rows.positions[room]))
            kept.append(rows)
            room -= len(rows)
        return Page(kept, None)


def query_observations(hub: Hub, *, by: Principal, release: str, query: Query, start: int = 0) -> Found:
    """The rows that the query admits, from a position of the release on; raises NotFound, Retracted, QueryInvalid."""
    by.require(Scope.DATA_READ)
    found = find_readable_release(hub, release)
    opened, dictionary = open_release(hub.artefacts, found.id), dictionary_of(hub.artefacts, found.id)
    labels = Labels(hub.dictionaries[dictionary], opened.sites)
    source = source_of(hub, found.id, dictionary)
    return Found(found, opened.cube, query.selection(opened.cube), start, source, labels)
