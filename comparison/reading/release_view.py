"""A release as comparisons read it: its cube, the sites as they then were, and how each report was counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.cube import Columns, Cube, Indexes
from domain.dictionary import Level
from domain.periods import Month, MonthRange
from domain.release import Observation
from domain.report import Site

ALL = "all"
NO_REPORT = -1


@dataclass(frozen=True, eq=False)
class Way:
    """How the counts of some reports were made: the codes of their about block, and whether the site was closed.

    `dictionary` is the version they follow, None where a release does not say.
    """

    about: Mapping[str, object]
    is_closed: bool = False
    dictionary: str | None = None


@dataclass(frozen=True, eq=False)
class Places:
    """Units of one level and the sites they are made of, one unit's after the other's and each by id.

    `numbers` and `site_numbers` are those in the cube (-1: without a row), `sites` the columns of the view, and
    `starts` say where in them the sites of each unit begin.
    """

    units: tuple[str, ...]
    numbers: Indexes
    sites: Indexes
    site_numbers: Indexes
    starts: Indexes

    @cached_property
    def of(self) -> Indexes:
        """For each site the place of its unit."""
        return np.repeat(np.arange(len(self.units)), np.diff(self.starts, append=len(self.sites)))

    def only(self, units: Collection[str]) -> Places:
        """Some of the units."""
        kept = np.array([unit in units for unit in self.units], dtype=bool)
        sites, lengths = kept[self.of], np.diff(self.starts, append=len(self.sites))[kept]
        return Places(
            tuple(unit for unit in self.units if unit in units),
            self.numbers[kept],
            self.sites[sites],
            self.site_numbers[sites],
            np.cumsum(lengths) - lengths,
        )


@dataclass(frozen=True, eq=False)
class ReleaseView:
    """The cube of a release, its sites by id, the ways in which was counted, and the way of each [month, site].

    A quarter or year row is taken to hold every report of its months that has a row of its own; where none of these
    months has, every report.
    """

    cube: Cube
    sites: tuple[Site, ...]
    ways: tuple[Way, ...]
    reports: NDArray[np.int32]

    @classmethod
    def read(cls, cube: Cube, sites: Iterable[Site], reports: Iterable[Mapping[str, Any]]) -> ReleaseView:
        """The view of a cube; reports are `{"site", "month", "dictionary", "about": {...}, "closed"}`.

        Those that say the same of how they counted hold the same about block, not only an equal one.
        """
        ordered = tuple(sorted(sites, key=lambda site: site.id))
        columns = {site.id: column for column, site in enumerate(ordered)}
        months = {str(month): number for number, month in enumerate(cube.months)}
        table = np.full((len(months), len(ordered)), NO_REPORT, dtype=np.int32)
        known: dict[tuple, tuple[int, Way]] = {}
        for report in reports:
            about, is_closed, version = report["about"], report.get("closed") is not None, report.get("dictionary")
            way = known.setdefault((id(about), is_closed, version), (len(known), Way(about, is_closed, version)))
            if report["month"] in months:
                table[months[report["month"]], columns[report["site"]]] = way[0]
        return cls(cube, ordered, tuple(way for _, way in known.values()), table)

    @classmethod
    def of(
        cls, observations: Iterable[Observation], sites: Iterable[Site], reports: Iterable[Mapping[str, Any]]
    ) -> ReleaseView:
        """The same of rows that are there one by one; those of the cell names that are asked for are enough."""
        return cls.read(Cube.of([Columns.of(observations)]), sites, reports)

    @property
    def months(self) -> tuple[Month, ...]:
        """The months that there are rows of, in order."""
        return self.cube.months

    def units(self, level: Level) -> tuple[str, ...]:
        """The ids of the units of a level, in order."""
        return self.places(level).units

    def sites_of(self, level: Level, unit: str) -> tuple[Site, ...]:
        """The sites that a unit is made of, by id."""
        return self._members.get((level, unit), ())

    def places(self, level: Level) -> Places:
        """All units of a level."""
        return self._places[level]

    def months_expected(self, places: Places, period: MonthRange) -> NDArray[np.int64]:
        """Of each unit the site-months in the range in which its sites were open."""
        return np.add.reduceat(self.months_open(period)[places.sites], places.starts)

    def months_open(self, period: MonthRange) -> NDArray[np.int64]:
        """Of each site the months in the range in which it was open."""
        first, last = self._open
        return np.maximum(np.minimum(last, period.last.index) - np.maximum(first, period.first.index) + 1, 0)

    @cached_property
    def is_synthetic(self) -> NDArray[np.bool_]:
        """Of each site whether its counts are made up."""
        return np.array([site.synthetic for site in self.sites], dtype=bool)

    @cached_property
    def has_breaks(self) -> NDArray[np.bool_]:
        """Of each site whether a series of it is broken somewhere."""
        return np.array([bool(site.series_breaks) for site in self.sites], dtype=bool)

    @cached_property
    def _members(self) -> Mapping[tuple[Level, str], tuple[Site, ...]]:
        members: dict[tuple[Level, str], tuple[Site, ...]] = defaultdict(tuple)
        for level, site in product(Level, self.sites):
            members[level, unit_of(site, level)] += (site,)
        return members

    @cached_property
    def _places(self) -> Mapping[Level, Places]:
        return {level: self._placed(level) for level in Level}

    def _placed(self, level: Level) -> Places:
        unit = [unit_of(site, level) for site in self.sites]
        order = sorted(range(len(unit)), key=lambda column: (unit[column], column))
        units = tuple(sorted(set(unit)))
        starts = np.searchsorted(np.array([unit[column] for column in order], dtype=str), np.array(units, dtype=str))
        known = self.cube.unit_numbers
        return Places(
            units,
            _numbers(known.get((level, unit), -1) for unit in units),
            _numbers(order),
            _numbers(known.get((Level.SITE, self.sites[column].id), -1) for column in order),
            starts,
        )

    @cached_property
    def _open(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last month of each site, as Month.index; a last one beyond all where it is still open."""
        last = [site.closed.index if site.closed else np.iinfo(np.int64).max // 2 for site in self.sites]
        return np.array([site.opened.index for site in self.sites], dtype=np.int64), np.array(last, dtype=np.int64)


def unit_of(site: Site, level: Level) -> str:
    """The unit of a level that the site belongs to."""
    return {Level.SITE: site.id, Level.CITY: site.city, Level.ALL: ALL}[level]


def months_within(cube: Cube, within: MonthRange) -> slice:
    """The numbers of the months of a range that the cube has; months come first among its periods, in order."""
    begin, end = np.searchsorted(cube.month_indexes, (within.first.index, within.last.index + 1))
    return slice(int(begin), int(end))


def _numbers(of: Iterable[int] | Sequence[int]) -> Indexes:
    return np.array([*of], dtype=np.intp)
