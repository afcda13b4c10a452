"""What an attacker sees: bounds on every unknown, and the parts into which the rest of the system falls.

Published values are substituted, relations that can no longer be broken are dropped, and what remains
falls into components that have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.linear.propagation import certain, impossible, propagate, release_conclusions
from disclosure.linear.system import Mask, Places, Rows, System, Vector, sums_by_row


@dataclass(frozen=True, eq=False)
class Component:
    """Counts that hang together, by their place in the system, and what is known about them.

    `columns` are counts of single reports, and a *table* is a value for each. The columns of all rows are
    positions in `columns`. Each row of `sums` plus its `fixed` part is a hidden sum over the component. The
    columns and then these sums are the *targets*; `lower` and `upper` are their bounds. An implication that
    is still open is a premise and the conclusion beside it.
    """

    columns: Places
    targets: Places
    lower: Vector
    upper: Vector
    rows: Rows
    sums: Rows
    fixed: Vector
    premises: Rows
    conclusions: Rows

    def values(self, table: Vector) -> Vector:
        """The values of the targets in a table."""
        return np.concatenate([table, self.fixed + self.sums.activity(table)])

    def direction(self, target: int) -> Vector:
        """The coefficients of a target in the columns."""
        count = len(self.columns)
        if target < count:
            return np.where(np.arange(count) == target, 1.0, 0.0)
        chosen = self.sums.row == target - count
        return sums_by_row(self.sums.column[chosen], self.sums.coefficient[chosen], count)

    def admits(self, table: Vector, slack: float = 0.0) -> bool:
        """Whether the table fits everything that is known about the component, exactly or within a slack."""
        count = len(self.columns)
        within = (self.lower[:count] - slack <= table) & (table <= self.upper[:count] + slack)
        return bool(within.all() and self.rows.hold(table, slack).all() and self._is_implied(table, slack).all())

    def _is_implied(self, table: Vector, slack: float) -> Mask:
        """Which open implications hold: the conclusion does, or the premise fails by a whole step."""
        activity = self.premises.activity(table)
        denied = (activity <= self.premises.low - 1 + slack) | (activity >= self.premises.high + 1 - slack)
        return denied | self.conclusions.hold(table, slack)


@dataclass(frozen=True, eq=False)
class View:
    """The bounds of every unknown for one attacker, and the components of what is left open."""

    lower: Vector
    upper: Vector
    components: tuple[Component, ...]

    @property
    def is_contradictory(self) -> bool:
        return bool(np.any(self.lower > self.upper))


def look(system: System, known: Mask, *, values: Vector | None = None, ceiling: Vector | None = None) -> View:
    """The view of an attacker who knows some of the unknowns.

    `values` are what is known of these, which is the truth unless given; `ceiling` replaces what every hidden
    unknown is known not to exceed.
    """
    values = system.truth if values is None else values
    lower = np.where(known, values, system.floor)
    upper = np.where(known, values, system.ceiling if ceiling is None else ceiling)
    knowledge = _with_totals(system, lower, upper)
    lower, upper = propagate(system, lower, upper)
    return View(lower, upper, tuple(_components(system, knowledge, known, lower, upper)))


def _with_totals(system: System, lower: Vector, upper: Vector) -> Rows:
    """What is known, every sum between the bounds of its total."""
    rows, is_sum = system.knowledge, system.totals >= 0
    low, high = np.where(is_sum, lower[system.totals], rows.low), np.where(is_sum, upper[system.totals], rows.high)
    return rows.bounded(low, high)


@dataclass(frozen=True, eq=False)
class _Part:
    """Some rows over what is free, where each comes from, and what was moved out of it as fixed."""

    rows: Rows
    origin: Places
    fixed: Vector

    @classmethod
    def of(cls, rows: Rows, chosen: Mask, free: Mask, values: Vector) -> _Part:
        fixed = rows.activity(np.where(free, 0, values))
        moved = rows.bounded(rows.low - fixed, rows.high - fixed)
        return cls(moved.part(chosen, free[rows.column]), np.flatnonzero(chosen), fixed[chosen])

    def labels(self, of_column: Places) -> Places:
        """The component of each row, -1 for one without anything free."""
        labels = np.full(self.rows.count, -1)
        labels[self.rows.row] = of_column[self.rows.column]
        return labels

    def sorted(self, labels: Places) -> _Sorted:
        """The rows in the order of their components."""
        order = np.argsort(labels, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        entries = np.argsort(rank[self.rows.row], kind="stable")
        rows = Rows(
            rank[self.rows.row][entries],
            self.rows.column[entries],
            self.rows.coefficient[entries],
            self.rows.low[order],
            self.rows.high[order],
        )
        return _Sorted(rows, self.origin[order], self.fixed[order], labels[order])


@dataclass(frozen=True, eq=False)
class _Sorted:
    rows: Rows
    origin: Places
    fixed: Vector
    labels: Places

    def cut(self, label: int, position: Places) -> tuple[Rows, Places, Vector]:
        """The rows of one component with columns by their position in it, their origins and fixed parts."""
        first, last = np.searchsorted(self.labels, [label, label + 1])
        start, end = np.searchsorted(self.rows.row, [first, last])
        rows = Rows(
            self.rows.row[start:end] - first,
            position[self.rows.column[start:end]],
            self.rows.coefficient[start:end],
            self.rows.low[first:last],
            self.rows.high[first:last],
        )
        return rows, self.origin[first:last], self.fixed[first:last]


def _components(system: System, knowledge: Rows, known: Mask, lower: Vector, upper: Vector) -> Iterator[Component]:
    in_force = release_conclusions(knowledge, ~certain(system.premises, lower, upper))
    undecided = system.clauses & ~(
        certain(system.premises, lower, upper)
        | impossible(system.premises, lower, upper)
        | certain(system.conclusions, lower, upper)
    )
    hidden_sums = (system.totals >= 0) & ~known[system.totals]
    chosen = (
        (in_force, ~certain(in_force, lower, upper)),
        (knowledge, hidden_sums),
        (system.premises, undecided),
        (system.conclusions, undecided),
    )
    free = lower < upper
    parts = [_Part.of(rows, some, free, lower) for rows, some in chosen]
    of_column = _labels([part.rows for part in parts], len(lower))
    labels = [part.labels(of_column) for part in parts]
    # The conclusion of an implication may have nothing free left; it stays with its premise.
    labels[3] = np.where(labels[3] < 0, labels[2], labels[3])
    pieces = [part.sorted(own) for part, own in zip(parts, labels, strict=True)]
    is_column = free & ~system.is_sum
    for columns, label, position in _groups(of_column, np.flatnonzero(is_column)):
        (rows, *_), (sums, sum_origin, fixed), (premises, *_), (conclusions, *_) = (
            piece.cut(label, position) for piece in pieces
        )
        targets = np.concatenate([columns, system.totals[sum_origin]])
        yield Component(columns, targets, lower[targets], upper[targets], rows, sums, fixed, premises, conclusions)


def _labels(parts: Sequence[Rows], count: int) -> Places:
    """The smallest place of its component for every unknown."""
    relations, sums, premises, conclusions = parts
    # A premise and its conclusion are one row here: an implication ties their unknowns together.
    starts = relations.count + sums.count
    row = np.concatenate([relations.row, sums.row + relations.count, premises.row + starts, conclusions.row + starts])
    column = np.concatenate([part.column for part in parts])
    labels = np.arange(count)
    while True:
        smallest = np.full(starts + premises.count, count)
        np.minimum.at(smallest, row, labels[column])
        merged = labels.copy()
        np.minimum.at(merged, column, smallest[row])
        merged = merged[merged]
        if np.array_equal(merged, labels):
            return labels
        labels = merged


def _groups(of_column: Places, columns: Places) -> Iterator[tuple[Places, int, Places]]:
    """The columns of each component, its label, and the position of each unknown among the columns."""
    columns = columns[np.argsort(of_column[columns], kind="stable")]
    position = np.zeros(len(of_column), dtype=np.int64)
    starts = np.flatnonzero(np.diff(of_column[columns], prepend=-1))
    for group in np.split(columns, starts[1:]) if len(columns) else []:
        position[group] = np.arange(len(group))
        yield group, int(of_column[group[0]]), position
