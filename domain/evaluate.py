"""What is certain about the counts of a report, in exact interval arithmetic.

A count that the operator hid (`{"lt": 5}`) is somewhere in its bounds. A comparison *surely holds* when it
holds for every value the hidden counts can have, and *surely fails* when it fails for every one; between the
two nothing is claimed. With an operand that is missing, or a fact that is not known, neither is claimed.

Numbers are whole hundredths, since hours have two decimals: 8.1 has no exact binary form, and three times
8.1 must be 24.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import NamedTuple

from domain.dictionary import CellName, Dictionary, Kind
from domain.expressions import Comparison
from domain.periods import Month
from domain.report import Bounded, Cell, Report, Reported, Site

HUNDREDTHS = 100


class Bounds(NamedTuple):
    """The least and the most that a number can be, both included, in hundredths."""

    low: int
    high: int


@dataclass(frozen=True)
class Split:
    """A breakdown as given (`name` is without a category), the total it splits, and the sum of its parts.

    A part is None where its category is missing, and then so is the sum.
    """

    name: CellName
    total: Bounds
    parts: Mapping[str, Bounds | None]
    sum: Bounds | None


@dataclass(frozen=True)
class Case:
    """A report that has the shape of its dictionary, and what is known around it (None: not known)."""

    report: Report
    dictionary: Dictionary
    site: Site | None = None
    month: Month | None = None
    today: date | None = None

    def unit(self, indicator: str) -> str:
        return self.dictionary.by_id[indicator].unit

    def fact(self, name: str) -> int | None:
        """One of the FACTS that comparisons can name, or None."""
        if name == "days_in_month":
            return self.month.days if self.month else None
        return self.site.stations if self.site else None

    def bounds(self, name: CellName) -> Bounds | None:
        """The bounds of a cell, or None where the report gives no count for it."""
        return _bounds(self.report.cell(name), self.unit(name.indicator))

    @cached_property
    def splits(self) -> Mapping[Kind, list[Split]]:
        """Every breakdown given whose total is a count, by the kind of its binding."""
        splits: dict[Kind, list[Split]] = {kind: [] for kind in Kind}
        for id, tally in self.report.indicators.items():
            indicator = self.dictionary.by_id[id]
            total = _bounds(tally.total, indicator.unit)
            for binding in indicator.bindings:
                cells = tally.by.get(binding.breakdown.id)
                if total and cells:
                    parts = {code: _bounds(cells.get(code), indicator.unit) for code in binding.breakdown.codes}
                    split = Split(CellName(id, binding.breakdown.id), total, parts, _sum(parts.values()))
                    splits[binding.kind].append(split)
        return splits


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


def _bounds(cell: Cell | None, unit: str) -> Bounds | None:
    if isinstance(cell, Reported):
        value = cell.value * HUNDREDTHS
        return Bounds(value, value) if isinstance(value, int) else Bounds(round(value), round(value))
    if isinstance(cell, Bounded):
        return Bounds(0, cell.lt * HUNDREDTHS - (1 if unit == "hours" else HUNDREDTHS))
    return None


def _sum(parts: Iterable[Bounds | None]) -> Bounds | None:
    low = high = 0
    for part in parts:
        if part is None:
            return None
        low += part.low
        high += part.high
    return Bounds(low, high)


def _difference(comparison: Comparison, case: Case) -> tuple[Decimal, Decimal] | None:
    """The least and the most that left minus right can be."""
    low = high = Decimal(0)
    for name, weights in _weights(comparison):
        weight = Decimal(0)
        for fact, coefficient in weights:
            known = case.fact(fact) if fact else 1
            if known is None:
                return None
            weight += coefficient * known
        bounds = case.bounds(name) if name else Bounds(HUNDREDTHS, HUNDREDTHS)
        if bounds is None:
            return None
        ends = (weight * bounds.low, weight * bounds.high)
        low, high = low + min(ends), high + max(ends)
    return low, high


Weights = tuple[tuple[CellName | None, tuple[tuple[str, Decimal], ...]], ...]


@cache
def _weights(comparison: Comparison) -> Weights:
    """Left minus right as (cell, ((fact, coefficient), ...)): no fact is '', and no cell the constant None.

    A cell that stands on both sides is gathered into one, or its bounds would count twice.
    """
    weights: dict[CellName | None, list[tuple[str, Decimal]]] = {}
    for sign, terms in ((1, comparison.left), (-1, comparison.right)):
        for term in terms:
            name = CellName(term.indicator, term.breakdown, term.category) if term.indicator else None
            weights.setdefault(name, []).append((term.fact, sign * Decimal(str(term.coefficient))))
    return tuple((name, tuple(pairs)) for name, pairs in weights.items())
