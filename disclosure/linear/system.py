"""The unknowns of a release and the relations between them: all that an attack or a protection needs.

An *unknown* is a number that readers do not have until it is published. Cells with the same contributors
(one site in a city, one month of a quarter) are one unknown with several rows, so that it is hidden or
shown as one. A *relation* is public knowledge: `low <= sum of coefficient x unknown <= high`. Everything is
in whole numbers, hours in hundredths, so that a table can be tried against the relations exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from domain.report import COUNT_MAX

Vector = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

NO_BOUND = float("inf")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that readers do not have until it is published.

    `low` and `high` are the truth, equal unless an operator sent a bound, in steps of 1/`scale`. While it
    is hidden anyone knows that it lies between `floor` and `ceiling`. `operators` are those whose reports
    it counts. Where it is `sensitive`, the interval that an attacker can work out must stay `k` wide.
    `is_protected` says that what some of its operators add to it would be sensitive where small,
    `is_report_total` that it is the total of one report, of which readers may guess that it is small.
    `loss` is what readers lose when it is hidden. `quarter` numbers the quarter it is counted in (0: it
    does not matter), which tells what is most likely to hang together.
    """

    low: int
    high: int
    ceiling: int
    floor: int = 0
    scale: int = 1
    k: int = 0
    sensitive: bool = False
    is_protected: bool = False
    is_report_total: bool = False
    quarter: int = 0
    operators: frozenset[str] = frozenset()
    loss: float = 1.0

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    @property
    def width(self) -> int:
        return self.k * self.scale


@dataclass(frozen=True)
class Sum:
    """An unknown that is the sum of others, each of which is a count of one report."""

    total: int
    parts: tuple[int, ...]

    @property
    def relation(self) -> Relation:
        return Relation(((self.total, 1), *((part, -1) for part in self.parts)), 0, 0)


@dataclass(frozen=True)
class Relation:
    """`low <= sum(coefficient * unknown) <= high`, the unknowns by their place in the system.

    A relation that follows from others is `implied`: of use to those who look at one relation at a time.
    The others are between unknowns that are no sums.
    """

    terms: tuple[tuple[int, int], ...]
    low: float
    high: float
    implied: bool = False


@dataclass(frozen=True)
class Implication:
    """Where the premise holds, the conclusion holds. It is `implied` where another says the same."""

    premise: Relation
    conclusion: Relation
    implied: bool = False


def sums_by_row(row: Places, entries: Vector, count: int) -> Vector:
    """The sum of the entries of each of `count` rows."""
    return np.bincount(row, entries, count).astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class Rows:
    """Relations as sparse rows: an entry for each term, a low and a high for each row."""

    row: Places
    column: Places
    coefficient: Vector
    low: Vector
    high: Vector

    @classmethod
    def of(cls, relations: Sequence[Relation]) -> Rows:
        """The rows of the relations, in their order."""
        entries = [(row, *term) for row, relation in enumerate(relations) for term in relation.terms]
        row, column, coefficient = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        low, high = np.array([(r.low, r.high) for r in relations], dtype=float).reshape(-1, 2).T
        return cls(row.copy(), column.copy(), coefficient.astype(float), low.copy(), high.copy())

    @property
    def count(self) -> int:
        return len(self.low)

    def activity(self, values: Vector) -> Vector:
        """The sum of each row at these values of all unknowns."""
        return sums_by_row(self.row, self.coefficient * values[self.column], self.count)

    def reach(self, lower: Vector, upper: Vector) -> tuple[Vector, Vector]:
        """The least and the most that each row can sum to between these bounds."""
        ends = self.coefficient * lower[self.column], self.coefficient * upper[self.column]
        least = sums_by_row(self.row, np.minimum(*ends), self.count)
        return least, sums_by_row(self.row, np.maximum(*ends), self.count)

    def hold(self, values: Vector, slack: float = 0.0) -> Mask:
        """Which rows hold at these values, exactly or within a slack."""
        activity = self.activity(values)
        return (self.low - slack <= activity) & (activity <= self.high + slack)

    def part(self, rows: Mask, entries: Mask | None = None) -> Rows:
        """Some of the rows, numbered anew, and of these some of the entries."""
        number = np.cumsum(rows) - 1
        kept = rows[self.row] if entries is None else rows[self.row] & entries
        return Rows(number[self.row[kept]], self.column[kept], self.coefficient[kept], self.low[rows], self.high[rows])

    def followed_by(self, other: Rows) -> Rows:
        """These rows, then the others."""
        return Rows(
            np.concatenate([self.row, other.row + self.count]),
            np.concatenate([self.column, other.column]),
            np.concatenate([self.coefficient, other.coefficient]),
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
        )

    def bounded(self, low: Vector, high: Vector) -> Rows:
        """The same sums between other bounds."""
        return Rows(self.row, self.column, self.coefficient, low, high)


