"""A release as comparisons read it: its rows, the sites as they then were, and how each report was counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from comparison.tiling import is_counted
from domain.dictionary import CellName, Level
from domain.periods import Month, MonthRange, Period, parse_period
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
    """The rows of a release by level, unit and cell name; its sites; its reports.

    A quarter or year row is taken to hold every report of its months that has a row of its own.
    """

    rows: Mapping[tuple[Level, str, CellName], Mapping[Period, Observation]]
    sites: tuple[Site, ...]
    reports: Mapping[tuple[str, Month], SiteMonth]

    @classmethod
    def of(
        cls, observations: Iterable[Observation], sites: Iterable[Site], reports: Iterable[Mapping[str, Any]]
    ) -> ReleaseView:
        """Index the rows of a release; `reports` are mappings as SiteMonth.read takes them.

        It is enough to give the rows of the cell names that are asked for.
        """
        rows: dict[tuple[Level, str, CellName], dict[Period, Observation]] = defaultdict(dict)
        for row in observations:
            name = CellName(row.indicator, row.breakdown, row.category)
            rows[Level(row.level), row.unit, name][parse_period(row.period)] = row
        facts = [SiteMonth.read(report) for report in reports]
        return cls(dict(rows), tuple(sites), {(fact.site, fact.month): fact for fact in facts})

    def units(self, level: Level) -> tuple[str, ...]:
        """The ids of the units of a level, in order."""
        return tuple(sorted({_unit_of(site, level) for site in self.sites}))

    def sites_of(self, level: Level, unit: str) -> tuple[Site, ...]:
        """The sites that a unit is made of."""
        return tuple(site for site in self.sites if _unit_of(site, level) == unit)

    def series(self, level: Level, unit: str, name: CellName) -> Mapping[Period, Observation]:
        """The rows of one unit and cell name by period."""
        return self.rows.get((level, unit, name), {})

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
