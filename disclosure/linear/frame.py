"""The room around a table that fits: how far counts can go from it, and small parts of it to look at.

A *move* is a change of some counts after which everything known still holds. Moves that touch few counts are
found in small parts of the system, everything else held where it is: what is possible there is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_array, csr_array

from disclosure.linear.components import View
from disclosure.linear.propagation import certain, impossible
from disclosure.linear.system import NO_BOUND, Mask, Places, Rows, System, Vector, sums_by_row

_PASSED_ON = 8

Price = Callable[[Places], Vector]
"""What a step of each of some columns costs."""


class Index:
    """Where the entries of each row and of each column of some sorted rows are."""

    def __init__(self, rows: Rows, columns: int) -> None:
        self._rows = rows
        self._starts = np.searchsorted(rows.row, np.arange(rows.count + 1))
        order = np.argsort(rows.column, kind="stable")
        self._row_by_column = rows.row[order]
        self._starts_by_column = np.searchsorted(rows.column[order], np.arange(columns + 1))

    def rows_of(self, columns: Places) -> Places:
        """The rows with any of these columns."""
        entries = _ranges(self._starts_by_column[columns], self._starts_by_column[columns + 1])
        return np.unique(self._row_by_column[entries])

    def entries_of(self, rows: Places) -> Places:
        """The entries of these rows, row after row."""
        return _ranges(self._starts[rows], self._starts[rows + 1])


@dataclass(frozen=True, eq=False)
class Frame:
    """A table, and how far each count (`down`, `up`) and each row (`rows.low`, `rows.high`) may go from it.

    Columns are the places of the system's unknowns; sums are no columns but rows, and `totals` has the
    unknown that a row sums to (-1: none). Only counts with room have entries; of these only the `movable` ones
    go anywhere.
    """

    center: Vector
    down: Vector
    up: Vector
    movable: Mask
    rows: Rows
    totals: Places
    index: Index

    def columns_of(self, rows: Places) -> Places:
        """The columns of these rows, row after row."""
        return self.rows.column[self.index.entries_of(rows)]

    def without(self, held: Mask) -> Frame:
        """The frame in which these counts stay where they are."""
        return replace(self, movable=self.movable & ~held)

    @cached_property
    def _matrix(self) -> csr_array:
        shape = self.rows.count, len(self.center)
        return csr_array((self.rows.coefficient, (self.rows.row, self.rows.column)), shape=shape)

    def admitted(self, moves: Sequence[tuple[Places, Vector]]) -> Iterator[tuple[int, Places, Vector]]:
        """Which of some moves, columns and their steps, leave everything known true, exactly.

        Answers their numbers, the unknowns that are sums and change with them, and by how much.
        """
        columns, steps = (np.concatenate(ends) for ends in zip(*moves, strict=True))
        starts = np.cumsum([0, *(len(there) for there, _ in moves)])
        changes = (self._matrix @ csc_array((steps, columns, starts), shape=(len(self.center), len(moves)))).tocsc()
        rows, sizes, ends = changes.indices, changes.data, changes.indptr.tolist()
        fits = self.movable[columns] & (-self.down[columns] <= steps) & (steps <= self.up[columns])
        # No count twice, lest two halves pass that are too far together.
        rises = np.diff(columns, prepend=-1) > 0
        rises[starts[:-1]] = True
        fits &= rises
        holds = (self.rows.low[rows] <= sizes) & (sizes <= self.rows.high[rows])
        is_sum = (self.totals[rows] >= 0) & (sizes != 0)
        for number, (move, change) in enumerate(zip(pairwise(starts.tolist()), pairwise(ends), strict=True)):
            if fits[slice(*move)].all() and holds[slice(*change)].all():
                there = slice(*change)
                yield number, self.totals[rows[there]][is_sum[there]], sizes[there][is_sum[there]]

    def part(self, columns: Places) -> Part:
        """What can move when nothing but these columns does."""
        columns = columns[self.movable[columns]]
        rows = self.index.rows_of(columns)
        entries = self.index.entries_of(rows)
        position = np.full(len(self.center), -1)
        position[columns] = np.arange(len(columns))
        entries = entries[position[self.rows.column[entries]] >= 0]
        inside = Rows(
            np.searchsorted(rows, self.rows.row[entries]),
            position[self.rows.column[entries]],
            self.rows.coefficient[entries],
            self.rows.low[rows],
            self.rows.high[rows],
        )
        return Part(columns, self.down[columns], self.up[columns], inside, self.totals[rows])

    def around(self, start: Places, size: int, price: Price) -> Places:
        """About `size` columns near those at the start, ring by ring, each row passing on to its cheapest columns."""
        wanted = self.movable.copy()
        crossed = np.zeros(self.rows.count, dtype=bool)
        ring = np.unique(start[wanted[start]])
        rings, room = [ring], size - len(ring)
        while len(ring) and room > 0:
            wanted[ring] = False
            rows = self.index.rows_of(ring)
            rows = rows[~crossed[rows]]
            crossed[rows] = True
            ring = self._cheapest(rows, wanted, price)[:room]
            rings.append(ring)
            room -= len(ring)
        return np.sort(np.concatenate(rings))

    def _cheapest(self, rows: Places, wanted: Mask, price: Price) -> Places:
        """Of each row the cheapest of the wanted columns, the cheapest of all first, each once."""
        entries = self.index.entries_of(rows)
        entries = entries[wanted[self.rows.column[entries]]]
        # The entries are in the order of their rows and columns, which a stable sort keeps.
        columns, row = self.rows.column[entries], self.rows.row[entries]
        order = np.lexsort((price(columns), row))
        first = np.searchsorted(row[order], row[order])
        columns = np.unique(columns[order[np.arange(len(order)) - first < _PASSED_ON]])
        return columns[np.argsort(price(columns), kind="stable")]


@dataclass(frozen=True, eq=False)
class Part:
    """Some columns of a frame and the rows between them, rows numbered anew, columns by their position."""

    columns: Places
    down: Vector
    up: Vector
    rows: Rows
    totals: Places

    def direction(self, row: int) -> Vector:
        """The coefficients of the columns in a row."""
        chosen = self.rows.row == row
        return sums_by_row(self.rows.column[chosen], self.rows.coefficient[chosen], len(self.columns))

    def gains(self, place: int) -> Vector:
        """What a step of each column adds to an unknown: a column, or a sum over columns."""
        rows = np.flatnonzero(self.totals == place)
        return self.direction(int(rows[0])) if len(rows) else np.where(self.columns == place, 1.0, 0.0)

    def reach(self, binding: Mask) -> tuple[Vector, Vector]:
        """How far down and up each column can go by its own bounds and by binding rows that have no other column."""
        down, up = self.down.copy(), self.up.copy()
        alone = (np.bincount(self.rows.row, minlength=self.rows.count) == 1)[self.rows.row] & binding[self.rows.row]
        row, column, sign = self.rows.row[alone], self.rows.column[alone], self.rows.coefficient[alone]
        ends = self.rows.low[row] / sign, self.rows.high[row] / sign
        np.minimum.at(up, column, np.maximum(np.floor(np.maximum(*ends)), 0))
        np.minimum.at(down, column, np.maximum(np.floor(-np.minimum(*ends)), 0))
        return down, up

    def admits(self, move: Vector) -> bool:
        """Whether everything known holds after the move, exactly."""
        return bool((move >= -self.down).all() and (move <= self.up).all() and self.rows.hold(move).all())


def frame(system: System, view: View, known: Mask, center: Vector) -> Frame:
    """The frame around a table that fits the view; open implications hold in the way they hold in the table."""
    free = view.lower < view.upper
    is_column = free & ~system.is_sum
    knowledge = _bounded_sums(system, view)
    is_open = system.clauses & ~impossible(system.premises, view.lower, view.upper)
    is_open &= ~certain(system.conclusions, view.lower, view.upper)
    ways = settled(system, is_open, center)
    rows = knowledge.followed_by(ways)
    totals = np.concatenate([system.totals[: knowledge.count], np.full(ways.count, -1)])
    counts = np.where(system.is_sum, 0.0, center)
    # Hidden sums are kept though they bind nothing, so that what becomes of them is seen.
    asked = (totals >= 0) & ~known[totals]
    chosen = ~certain(rows, view.lower, view.upper) | asked
    activity = rows.activity(counts)
    moved = rows.bounded(rows.low - activity, rows.high - activity).part(chosen, is_column[rows.column])
    order = np.lexsort((moved.column, moved.row))
    moved = Rows(moved.row[order], moved.column[order], moved.coefficient[order], moved.low, moved.high)
    down, up = np.where(is_column, center - view.lower, 0), np.where(is_column, view.upper - center, 0)
    return Frame(center, down, up, down + up > 0, moved, totals[chosen], Index(moved, len(center)))


def _bounded_sums(system: System, view: View) -> Rows:
    """What is known without conditions, every sum between the bounds of its total."""
    rows = system.unconditional
    totals = system.totals[: rows.count]
    low = np.where(totals >= 0, view.lower[totals], rows.low)
    high = np.where(totals >= 0, view.upper[totals], rows.high)
    return rows.bounded(low, high)


def settled(system: System, chosen: Mask, center: Vector) -> Rows:
    """A row for each of some implications: its conclusion where that holds, else that its premise fails."""
    concluded = system.conclusions.hold(center)
    activity = system.premises.activity(center)
    above = activity > system.premises.high
    low = np.where(above, system.premises.high + 1, -NO_BOUND)
    high = np.where(above, NO_BOUND, system.premises.low - 1)
    denials = system.premises.bounded(low, high).part(chosen & ~concluded)
    return system.conclusions.part(chosen & concluded).followed_by(denials)


def _ranges(starts: Places, ends: Places) -> Places:
    """All numbers from each start up to its end."""
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.arange(lengths.sum()) + offsets
