"""The cells of the publication plan, each with the site-months that contribute to it.

What a release shows is decided here, before any value is looked at for its size. A site's own month is
shown as sent. A sum is taken over the reports that count the indicator, and over a breakdown only where
every one of them counts each category; a sum with a count that its operator sent as a bound is a span.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from disclosure.policy import Policy
from domain.dictionary import CellName, Dictionary, DisclosureClass, Indicator, Level
from domain.periods import Month, Period, PeriodKind, Year
from domain.release import CellKey, Contribution
from domain.report import Bounded, Cell, Gap, Missing, Report, Reported, Site, Tally

SiteMonth = tuple[str, Month]
Contributors = frozenset[SiteMonth]

# The most that hours with two decimals can be below their bound; whole counts are below it by one.
_HOUR_STEP = 0.01


@dataclass(frozen=True)
class Span:
    """What the reports say of a count: from low to high, which are equal unless a bound was sent."""

    low: int | float
    high: int | float

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True)
class PlannedCell:
    """A cell of the plan: its place, who contributes, and a count or the reason why there is none."""

    key: CellKey
    city: str
    operator: str
    contributors: Contributors
    content: Span | Gap


@dataclass(frozen=True)
class _Unit:
    """A site, a city or all sites, with the columns that a row about it carries."""

    level: Level
    id: str
    city: str
    operator: str
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Assembly:
    """The accepted reports and the plan they are laid out by."""

    contributions: Sequence[Contribution]
    sites: Sequence[Site]
    policy: Policy
    dictionary: Dictionary

    @cached_property
    def reports(self) -> Mapping[SiteMonth, Contribution]:
        """The contributions by site and month."""
        return {(c.site.id, c.month): c for c in self.contributions}

    def cells(self) -> Iterator[PlannedCell]:
        """Every cell of the plan, in the order of the rows of a release."""
        for unit in _units(self.sites):
            for period in self._periods:
                complete = self._is_complete(unit, period)
                for indicator in self.dictionary.indicators:
                    if self._is_planned(unit, period, indicator, complete):
                        yield from self._cells_of(unit, period, indicator)

    @cached_property
    def _periods(self) -> tuple[Period, ...]:
        """Months, quarters and years that have a report, each kind in the order of time."""
        months = sorted({c.month for c in self.contributions})
        quarters = sorted({month.quarter for month in months})
        years = sorted({Year(month.year) for month in months})
        return (*months, *quarters, *years)

    def _is_complete(self, unit: _Unit, period: Period) -> bool:
        """Whether every month in which a site of the unit was open has a report."""
        return all(
            (site.id, month) in self.reports for site in unit.sites for month in period.months if site.is_open(month)
        )

    def _is_planned(self, unit: _Unit, period: Period, indicator: Indicator, complete: bool) -> bool:
        plan = self.dictionary.plan[indicator.disclosure_class]
        if unit.level not in plan.levels or not (unit.level is Level.SITE or indicator.additive_over_units):
            return False
        if indicator.window is not PeriodKind.MONTH:
            return period.kind is indicator.window
        if period.kind is PeriodKind.MONTH:
            return PeriodKind.MONTH in plan.periods
        return period.kind in plan.periods and indicator.additive_over_time and complete

    def _cells_of(self, unit: _Unit, period: Period, indicator: Indicator) -> Iterator[PlannedCell]:
        giving = self._giving(unit, period, indicator)
        counting = [c for c in giving if not isinstance(_tally(c, indicator).total, Missing)]
        contributing = counting or giving
        if not contributing or not self._may_stand(unit, period, indicator, contributing):
            return
        contributors = frozenset((c.site.id, c.month) for c in contributing)
        tallies = [_tally(c, indicator) for c in contributing]
        for name, content in self._contents(indicator, tallies, as_sent=_is_own_month(unit, period, indicator)):
            key = CellKey(unit.level, unit.id, period, name)
            yield PlannedCell(key, unit.city, unit.operator, contributors, content)

    def _giving(self, unit: _Unit, period: Period, indicator: Indicator) -> list[Contribution]:
        """The reports of the unit and period that give the indicator, as a count or with a reason."""
        months = period.months if indicator.window is PeriodKind.MONTH else period.months[-1:]
        places = ((site.id, month) for site in unit.sites for month in months)
        found = (self.reports[place] for place in places if place in self.reports)
        return [c for c in found if indicator.id in c.report.indicators]

    def _may_stand(
        self, unit: _Unit, period: Period, indicator: Indicator, contributing: Sequence[Contribution]
    ) -> bool:
        """Whether the mix of contributors may be summed, and sentinel counts are agreed to."""
        if len({c.site.synthetic for c in contributing}) > 1:
            return False
        if indicator.disclosure_class is not DisclosureClass.SENTINEL:
            return True
        return self.policy.agree_to_sentinel((c.site.operator for c in contributing), unit.level, period.kind)

    def _contents(
        self, indicator: Indicator, tallies: Sequence[Tally], *, as_sent: bool
    ) -> Iterator[tuple[CellName, Span | Gap]]:
        total = _summed([tally.total for tally in tallies], indicator)
        yield CellName(indicator.id), total
        if not self._breakdowns_are_planned(indicator) or not (as_sent or isinstance(total, Span)):
            return
        for binding in indicator.bindings:
            breakdown = binding.breakdown
            for code in breakdown.codes if _is_given(breakdown.id, tallies, as_sent=as_sent) else ():
                cells = [tally.by[breakdown.id][code] for tally in tallies]
                yield CellName(indicator.id, breakdown.id, code), _summed(cells, indicator)

    def _breakdowns_are_planned(self, indicator: Indicator) -> bool:
        is_sentinel = indicator.disclosure_class is DisclosureClass.SENTINEL
        return self.dictionary.plan[indicator.disclosure_class].breakdowns and not is_sentinel


def span_of(cell: Reported | Bounded, indicator: Indicator) -> Span:
    """What one report says of a count."""
    if isinstance(cell, Reported):
        return Span(cell.value, cell.value)
    return Span(0, round(cell.lt - _HOUR_STEP, 2) if indicator.unit == "hours" else cell.lt - 1)


def _units(sites: Sequence[Site]) -> Iterator[_Unit]:
    ordered = sorted(sites, key=lambda site: site.id)
    for site in ordered:
        yield _Unit(Level.SITE, site.id, site.city, site.operator, (site,))
    for city in sorted({site.city for site in ordered}):
        yield _Unit(Level.CITY, city, city, "", tuple(site for site in ordered if site.city == city))
    yield _Unit(Level.ALL, "all", "", "", tuple(ordered))


def _is_own_month(unit: _Unit, period: Period, indicator: Indicator) -> bool:
    """Whether the cell is one report's own, which is shown as sent."""
    return unit.level is Level.SITE and (period.kind is PeriodKind.MONTH or indicator.window is not PeriodKind.MONTH)


def _is_given(breakdown: str, tallies: Sequence[Tally], *, as_sent: bool) -> bool:
    """Whether the breakdown can be shown: given by every report, and for a sum with counts only."""
    given = [tally.by.get(breakdown) for tally in tallies]
    if not all(given):
        return False
    return as_sent or all(isinstance(cell, Reported) for cells in given if cells for cell in cells.values())


def _summed(cells: Sequence[Cell], indicator: Indicator) -> Span | Gap:
    """The sum of the counts; where nothing is counted the reason they share, else not_reported."""
    counted = [span_of(cell, indicator) for cell in cells if not isinstance(cell, Missing)]
    if counted:
        return Span(round(sum(s.low for s in counted), 2), round(sum(s.high for s in counted), 2))
    gaps = {cell.gap for cell in cells if isinstance(cell, Missing)}
    return gaps.pop() if len(gaps) == 1 else Gap.NOT_REPORTED


def _tally(contribution: Contribution, indicator: Indicator) -> Tally:
    report: Report = contribution.report
    return report.indicators[indicator.id]
