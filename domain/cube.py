"""A release as a dense cube: for every cell, period and unit one integer and one status.

The axes of the arrays are cell, period, unit, so that what is asked of all units lies together. Values are kept in
hundredths, for hours have two decimals and all else is whole. The bounds of hidden cells are few and lie aside.

Rows are told in the order of a release: by level and unit, then by period (months, quarters, years), then by cell. The
place of a row in that order among all places, taken or not, is its position; it is the same for ever, as a release is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.dictionary import CellName, Level
from domain.periods import Month, Period, PeriodKind, parse_period
from domain.release import Observation, Status

KEYS = ("level", "unit", "city", "operator", "period", "indicator", "breakdown", "category", "value_status")
NUMBERS = ("value", "lower", "upper")
STATUSES = tuple(Status)
CODES = {status: number for number, status in enumerate(STATUSES, 1)}
"""The status of a place by its code; 0 is a place without a row."""

_LEVELS = {level.value: number for number, level in enumerate(Level)}
_BLOCK = 100_000  # places that are looked at in one go

Indexes = NDArray[np.intp]


class Coded(NamedTuple):
    """A column of words: for each row the number of its word."""

    codes: NDArray
    words: Sequence[str]

    def word(self, row: int) -> str:
        """What the row has in this column."""
        return self.words[self.codes[row]]


@dataclass(frozen=True, eq=False)
class Columns:
    """Some rows of a release by column: KEYS as words, NUMBERS as floats (nan: empty)."""

    words: Mapping[str, Coded]
    numbers: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, rows: Iterable[Observation]) -> Columns:
        """The columns of rows that are there one by one."""
        kept = tuple(rows)
        numbers = {name: np.array([getattr(row, name) for row in kept], dtype=float) for name in NUMBERS}
        return cls({name: _coded([getattr(row, name) for row in kept]) for name in KEYS}, numbers)


class Unit(NamedTuple):
    """A site, a city or all sites, with what its rows carry."""

    level: str
    id: str
    city: str
    operator: str


@dataclass(frozen=True, eq=False)
class Selection:
    """Which places of a cube to look at: units, periods and cells by number, in order, and statuses by code."""

    units: Indexes
    periods: Indexes
    cells: Indexes
    codes: frozenset[int]


@dataclass(frozen=True, eq=False)
class Cube:
    """A release; `hidden` are the positions of the hidden rows, in order, `lower`, `upper` their bounds (nan: none)."""

    units: tuple[Unit, ...]
    periods: tuple[Period, ...]
    cells: tuple[CellName, ...]
    hundredths: NDArray[np.integer]
    codes: NDArray[np.uint8]
    hidden: NDArray[np.int64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    @classmethod
    def of(cls, batches: Iterable[Columns]) -> Cube:
        """The cube of rows that come in batches, each of a place of its own.

        Raises ValueError for a number with more than two decimals.
        """
        axes = _Axes()
        placed = [axes.place(batch) for batch in batches]
        return _filled(axes, placed)

    @cached_property
    def unit_numbers(self) -> Mapping[tuple[str, str], int]:
        """The number of each unit, by level and id."""
        return {(unit.level, unit.id): number for number, unit in enumerate(self.units)}

    @cached_property
    def period_numbers(self) -> Mapping[Period, int]:
        """The number of each period."""
        return {period: number for number, period in enumerate(self.periods)}

    @cached_property
    def cell_numbers(self) -> Mapping[CellName, int]:
        """The number of each cell name."""
        return {cell: number for number, cell in enumerate(self.cells)}

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months that there are rows of, in order; they come first among the periods."""
        return tuple(period for period in self.periods if period.kind is PeriodKind.MONTH)  # type: ignore[misc]

    @cached_property
    def month_indexes(self) -> NDArray[np.int64]:
        """The months as Month.index, in order."""
        return np.array([month.index for month in self.months], dtype=np.int64)

    @cached_property
    def period_ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last month of each period, as Month.index."""
        ends = [(period.months[0].index, period.months[-1].index) for period in self.periods]
        first, last = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        return first, last

    def rows(self, wanted: Selection, start: int = 0) -> Iterator[Rows]:
        """The rows of the selection from a position on, in their order, in blocks that are not empty."""
        each = max(1, len(wanted.periods) * len(wanted.cells))
        units = wanted.units[wanted.units >= start // max(1, len(self.periods) * len(self.cells))]
        step = max(1, _BLOCK // each)
        for begin in range(0, len(units), step):
            found = self._found(wanted, units[begin : begin + step], start)
            if len(found.units):
                yield found

    def _found(self, wanted: Selection, units: Indexes, start: int) -> Rows:
        is_wanted = np.zeros(len(STATUSES) + 1, dtype=bool)
        is_wanted[list(wanted.codes)] = True
        places = np.ix_(wanted.cells, wanted.periods, units)
        unit, period, cell = np.nonzero(is_wanted[self.codes[places]].transpose(2, 1, 0))
        rows = Rows(self, units[unit], wanted.periods[period], wanted.cells[cell])
        after = rows.positions >= start
        return rows if after.all() else Rows(self, rows.units[after], rows.periods[after], rows.cells[after])


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a cube, in order: the numbers of their unit, period and cell."""

    cube: Cube
    units: Indexes
    periods: Indexes
    cells: Indexes

    def __len__(self) -> int:
        return len(self.units)

    def __getitem__(self, part: slice | Indexes) -> Rows:
        return Rows(self.cube, self.units[part], self.periods[part], self.cells[part])

    @cached_property
    def positions(self) -> NDArray[np.int64]:
        """The place of each row in the order of the release."""
        cube = self.cube
        return (self.units * len(cube.periods) + self.periods) * len(cube.cells) + self.cells

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """The status of each row, by CODES."""
        return self.cube.codes[self.cells, self.periods, self.units]

    @cached_property
    def values(self) -> list[int | float | None]:
        """The value of each row, None where it is not published."""
        numbers = numbers_of(self.cube.hundredths[self.cells, self.periods, self.units])
        shown = (self.codes == CODES[Status.PUBLISHED]).tolist()
        return [number if is_shown else None for number, is_shown in zip(numbers, shown, strict=True)]

    @cached_property
    def bounds(self) -> dict[int, tuple[int | float | None, int | float | None]]:
        """Lower and upper bound of each hidden row, by its number among these."""
        numbers = np.flatnonzero(self.codes == CODES[Status.SUPPRESSED])
        places = np.searchsorted(self.cube.hidden, self.positions[numbers])
        lower, upper = (_number_or_none(ends[places].tolist()) for ends in (self.cube.lower, self.cube.upper))
        return dict(zip(numbers.tolist(), zip(lower, upper, strict=True), strict=True))

    def observations(self) -> Iterator[Observation]:
        """The rows one by one."""
        cube, bounds = self.cube, self.bounds
        periods = [str(period) for period in cube.periods]
        numbers = zip(self.units.tolist(), self.periods.tolist(), self.cells.tolist(), strict=True)
        for row, (unit, period, cell) in enumerate(numbers):
            status = STATUSES[self.codes[row] - 1].value
            told = (self.values[row], status, *bounds.get(row, (None, None)))
            yield Observation(*(*cube.units[unit], periods[period], *cube.cells[cell].words, *told))


