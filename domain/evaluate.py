"""What is certain about the counts of a report, in exact interval arithmetic.

A count that the operator hid (`{"lt": 5}`) is somewhere in its bounds. A comparison *surely holds* when it
holds for every value the hidden counts can have, and *surely fails* when it fails for every one; between the
two nothing is claimed. With an operand that is missing, or a fact that is not known, neither is claimed.

Numbers are whole hundredths, since hours have two decimals: 8.1 has no exact binary form, and three times
8.1 must be 24.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from domain.dictionary import Binding, CellName, Dictionary, Indicator, Kind
from domain.expressions import Comparison, Place
from domain.outliers import Number, median
from domain.periods import Month
from domain.report import Bounded, Cell, Report, Reported, Site

HUNDREDTHS = 100


class Bounds(NamedTuple):
    """The least and the most that a number can be, both included, in hundredths."""

    low: int
    high: int


class Split(NamedTuple):
    """A breakdown as given and the total that it splits.

    `sum` are the bounds of all categories together, or None where one is missing; `largest` is what the largest
    is at least.
    """

    indicator: str
    binding: Binding
    unit: str
    total: Bounds
    cells: Mapping[str, Cell]
    sum: Bounds | None
    largest: int

    @property
    def breakdown(self) -> str:
        return self.binding.breakdown.id

    @property
    def parts(self) -> Mapping[str, Bounds | None]:
        """The bounds of every category, None where it is missing."""
        return {code: self.part(code) for code in self.binding.breakdown.codes}

    def part(self, category: str) -> Bounds | None:
        return bounds_of(self.cells.get(category), self.unit)


class Usual(NamedTuple):
    """What a total was in months before, at their pace in a month as long as this one: at least and at most, each in
    order, and the same list where none is hidden; and the medians of both."""

    lows: Sequence[float]
    highs: Sequence[float]
    low: float
    high: float


class Before(NamedTuple):
    """Of a month so many `months` before: the totals that are told and those that are hidden, by indicator, and how
    much `longer` the present month is."""

    months: int
    longer: float
    told: Mapping[str, Number]
    hidden: Mapping[str, Bounded]


class Breakdowns(NamedTuple):
    """The breakdowns of a report: those whose total is a count, by the kind of their binding, and of all, by indicator,
    those where something that is told is no whole number."""

    splits: Mapping[Kind, list[Split]]
    broken: Mapping[str, list[str]]


@dataclass(frozen=True)
class Case:
    """A report that has the shape of its dictionary, and what is known around it (None: not known).

    `earlier` are the reports of the same site for months before, `following` the one for the month after.
    """

    report: Report
    dictionary: Dictionary
    site: Site | None = None
    month: Month | None = None
    today: date | None = None
    earlier: Mapping[Month, Report] = field(default_factory=dict)
    following: Report | None = None

    def unit(self, indicator: str) -> str:
        return self.dictionary.by_id[indicator].unit

    def fact(self, name: str) -> int | None:
        """One of the FACTS that comparisons can name, or None."""
        if name == "days_in_month":
            return self.month.days if self.month else None
        return self.site.stations if self.site else None

    def bounds(self, name: CellName) -> Bounds | None:
        """The bounds of a cell, or None where the report gives no count for it."""
        return self.bounds_at((name.indicator, name.breakdown, name.category))

    def bounds_at(self, place: Place) -> Bounds | None:
        """The same of a cell by its place."""
        indicator, breakdown, category = place
        if not breakdown:
            return self.totals.get(indicator)
        tally = self.report.indicators.get(indicator)
        return bounds_of(tally.by.get(breakdown, {}).get(category), self.unit(indicator)) if tally else None

    @cached_property
    def totals(self) -> Mapping[str, Bounds]:
        """The bounds of every total that is counted, by indicator."""
        known = ((id, self.dictionary.by_id.get(id), tally) for id, tally in self.report.indicators.items())
        bounds = {id: bounds_of(tally.total, indicator.unit) for id, indicator, tally in known if indicator}
        return {id: found for id, found in bounds.items() if found}

    def month_before(self, months: int) -> Report | None:
        """The report of so many months before, if there is one."""
        index = self.month.index - months if self.month else 0
        return next((given for month, given in self.earlier.items() if month.index == index), None)

    def bounds_in(self, other: Report, name: CellName) -> Bounds | None:
        """The bounds of a cell in the report of another month."""
        return bounds_of(other.cell(name), self.unit(name.indicator))

    def usual(self, months: int) -> Mapping[str, Usual]:
        """By indicator, the totals in whole months among so many before, where they are counted and continuous."""
        if months not in self._usual:
            asked = self.report.indicators if self._whole else ()
            given = {id: self._counted(id, self._unbroken(id, months)) for id in asked}
            self._usual[months] = {id: usual for id, usual in given.items() if usual}
        return self._usual[months]

    @cached_property
    def _usual(self) -> dict[int, Mapping[str, Usual]]:
        return {}

    def _counted(self, indicator: str, months: int) -> Usual | None:
        """What the total was in the whole months among so many; None where it was never counted."""
        told = [
            values[indicator] * longer
            for back, longer, values, _ in self._whole
            if indicator in values and back <= months
        ]
        hidden = [
            (values[indicator], longer)
            for back, longer, _, values in self._hiding
            if indicator in values and back <= months
        ]
        if not told and not hidden:
            return None
        lows = sorted(told + [count.low * longer for count, longer in hidden])
        highs = sorted(told + [count.high * longer for count, longer in hidden]) if hidden else lows
        low = median(lows)
        return Usual(lows, highs, low, median(highs) if hidden else low)

    @cached_property
    def _whole(self) -> Sequence[Before]:
        if self.month is None:
            return ()
        days, index = self.month.days, self.month.index
        earlier = [(month, given) for month, given in self.earlier.items() if given.is_whole]
        return [
            Before(index - month.index, days / month.days, given.told_totals, given.hidden_totals)
            for month, given in earlier
        ]

    @cached_property
    def _hiding(self) -> Sequence[Before]:
        return [before for before in self._whole if before.hidden]

    def _unbroken(self, indicator: str, months: int) -> int:
        """Of so many months before, how many the site's series of the indicator is continuous with."""
        if self.site is None or self.month is None or not self.site.series_breaks:
            return months
        breaks = [self.month.index - at.month.index for at in self.site.series_breaks if at.indicator == indicator]
        return min([months, *(back for back in breaks if back >= 0)])

    @property
    def splits(self) -> Mapping[Kind, list[Split]]:
        """Every breakdown given whose total is a count, by the kind of its binding."""
        return self.breakdowns.splits

    @cached_property
    def breakdowns(self) -> Breakdowns:
        """The breakdowns given, each added up."""
        splits: dict[Kind, list[Split]] = {kind: [] for kind in Kind}
        broken: dict[str, list[str]] = {}
        for id, tally in self.report.indicators.items():
            total, indicator = self.totals.get(id), self.dictionary.by_id[id]
            for binding in indicator.bindings if tally.by else ():
                cells = tally.by.get(binding.breakdown.id)
                if cells:
                    told = [cell.value for cell in cells.values() if type(cell) is Reported]
                    if type(sum(told)) is not int:
                        broken.setdefault(id, []).append(binding.breakdown.id)
                    if total:
                        splits[binding.kind].append(_split(indicator, binding, total, cells, told))
        return Breakdowns(splits, broken)


