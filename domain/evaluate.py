"""What is certain about the counts of a report, in exact interval arithmetic.

A count that the operator hid (`{"lt": 5}`) is somewhere in its bounds. A comparison *surely holds* when it
holds for every value the hidden counts can have, and *surely fails* when it fails for every one; between the
two nothing is claimed. With an operand that is missing, or a fact that is not known, neither is claimed.

Numbers are whole hundredths, since hours have two decimals: 8.1 has no exact binary form, and three times
8.1 must be 24.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple, cast

from domain.dictionary import Binding, CellName, Dictionary, Indicator, Kind
from domain.expressions import Comparison, Place
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
        bounds = {id: bounds_of(tally.total, self.unit(id)) for id, tally in self.report.indicators.items()}
        return {id: found for id, found in bounds.items() if found}

    @cached_property
    def splits(self) -> Mapping[Kind, list[Split]]:
        """Every breakdown given whose total is a count, by the kind of its binding."""
        splits: dict[Kind, list[Split]] = {kind: [] for kind in Kind}
        for id, tally in self.report.indicators.items():
            if tally.by and id in self.totals:
                indicator = self.dictionary.by_id[id]
                for binding in indicator.bindings:
                    if cells := tally.by.get(binding.breakdown.id):
                        splits[binding.kind].append(_split(indicator, binding, self.totals[id], cells))
        return splits


def _split(indicator: Indicator, binding: Binding, total: Bounds, cells: Mapping[str, Cell]) -> Split:
    counts = [cell.value for cell in cells.values() if type(cell) is Reported]
    together = sum(counts)
    # Whole counts that are all told, as nearly always, are much quicker than their bounds.
    if type(together) is int and len(counts) == len(binding.breakdown.codes):
        together *= HUNDREDTHS
        sum_, largest = Bounds(together, together), max(counts) * HUNDREDTHS
    else:
        parts = [bounds_of(cells.get(code), indicator.unit) for code in binding.breakdown.codes]
        sum_, largest = _sum(parts), max((part.low for part in parts if part), default=0)
    return Split(indicator.id, binding, indicator.unit, total, cells, sum_, cast(int, largest))


def surely_holds(comparison: Comparison, case: Case) -> bool:
    """Whether the comparison holds whatever the hidden counts are."""
    difference = _difference(comparison, case)
    if difference is None:
        return False
    low, high = difference
    return {"<=": high <= 0, "<": high < 0, ">=": low >= 0, ">": low > 0, "=": low == high == 0}[comparison.operator]


def surely_fails(comparison: Comparison, case: Case) -> bool:
    """Whether the comparison fails whatever the hidden counts are."""
    difference = _difference(comparison, case)
    if difference is None:
        return False
    low, high = difference
    return {"<=": low > 0, "<": low >= 0, ">=": high < 0, ">": high <= 0, "=": low > 0 or high < 0}[comparison.operator]


def bounds_of(cell: Cell | None, unit: str) -> Bounds | None:
    """The bounds of a count in this unit, or None where there is none."""
    if type(cell) is Reported:
        value = cell.value * HUNDREDTHS if type(cell.value) is int else round(cell.value * HUNDREDTHS)
        return Bounds(value, value)
    if type(cell) is Bounded:
        return Bounds(0, cell.lt * HUNDREDTHS - (1 if unit == "hours" else HUNDREDTHS))
    return None


def _sum(parts: Sequence[Bounds | None]) -> Bounds | None:
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    return Bounds(sum(part.low for part in known), sum(part.high for part in known))


def _difference(comparison: Comparison, case: Case) -> tuple[int, int] | None:
    """The least and the most that left minus right can be, times a number above zero."""
    low = high = 0
    for weight in comparison.weights:
        bounds = case.bounds_at(weight.place) if weight.place[0] else _ONE
        if bounds is None:
            return None
        factor = weight.constant
        for fact, coefficient in weight.facts:
            known = case.fact(fact)
            if known is None:
                return None
            factor += coefficient * known
        least, most = (bounds.low, bounds.high) if factor >= 0 else (bounds.high, bounds.low)
        low, high = low + factor * least, high + factor * most
    return low, high


_ONE = Bounds(HUNDREDTHS, HUNDREDTHS)
