"""Sums over a range of months, made of published cells alone, for many units at once.

A unit's months, quarters and years are nested, so a range can be laid out with them in several ways: a
half-year as two quarters or as six months. Of all layouts the one wins that says most: a sum that is
published in every piece, in the fewest pieces; where there is none, the sum with the tightest bounds.
Since the periods are nested, the best layout of a year is the better of its own cell and the best
layouts of its quarters, and so on down to the months.

Arrays are [period, unit] throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comparison.reading.release_view import months_within
from domain.cube import CODES, Cube, Indexes, numbers_of
from domain.dictionary import CellName
from domain.periods import Month, MonthRange, Period, Year
from domain.release import Status

Number = int | float
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
_SHOWN, _HIDDEN = CODES[Status.PUBLISHED], CODES[Status.SUPPRESSED]


class Span(NamedTuple):
    """A count: between which ends (None: no upper one), and its value where it is published."""

    low: float
    high: float | None
    value: Number | None


@dataclass(frozen=True, eq=False)
class Sums:
    """The sum of one cell for each unit: `low` and `high` are equal where published, `high` inf where it has no bound.

    `counted` [month, unit] are the months of the range with a row and a count, shown or not; `bare` those without a
    row of their own that a quarter or a year stands for. Without either there is no sum.
    """

    low: Floats
    high: Floats
    published: Truths
    counted: Truths
    bare: Truths

    def of(self, units: Indexes) -> Sums:
        """Those of some units."""
        low, high = self.low[units], self.high[units]
        return Sums(low, high, self.published[units], self.counted[:, units], self.bare[:, units])

    @cached_property
    def values(self) -> list[Number | None]:
        """The sums where they are published, whole where they are."""
        return told(np.where(self.published, self.low, inf))

    @cached_property
    def spans(self) -> list[Span]:
        """Unit by unit."""
        high = [None if end == inf else end for end in self.high.tolist()]
        return list(map(Span, self.low.tolist(), high, self.values))

    @property
    def together(self) -> Sums:
        """All units as one."""
        low, high = (each.sum(keepdims=True) for each in (self.low, self.high))
        return Sums(low, high, np.array([self.published.all()]), self.counted, self.bare)


def told(counts: Floats) -> list[Number | None]:
    """Counts as numbers, whole where they are; None for inf."""
    is_known = np.isfinite(counts)
    numbers: list[Number | None] = [*numbers_of(np.rint(np.where(is_known, counts, 0) * 100).astype(np.int64))]
    for unknown in np.flatnonzero(~is_known).tolist():
        numbers[unknown] = None
    return numbers


class Pieces(NamedTuple):
    """Cells, or sums of some: between which ends, whether any is hidden, and whether there is a count at all."""

    low: Floats
    high: Floats
    hidden: Truths
    there: Truths

    def joined(self, starts: Indexes) -> Pieces:
        """Each run of pieces as one, where the runs begin."""
        low, high = (np.add.reduceat(each, starts, axis=0) for each in (self.low, self.high))
        return Pieces(low, high, *(np.logical_or.reduceat(each, starts, axis=0) for each in (self.hidden, self.there)))

    def or_better(self, others: Pieces) -> Pieces:
        """Of each two the others where they say as much or more: nothing hidden, else less width, else no lower."""
        width, others_width = (np.where(each.hidden, each.high - each.low, -1) for each in (self, others))
        says_more = (others_width < width) | ((others_width == width) & (~self.hidden | (others.low >= self.low)))
        others_win = others.there & (~self.there | says_more)
        return Pieces(*(np.where(others_win, other, own) for own, other in zip(self, others, strict=True)))


def tile(cube: Cube, name: CellName, units: Indexes, within: MonthRange) -> Sums:
    """Lay out the counted months of the range with the rows of each unit (-1: a unit without rows).

    A month is counted where its row is published or suppressed; other months are gaps. A quarter or a year
    is used only where it lies in the range whole.
    """
    months, cell = months_within(cube, within), cube.cell_numbers.get(name)
    periods = np.arange(months.start, months.stop)
    if cell is None or not len(periods):
        nothing = np.zeros(len(units))
        return Sums(nothing, nothing, nothing > 0, *[np.zeros((len(periods), len(units)), dtype=bool)] * 2)
    codes, hundredths = (_of_units(array[cell, months], units) for array in (cube.codes, cube.hundredths))
    shown = codes == _SHOWN
    counted = shown | (codes == _HIDDEN)
    # Every layout of published cells says the same, so the months themselves do; what was not counted is kept as 0.
    low = hundredths.sum(axis=0, dtype=np.int64) / 100
    sums = Sums(low, low.copy(), shown.any(axis=0), counted, np.zeros_like(counted))
    rest = np.flatnonzero(~sums.published | (shown != counted).any(axis=0))
    if len(rest):
        best, bare = _best_layout(cube, cell, periods, units[rest], within)
        sums.low[rest], sums.high[rest] = best.low, best.high
        sums.published[rest] = best.there & ~best.hidden
        sums.bare[:, rest] = bare & (codes[:, rest] == 0)
    return sums


def months_at(cube: Cube, name: CellName, within: MonthRange, units: Indexes) -> Pieces:
    """The cells of the months of a range."""
    months, cell = months_within(cube, within), cube.cell_numbers.get(name)
    if cell is None:
        nothing = np.zeros((0, len(units)))
        return Pieces(nothing, nothing, nothing > 0, nothing > 0)
    return cells_at(cube, cell, np.arange(months.start, months.stop), units)


def cells_at(cube: Cube, cell: int, periods: Indexes, units: Indexes) -> Pieces:
    """The cells of some periods and units, each by its number (-1: not in the release)."""
    codes, hundredths = (_of_units(array[cell][periods], units) for array in (cube.codes, cube.hundredths))
    codes[periods < 0] = 0
    low = np.where(codes == _SHOWN, hundredths / 100, 0)
    high, hidden = low.copy(), codes == _HIDDEN
    period, unit = np.nonzero(hidden)
    positions = (units[unit] * len(cube.periods) + periods[period]) * len(cube.cells) + cell
    places = np.searchsorted(cube.hidden, positions)
    low[hidden], high[hidden] = np.nan_to_num(cube.lower[places]), np.nan_to_num(cube.upper[places], nan=np.inf)
    return Pieces(low, high, hidden, hidden | (codes == _SHOWN))


def _of_units(array: NDArray, units: Indexes) -> NDArray:
    found = array.take(units, axis=1)
    found[:, units < 0] = 0
    return found


def _best_layout(cube: Cube, cell: int, periods: Indexes, units: Indexes, within: MonthRange) -> tuple[Pieces, Truths]:
    """The sums, and the months in a quarter or a year with a count of its own while none of its months has one."""
    pieces = cells_at(cube, cell, periods, units)
    months, begun = pieces.there, np.arange(len(periods))
    bare: Truths = np.zeros(months.shape, dtype=bool)
    for whole_of in (lambda month: month.quarter, lambda month: Year(month.year)):
        runs = _runs(cube.months[periods[0] : periods[-1] + 1], whole_of)
        starts = np.array([*runs.values()])
        own = cells_at(cube, cell, np.array([_number(cube, whole, within) for whole in runs], dtype=np.intp), units)
        pieces = pieces.joined(np.searchsorted(begun, starts)).or_better(own)
        is_bare = own.there & ~np.logical_or.reduceat(months, starts, axis=0)
        bare |= np.repeat(is_bare, np.diff(starts, append=len(periods)), axis=0)
        begun = starts
    return Pieces(*(each[0] for each in pieces.joined(np.zeros(1, dtype=np.intp)))), bare


def _runs(months: Sequence[Month], whole_of: Callable[[Month], Period]) -> dict[Period, int]:
    """The quarters or years that the months lie in, and the place of the first month of each."""
    found: dict[Period, int] = {}
    for place, month in enumerate(months):
        found.setdefault(whole_of(month), place)
    return found


def _number(cube: Cube, whole: Period, within: MonthRange) -> int:
    """The number of a quarter or year in the cube, -1 where it does not lie in the range whole."""
    return cube.period_numbers.get(whole, -1) if within.covers(whole) else -1