def _split(
    indicator: Indicator, binding: Binding, total: Bounds, cells: Mapping[str, Cell], told: Sequence[Number]
) -> Split:
    counted = sum(told)
    # Whole counts that are all told, as nearly always, are much quicker than their bounds.
    if type(counted) is int and len(told) == len(binding.breakdown.codes):
        together: Bounds | None = _exactly(counted)
        largest = int(max(told)) * HUNDREDTHS
    else:
        parts = [bounds_of(cells.get(code), indicator.unit) for code in binding.breakdown.codes]
        together, largest = sum_of(parts), max((part.low for part in parts if part), default=0)
    return Split(indicator.id, binding, indicator.unit, total, cells, together, largest)


def surely_holds(comparison: Comparison, case: Case) -> bool:
    """Whether the comparison holds whatever the hidden counts are."""
    difference = _difference(comparison, case)
    return difference is not None and _HOLDS[comparison.operator](*difference)


def surely_fails(comparison: Comparison, case: Case) -> bool:
    """Whether the comparison fails whatever the hidden counts are."""
    difference = _difference(comparison, case)
    return difference is not None and _FAILS[comparison.operator](*difference)


Judge = Callable[[int, int], bool]

_HOLDS: Mapping[str, Judge] = {
    "<=": lambda low, high: high <= 0,
    "<": lambda low, high: high < 0,
    ">=": lambda low, high: low >= 0,
    ">": lambda low, high: low > 0,
    "=": lambda low, high: low == high == 0,
}
_FAILS: Mapping[str, Judge] = {
    "<=": lambda low, high: low > 0,
    "<": lambda low, high: low >= 0,
    ">=": lambda low, high: high < 0,
    ">": lambda low, high: high <= 0,
    "=": lambda low, high: low > 0 or high < 0,
}


def bounds_of(cell: Cell | None, unit: str) -> Bounds | None:
    """The bounds of a count in this unit, or None where there is none."""
    if type(cell) is Reported:
        return _exactly(cell.value)
    if type(cell) is Bounded:
        return Bounds(0, cell.lt * HUNDREDTHS - (1 if unit == "hours" else HUNDREDTHS))
    return None


@lru_cache(maxsize=4096)
def _exactly(value: Number) -> Bounds:
    hundredths = round(value * HUNDREDTHS)
    return Bounds(hundredths, hundredths)


def sum_of(parts: Sequence[Bounds | None]) -> Bounds | None:
    """The bounds of all parts together, or None where one is missing."""
    low = high = 0
    for part in parts:
        if part is None:
            return None
        low, high = low + part[0], high + part[1]
    return Bounds(low, high)


def _difference(comparison: Comparison, case: Case) -> tuple[int, int] | None:
    """The least and the most that left minus right can be, times a number above zero."""
    low = high = 0
    totals = case.totals
    for place, factor, facts in comparison.weights:
        indicator, breakdown, _ = place
        bounds = case.bounds_at(place) if breakdown else totals.get(indicator) if indicator else _ONE
        if bounds is None:
            return None
        for fact, coefficient in facts:
            known = case.fact(fact)
            if known is None:
                return None
            factor += coefficient * known
        least, most = bounds if factor >= 0 else bounds[::-1]
        low, high = low + factor * least, high + factor * most
    return low, high


_ONE = Bounds(HUNDREDTHS, HUNDREDTHS)
