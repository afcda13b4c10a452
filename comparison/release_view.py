"""A release as comparisons read it: its rows, the sites as they then were, and how each report was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from comparison.tiling import is_counted
from domain.cube import Columns, Cube, Rows
from domain.dictionary import CellName, Level
from domain.periods import Month, MonthRange, Period
from domain.release import Observation
from domain.report import Site

ALL = "all"

Coverage = frozenset[tuple[str, Month]]


@dataclass(frozen=True)
class SiteMonth:
    """How the counts of one report were made: the codes of its about block, and why it was closed, if it was.

    `dictionary` is the version it follows, None where a release does not say.
    """

    site: str
    month: Month
    about: Mapping[str, object]
    closed: str | None = None
    dictionary: str | None = None

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> SiteMonth:
        """From `{"site", "month", "dictionary", "about": {...}, "closed"}`, the month written `2026-05`."""
        month = Month.parse(content["month"])
        return cls(content["site"], month, content["about"], content.get("closed"), content.get("dictionary"))


@dataclass(frozen=True)
class ReleaseView:
    """The cube of a release, its sites, its reports.

    A quarter or year row is taken to hold every report of its months that has a row of its own.
    """

    cube: Cube
    sites: tuple[Site, ...]
    reports: Mapping[tuple[str, Month], SiteMonth]

    @classmethod
    def read(cls, cube: Cube, sites: Iterable[Site], reports: Iterable[Mapping[str, Any]]) -> ReleaseView:
        """The view of a cube; `reports` are mappings as SiteMonth.read takes them."""
        facts = [SiteMonth.read(report) for report in reports]
        return cls(cube, tuple(sites), {(fact.site, fact.month): fact for fact in facts})

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
        return tuple(sorted({_unit_of(site, level) for site in self.sites}))

    def sites_of(self, level: Level, unit: str) -> tuple[Site, ...]:
        """The sites that a unit is made of."""
        return tuple(site for site in self.sites if _unit_of(site, level) == unit)

    def series(self, level: Level, unit: str, name: CellName) -> Mapping[Period, Observation]:
        """The rows of one unit and cell name by period."""
        cube = self.cube
        number, cell = cube.unit_numbers.get((level, unit)), cube.cell_numbers.get(name)
        if number is None or cell is None:
            return {}
        periods = np.flatnonzero(cube.codes[cell, :, number])
        same = np.ones(len(periods), dtype=np.intp)
        rows = Rows(cube, number * same, periods, cell * same)
        return {cube.periods[period]: row for period, row in zip(periods.tolist(), rows.observations(), strict=True)}

    def coverage(self, level: Level, unit: str, name: CellName, months: Iterable[Month]) -> Coverage:
        """The site-months behind the unit's sum over the months: those whose own row is counted."""
        wanted = tuple(months)
        return frozenset(
            (site.id, month)
            for site in self.sites_of(level, unit)
            for month in wanted
            if is_counted(self.series(Level.SITE, site.id, name).get(month))
        )

    def months_expected(self, level: Level, unit: str, period: MonthRange) -> int:
        """The site-months of the unit in the range in which the sites were open."""
        return sum(site.is_open(month) for site in self.sites_of(level, unit) for month in period)


def _unit_of(site: Site, level: Level) -> str:
    return {Level.SITE: site.id, Level.CITY: site.city, Level.ALL: ALL}[level]
