"""The site-months behind the counts of units, and what the comparability gate has to know of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from comparison.reading.gate import PARTIAL_MONTH, PROVISIONAL, UnitFacts
from comparison.reading.release_view import NO_REPORT, Places, ReleaseView, Way
from domain.periods import MonthRange
from domain.report import Site

Truths = NDArray[np.bool_]
Texts = Mapping[int, tuple[str, ...]]
"""What there is to say of a unit, by its place."""


@dataclass(frozen=True, eq=False)
class SiteMonths:
    """`covered` is [month, site], the sites as the places have them, the months from number `first` of the cube on."""

    release: ReleaseView
    places: Places
    first: int
    covered: Truths

    @cached_property
    def ways(self) -> NDArray[np.int32]:
        """[month, site] the way of its report, NO_REPORT where there is none or the month is not covered."""
        reports = self.release.reports[self.first : self.first + len(self.covered)]
        return np.where(self.covered, reports[:, self.places.sites], NO_REPORT)

    @property
    def per_unit(self) -> NDArray[np.int64]:
        """How many of each unit are covered."""
        return np.add.reduceat(self.covered.sum(axis=0), self.places.starts)

    def agrees(self, others: SiteMonths) -> Truths:
        """For each unit whether both are the same."""
        return ~np.logical_or.reduceat((self.covered != others.covered).any(axis=0), self.places.starts)

    def facts(self, period: MonthRange, indicators: Collection[str]) -> list[UnitFacts]:
        """Of every unit, covered or not; the period is that in which months are expected."""
        places, starts, is_there = self.places, self.places.starts, self.covered.any(axis=0)
        synthetic = self.release.is_synthetic[places.sites]
        texts = (self._breaks(indicators), self._flagged(PARTIAL_MONTH), self._flagged(PROVISIONAL))
        columns = (
            places.units,
            self._ways_of_units(),
            np.logical_or.reduceat(is_there & synthetic, starts).tolist(),
            np.logical_or.reduceat(is_there & ~synthetic, starts).tolist(),
            np.add.reduceat((self.ways != NO_REPORT).sum(axis=0), starts).tolist(),
            self.release.months_expected(places, period).tolist(),
            *([of.get(unit, ()) for unit in range(len(starts))] if of else repeat((), len(starts)) for of in texts),
        )
        return list(map(UnitFacts, *columns))

    def _ways_of_units(self) -> list[tuple[Way, ...]]:
        """For each unit the different ways in which was counted."""
        known = self.release.ways
        # The last column is that of no report.
        seen: Truths = np.zeros((len(self.places.units), len(known) + 1), dtype=bool)
        seen[self.places.of, self.ways] = True
        units, ways = (each.tolist() for each in np.nonzero(seen[:, :-1]))
        if units == list(range(len(seen))):
            return [(known[way],) for way in ways]
        grouped: list[tuple[Way, ...]] = [()] * len(seen)
        for unit, way in zip(units, ways, strict=True):
            grouped[unit] += (known[way],)
        return grouped

    def _flagged(self, field: str) -> Texts:
        """The site-months whose about block says so."""
        is_so = np.array([*(bool(way.about.get(field)) for way in self.release.ways), False])
        if not is_so.any():
            return {}
        places, numbers = (each.tolist() for each in np.nonzero(is_so[self.ways].T))
        months = (self.release.months[self.first + number] for number in numbers)
        return self._by_unit((at, f"{self._site(at).id} {month}") for at, month in zip(places, months, strict=True))

    def _breaks(self, indicators: Collection[str]) -> Texts:
        """The breaks of the indicators that have reports of the site on both sides."""
        return self._by_unit(
            (at, f"{self._site(at).id} {found.indicator} from {found.month} ({found.code})")
            for at in np.flatnonzero(self.release.has_breaks[self.places.sites]).tolist()
            for found in self._site(at).series_breaks
            if found.indicator in indicators and self._has_both_sides(at, found.month.index)
        )

    def _has_both_sides(self, at: int, month: int) -> bool:
        reported = self.release.cube.month_indexes[self.first + np.flatnonzero(self.ways[:, at] != NO_REPORT)]
        return bool(len(reported)) and bool(reported[0] < month <= reported[-1])

    def _by_unit(self, said: Iterable[tuple[int, str]]) -> Texts:
        found: dict[int, tuple[str, ...]] = defaultdict(tuple)
        for at, text in said:
            found[int(self.places.of[at])] += (text,)
        return found

    def _site(self, at: int) -> Site:
        return self.release.sites[self.places.sites[at]]
