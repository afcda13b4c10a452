"""A release as comparisons read it: its rows, the sites as they then were, and how each report was counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comparison.reading.series import Series, SiteMonths, bits_of
from domain.cube import CODES, Columns, Cube
from domain.dictionary import CellName, Level
from domain.periods import Month, MonthRange, Period
from domain.release import Observation, Status
from domain.report import Site

ALL = "all"
_SHOWN, _HIDDEN = CODES[Status.PUBLISHED], CODES[Status.SUPPRESSED]


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
        return self._units[level]

    def sites_of(self, level: Level, unit: str) -> tuple[Site, ...]:
        """The sites that a unit is made of."""
        return self._members.get((level, unit), ())

    def series(self, level: Level, unit: str, name: CellName) -> Mapping[Period, Observation]:
        """The rows of one unit and cell name by period."""
        number, cell = self.cube.unit_numbers.get((level, unit)), self.cube.cell_numbers.get(name)
        return {} if number is None or cell is None else Series(self.cube, number, cell)

    def coverage(self, level: Level, unit: str, name: CellName, months: Sequence[Month]) -> SiteMonths:
        """The site-months behind the unit's sum over the months: those whose own row is counted."""
        cell = self.cube.cell_numbers.get(name)
        if cell is None or not months:
            return SiteMonths(self.cube, {})
        wanted = self._bits(months)
        bits = {}
        for site in self.sites_of(level, unit):
            number = self.cube.unit_numbers.get((Level.SITE, site.id))
            if number is not None:
                codes = self.cube.codes[cell, : len(self.months), number]
                bits[site.id] = wanted & bits_of((codes == _SHOWN) | (codes == _HIDDEN))
        return SiteMonths(self.cube, bits)

    def reports_of(self, months: SiteMonths) -> tuple[SiteMonth, ...]:
        """The reports of some sites and months, by site, then by month."""
        return tuple(months.pick(self._by_site))

    def months_expected(self, level: Level, unit: str, period: MonthRange) -> int:
        """The site-months of the unit in the range in which the sites were open."""
        return sum(_months_open(site, period) for site in self.sites_of(level, unit))

    @cached_property
    def _by_site(self) -> Mapping[str, Sequence[SiteMonth]]:
        """The reports of each site in the places of their months."""
        places: dict[str, list[Any]] = {site.id: [None] * len(self.months) for site in self.sites}
        for (site, month), report in self.reports.items():
            number = self.cube.period_numbers.get(month)
            if number is not None:
                places[site][number] = report
        return places

    @cached_property
    def _units(self) -> Mapping[Level, tuple[str, ...]]:
        return {level: tuple(sorted({_unit_of(site, level) for site in self.sites})) for level in Level}

    @cached_property
    def _members(self) -> Mapping[tuple[Level, str], tuple[Site, ...]]:
        members: dict[tuple[Level, str], list[Site]] = defaultdict(list)
        for site in self.sites:
            for level in Level:
                members[level, _unit_of(site, level)].append(site)
        return {unit: tuple(sites) for unit, sites in members.items()}

    def _bits(self, months: Sequence[Month]) -> int:
        """The months as bits, by their numbers in the cube."""
        first, last = (self.cube.period_numbers.get(month) for month in (months[0], months[-1]))
        if first is not None and last is not None and last - first == len(months) - 1:
            return (1 << len(months)) - 1 << first
        numbers = (self.cube.period_numbers.get(month) for month in months)
        return sum(1 << number for number in numbers if number is not None)


def _months_open(site: Site, period: MonthRange) -> int:
    """How many months of the range the site was open in."""
    first = max(site.opened, period.first)
    last = min(site.closed, period.last) if site.closed else period.last
    return max(0, last.index - first.index + 1)


def _unit_of(site: Site, level: Level) -> str:
    return {Level.SITE: site.id, Level.CITY: site.city, Level.ALL: ALL}[level]