@dataclass(frozen=True, eq=False)
class System:
    """All unknowns and all relations. Vectors and masks over the unknowns follow their order."""

    unknowns: tuple[Unknown, ...]
    sums: tuple[Sum, ...]
    relations: tuple[Relation, ...]
    implications: tuple[Implication, ...]

    @cached_property
    def all_relations(self) -> tuple[Relation, ...]:
        """The sums as relations, then the others."""
        return (*(sum.relation for sum in self.sums), *self.relations)

    @cached_property
    def rows(self) -> Rows:
        return Rows.of(self.all_relations)

    @cached_property
    def premises(self) -> Rows:
        return Rows.of([implication.premise for implication in self.implications])

    @cached_property
    def conclusions(self) -> Rows:
        return Rows.of([implication.conclusion for implication in self.implications])

    @cached_property
    def clauses(self) -> Mask:
        """Which implications say something that no other says."""
        return np.array([not implication.implied for implication in self.implications], dtype=bool)

    @cached_property
    def unconditional(self) -> Rows:
        """What is known without conditions, between unknowns that are no sums: relations, then sums.

        The bounds of a sum are those of its total, which depend on who looks.
        """
        needed = Rows.of([relation for relation in self.relations if not relation.implied])
        return needed.followed_by(
            Rows.of([Relation(tuple((part, 1) for part in sum.parts), 0, 0) for sum in self.sums])
        )

    @cached_property
    def knowledge(self) -> Rows:
        """All that is known: what is known without conditions, then conclusions."""
        return self.unconditional.followed_by(self.conclusions)

    @cached_property
    def totals(self) -> Places:
        """The unknown that each row of `knowledge` sums to; -1 for the rows that are no sums."""
        totals = np.full(self.knowledge.count, -1)
        end = self.unconditional.count
        totals[end - len(self.sums) : end] = [sum.total for sum in self.sums]
        return totals

    @cached_property
    def is_sum(self) -> Mask:
        """Which unknowns are sums of others."""
        is_sum = np.zeros(len(self.unknowns), dtype=bool)
        is_sum[[sum.total for sum in self.sums]] = True
        return is_sum

    @cached_property
    def operators(self) -> tuple[str, ...]:
        """Everybody whose reports are counted."""
        return tuple(sorted({name for unknown in self.unknowns for name in unknown.operators}))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.operators)}

    @cached_property
    def senders(self) -> Places:
        """For counts of single reports the place of who sent them among the operators; -1 for all else."""
        numbers = {frozenset([name]): number for name, number in self._numbers.items()}
        senders = np.array([numbers.get(unknown.operators, -1) for unknown in self.unknowns], dtype=np.int64)
        return np.where(self.is_sum, -1, senders)

    def sent_by(self, operators: Iterable[str]) -> Callable[[Places], Mask]:
        """Which of some unknowns are counts of single reports that any of the operators sent."""
        is_one = np.zeros(len(self.operators) + 1, dtype=bool)
        is_one[[self._numbers[name] for name in operators]] = True
        return lambda places: is_one[self.senders[places]]

    @cached_property
    def _columns_by_operator(self) -> dict[str, Mask]:
        return {name: self.senders == number for number, name in enumerate(self.operators)}

    def counts_of(self, operators: Iterable[str]) -> Mask:
        """The counts of single reports that any of the operators sent."""
        found = np.zeros(len(self.unknowns), dtype=bool)
        for operator in operators:
            found |= self._columns_by_operator.get(operator, found)
        return found

    @cached_property
    def truth(self) -> Vector:
        """The true values, and where a bound was sent the least it can be."""
        return self.vector(unknown.low for unknown in self.unknowns)

    @cached_property
    def most(self) -> Vector:
        """The true values, and where a bound was sent the most it can be."""
        return self.vector(unknown.high for unknown in self.unknowns)

    @cached_property
    def exact(self) -> Mask:
        return self.truth == self.most

    @cached_property
    def floor(self) -> Vector:
        return self.vector(unknown.floor for unknown in self.unknowns)

    @cached_property
    def ceiling(self) -> Vector:
        return self.vector(unknown.ceiling for unknown in self.unknowns)

    @cached_property
    def width(self) -> Vector:
        """How wide the interval of a sensitive unknown must stay; 0 where nothing is asked."""
        return self.vector(unknown.width if unknown.sensitive else 0 for unknown in self.unknowns)

    @cached_property
    def scale(self) -> Vector:
        return self.vector(unknown.scale for unknown in self.unknowns)

    @cached_property
    def most_if_small(self) -> Vector:
        """The most that each unknown is if it is small."""
        return self.vector(unknown.width - unknown.scale for unknown in self.unknowns)

    @cached_property
    def unbounded(self) -> Vector:
        """From here on a bound tells nothing: it comes from the largest number that a report may give."""
        return self.scale * COUNT_MAX / 2

    def without_floors(self) -> System:
        """The same system for readers who take it that a hidden unknown may always be zero."""
        unknowns = tuple(replace(unknown, floor=min(unknown.floor, 0)) for unknown in self.unknowns)
        return System(unknowns, self.sums, self.relations, self.implications)

    def mask(self, chosen: Iterable[bool]) -> Mask:
        """A mask over the unknowns."""
        return np.fromiter(chosen, bool, len(self.unknowns))

    def vector(self, values: Iterable[float]) -> Vector:
        """A vector over the unknowns."""
        return np.fromiter(values, float, len(self.unknowns))