def numbers_of(hundredths: NDArray[np.integer]) -> list[int | float]:
    """Whole numbers as such, others as floats."""
    wholes, rest = np.divmod(hundredths, 100)
    if not rest.any():
        return wholes.tolist()
    return [number_of(number) for number in hundredths.tolist()]


def number_of(hundredths: int) -> int | float:
    """The same of one."""
    return round(hundredths / 100, 2) if hundredths % 100 else hundredths // 100


def _number_or_none(floats: list[float]) -> list[int | float | None]:
    return [None if number != number else int(number) if number == int(number) else number for number in floats]


def _coded(words: Sequence[str]) -> Coded:
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.intp)
    return Coded(codes, list(numbers))


class _Placed(NamedTuple):
    """The rows of a batch: numbers by order of appearance, status codes, values; and the bounds of the hidden ones."""

    units: NDArray[np.int32]
    periods: NDArray[np.int32]
    cells: NDArray[np.int32]
    codes: NDArray[np.uint8]
    hundredths: NDArray[np.int64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


Words = tuple[str, ...]


@dataclass
class _Axes:
    """What has been seen so far, each with its number; and the numbers of the cells in the order of the rows."""

    units: dict[Words, int] = field(default_factory=dict)
    periods: dict[Words, int] = field(default_factory=dict)
    cells: dict[Words, int] = field(default_factory=dict)
    cell_order: list[int] = field(default_factory=list)

    def place(self, batch: Columns) -> _Placed:
        """Number the rows of a batch."""
        words = batch.words
        status = words["value_status"]
        codes = np.array([CODES[Status(word)] for word in status.words], dtype=np.uint8)[status.codes]
        hidden = codes == CODES[Status.SUPPRESSED]
        units, _ = _numbered(self.units, [words["level"], words["unit"]], [words["city"], words["operator"]])
        periods, _ = _numbered(self.periods, [words["period"]])
        cells, firsts = _numbered(self.cells, [words["indicator"], words["breakdown"], words["category"]])
        for row in firsts:
            follows = row > 0 and (units[row], periods[row]) == (units[row - 1], periods[row - 1])
            self._order(int(cells[row]), int(cells[row - 1]) if follows else None)
        numbers = batch.numbers
        hundredths = _in_hundredths(numbers["value"])
        return _Placed(units, periods, cells, codes, hundredths, numbers["lower"][hidden], numbers["upper"][hidden])

    def _order(self, cell: int, before: int | None) -> None:
        """Give a new cell its place, right after the one that it follows where it is seen first."""
        if cell < len(self.cell_order):
            return
        place = self.cell_order.index(before) + 1 if before is not None else 0
        self.cell_order.insert(place, cell)


def _numbered(
    known: dict[Words, int], keys: Sequence[Coded], beside: Sequence[Coded] = ()
) -> tuple[NDArray, list[int]]:
    """For each row the number of its combination of keys; new ones are added with what stands beside them.

    And the rows in which a combination is there for the first time in the batch.
    """
    combined = np.zeros(len(keys[0].codes), dtype=np.int64)
    for column in keys:
        combined *= max(1, len(column.words))
        combined += column.codes
    size = int(np.prod([max(1, len(column.words)) for column in keys]))
    first = np.full(size, -1, dtype=np.int64)
    # Assigned backwards, so that what stays is the first row of each.
    first[combined[::-1]] = np.arange(len(combined))[::-1]
    rows = np.sort(first[first >= 0]).tolist()
    numbers = np.zeros(size, dtype=np.int32)
    for row in rows:
        words = tuple(column.word(row) for column in (*keys, *beside))
        numbers[combined[row]] = known.setdefault(words, len(known))
    return numbers[combined], rows


def _in_hundredths(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    scaled = np.nan_to_num(numbers) * 100
    whole = np.rint(scaled)
    if not np.allclose(scaled, whole, rtol=1e-12, atol=1e-6):
        raise ValueError("a number has more than two decimals")
    return whole.astype(np.int64)


def _filled(axes: _Axes, placed: Sequence[_Placed]) -> Cube:
    units, unit_of = _sorted(axes.units, lambda words: (_LEVELS[words[0]], words[1]))
    periods, period_of = _sorted(axes.periods, lambda words: (len(parse_period(words[0]).months), words[0]))
    places = {cell: place for place, cell in enumerate(axes.cell_order)}
    cells, cell_of = _sorted(axes.cells, lambda words: places[axes.cells[words]])
    shape = len(cells), len(periods), len(units)
    largest = max((int(np.abs(part.hundredths).max(initial=0)) for part in placed), default=0)
    hundredths = np.zeros(shape, dtype=np.int32 if largest <= np.iinfo(np.int32).max else np.int64)
    codes = np.zeros(shape, dtype=np.uint8)
    positions = [np.zeros(0, dtype=np.int64)]
    for part in placed:
        unit, period, cell = unit_of[part.units], period_of[part.periods], cell_of[part.cells]
        hundredths[cell, period, unit] = part.hundredths
        codes[cell, period, unit] = part.codes
        hidden = part.codes == CODES[Status.SUPPRESSED]
        positions.append(((unit * shape[1] + period) * shape[0] + cell)[hidden])
    hidden = np.concatenate(positions)
    order = np.argsort(hidden, kind="stable")
    lower, upper = (
        np.concatenate([np.zeros(0), *(getattr(part, end) for part in placed)])[order] for end in ("lower", "upper")
    )
    return Cube(
        tuple(Unit(*words) for words in units),
        tuple(parse_period(words[0]) for words in periods),
        tuple(CellName(*words) for words in cells),
        hundredths,
        codes,
        hidden[order],
        lower,
        upper,
    )


def _sorted(numbers: Mapping[Words, int], key: Callable[[Words], Any]) -> tuple[list[Words], Indexes]:
    """What was seen in its order, and for each number by appearance the one in this order."""
    ordered = sorted(numbers, key=key)
    places = np.zeros(len(ordered), dtype=np.intp)
    places[[numbers[words] for words in ordered]] = np.arange(len(ordered))
    return ordered, places
