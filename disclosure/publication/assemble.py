"""The cells of the publication plan, each with the counts that contribute to it.

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
from domain.report import Bounded, Cell, Gap, Missing, Reported, Site, Tally

SiteMonth = tuple[str, Month]

Source = tuple[str, Month, int]
"""The counts of one indicator for a site and month, by the revision in which they were first used."""

Contributors = frozenset[Source]

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


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell of the plan: its place, who contributes, and a count or the reason why there is none."""

    key: CellKey
    city: str
    operator: str
    contributors: Contributors
    content: Span | Gap
    is_withheld: bool = False


@dataclass(frozen=True)
class _Unit:
    """A site, a city or all sites, with the columns that a row about it carries."""

    level: Level
    id: str
    city: str
    operator: str
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Group:
    """A unit and a period, with the reports in it; `is_whole` where no month is missing that was open."""

    unit: _Unit
    period: Period
    contributions: tuple[Contribution, ...]
    is_whole: bool

    @cached_property
    def signature(self) -> tuple:
        """What is the same in two releases whose rows of this unit and period have the same contributors."""
        reports = tuple(
            (c.site.id, c.month, c.revision, tuple(sorted(c.counted_in.items()))) for c in self.contributions
        )
        return self.unit.level, self.unit.id, self.period, self.is_whole, reports


@dataclass(frozen=True)
class Assembly:
    """The reports and the plan they are laid out by; `dictionaries` has every version that a report names."""

    contributions: Sequence[Contribution]
    sites: Sequence[Site]
    policy: Policy
    dictionaries: Mapping[str, Dictionary]

    @cached_property
    def reports(self) -> Mapping[SiteMonth, Contribution]:
        """The contributions by site and month."""
        return {(c.site.id, c.month): c for c in self.contributions}

    @cached_property
    def dictionary(self) -> Dictionary:
        """The newest version, by whose plan the release is laid out."""
        return max(self.dictionaries.values(), key=lambda dictionary: dictionary.version)

    def dictionary_of(self, contribution: Contribution) -> Dictionary:
        """The version that a report names."""
        return self.dictionaries[contribution.report.dictionary]

    def cells(self) -> Iterator[PlannedCell]:
        """Every cell of the plan, in the order of the rows of a release."""
        for group in self.groups():
            yield from self.cells_of(group)

    def groups(self) -> Iterator[Group]:
        """Every unit and period with a report, in the order of the rows of a release."""
        for unit in _units(self.sites):
            ids = {site.id for site in unit.sites}
            months = {month: [c for c in found if c.site.id in ids] for month, found in self._by_month.items()}
            for period in self._periods:
                found = tuple(c for month in period.months for c in months.get(month, ()))
                if found:
                    yield Group(unit, period, found, self._is_whole(unit, period))

    def cells_of(self, group: Group) -> Iterator[PlannedCell]:
        """The cells of one unit and period."""
        for id in self._indicators:
            giving = self._giving(group, id)
            if giving:
                yield from self._cells_of(group, giving, id)

    @cached_property
    def _by_month(self) -> Mapping[Month, list[Contribution]]:
        found: dict[Month, list[Contribution]] = {}
        for contribution in sorted(self.contributions, key=lambda c: c.site.id):
            found.setdefault(contribution.month, []).append(contribution)
        return found

    @cached_property
    def _indicators(self) -> tuple[str, ...]:
        """All indicators, those of the newest version first."""
        newest_first = sorted(self.dictionaries.values(), key=lambda d: d.version, reverse=True)
        return tuple(dict.fromkeys(indicator.id for version in newest_first for indicator in version.indicators))

    @cached_property
    def _periods(self) -> tuple[Period, ...]:
        """Months, quarters and years that have a report, each kind in the order of time."""
        months = sorted(self._by_month)
        quarters = sorted({month.quarter for month in months})
        years = sorted({Year(month.year) for month in months})
        return (*months, *quarters, *years)

    def _is_whole(self, unit: _Unit, period: Period) -> bool:
        """Whether every month in which a site of the unit was open has a report."""
        return all(
            (site.id, month) in self.reports for site in unit.sites for month in period.months if site.is_open(month)
        )

    def _giving(self, group: Group, indicator: str) -> list[Contribution]:
        """The reports that give the indicator, as a count or with a reason, and are to be shown in the group."""
        period = group.period
        planned = {id for id, found in self.dictionaries.items() if self._is_planned(group, found.by_id.get(indicator))}
        if not planned:
            return []
        giving = [c for c in group.contributions if c.report.dictionary in planned and indicator in c.report.indicators]
        if giving and self._indicator(giving[0], indicator).window is not PeriodKind.MONTH:
            return [c for c in giving if c.month == period.months[-1]]
        return giving

    def _is_planned(self, group: Group, indicator: Indicator | None) -> bool:
        if indicator is None:
            return False
        plan, level, kind = self.dictionary.plan[indicator.disclosure_class], group.unit.level, group.period.kind
        if level not in plan.levels or not (level is Level.SITE or indicator.additive_over_units):
            return False
        if indicator.window is not PeriodKind.MONTH:
            return kind is indicator.window
        if kind is PeriodKind.MONTH:
            return kind in plan.periods
        return kind in plan.periods and indicator.additive_over_time and group.is_whole

    def _indicator(self, contribution: Contribution, id: str) -> Indicator:
        return self.dictionary_of(contribution).by_id[id]

    def _cells_of(self, group: Group, giving: Sequence[Contribution], id: str) -> Iterator[PlannedCell]:
        counting = [c for c in giving if not isinstance(c.report.indicators[id].total, Missing)]
        contributing = counting or giving
        if not self._may_stand(group, contributing, id):
            return
        unit, indicator = group.unit, self._indicator(contributing[0], id)
        contributors = frozenset((c.site.id, c.month, c.revision_of(id)) for c in contributing)
        tallies = [c.report.indicators[id] for c in contributing]
        is_own = unit.level is Level.SITE and (
            group.period.kind is PeriodKind.MONTH or indicator.window is not PeriodKind.MONTH
        )
        for name, content in self._contents(indicator, tallies, as_sent=is_own):
            withheld = is_own and (id, name.breakdown) in contributing[0].withheld
            key = CellKey(unit.level, unit.id, group.period, name)
            yield PlannedCell(key, unit.city, unit.operator, contributors, content, withheld)

    def _may_stand(self, group: Group, contributing: Sequence[Contribution], id: str) -> bool:
        """Whether the counts may be summed, and sentinel counts are agreed to."""
        first = self._indicator(contributing[0], id)
        if len({c.site.synthetic for c in contributing}) > 1:
            return False
        if any(not counts_alike(first, self._indicator(c, id)) for c in contributing[1:]):
            return False
        if first.disclosure_class is not DisclosureClass.SENTINEL:
            return True
        return self.policy.agree_to_sentinel(
            (c.site.operator for c in contributing), group.unit.level, group.period.kind
        )

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


def counts_alike(one: Indicator, other: Indicator) -> bool:
    """Whether two versions of an indicator count the same, so that their counts may be summed or compared."""
    return one is other or _what_is_counted(one) == _what_is_counted(other)


def _what_is_counted(indicator: Indicator) -> tuple:
    breakdowns = tuple((b.breakdown.id, b.kind, b.breakdown.codes) for b in indicator.bindings)
    additive = indicator.additive_over_time, indicator.additive_over_units
    return indicator.definition, indicator.unit, indicator.disclosure_class, indicator.window, additive, breakdowns


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
