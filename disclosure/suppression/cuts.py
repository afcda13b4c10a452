"""Cuts: why a pattern of hidden cells does not protect, each as an inequality that every good pattern meets.

An attacker moves the hidden cells away from the truth, within the relations and bounds. How far a target can
go is a linear program whose duals bound it for *all* patterns: they put a price on every cell that is hidden.
Where two such bounds, up and down, together stay below the width that is asked, their sum is a cut (Fischetti
and Salazar-González 2001, Management Science 47(7), section 3). It is made sharper by what is known of
patterns: a cell is hidden or not, and some are hidden for certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np

from disclosure.linear.system import Mask, Places, Rows, Vector

TOLERANCE = 1e-6
"""How much less than asked is enough, since solvers are no more exact than that."""

_NOISE = 1e-9
_NEAR = 1e-5
_COARSE = 1e-2
_SWEEPS = 8
_FEW = 10
_PRIMAL = 4
_MEMORY = 4_000_000


class Stopped(Exception):
    """The solver ended with anything but an optimum, or the time is up."""


@dataclass(frozen=True, eq=False)
class Cut:
    """The weights of the cells that are hidden among these must add up to 1."""

    places: Places
    weights: Vector

    @property
    def key(self) -> bytes:
        """The same for the same cut."""
        return self.places.tobytes() + np.round(self.weights, 6).tobytes()


@dataclass(frozen=True, eq=False)
class Room:
    """How cells can move: by `rows` around the truth, down by `down` and up by `up` while hidden."""

    rows: Rows
    down: Vector
    up: Vector

    def without(self, known: Mask) -> Room:
        """The same where some cells are known."""
        return Room(self.rows, np.where(known, 0, self.down), np.where(known, 0, self.up))


class Attacker:
    """Somebody from whom targets must be protected, and the moves that protect them."""

    def __init__(self, room: Room, targets: Places, widths: Vector, seconds: float) -> None:
        self._room, self._targets, self._widths = room, targets, widths
        self._highs = _solver(room.rows, len(room.up), seconds)
        self._moves = Moves(targets, widths - TOLERANCE, len(room.up))

    def equations(self, certain: Mask) -> Iterator[Cut]:
        """What each equation asks, taken alone: its other cells must let its widest target move as far as asked.

        Mostly that is the rule that no cell may be hidden alone in an equation.
        """
        rows = self._room.rows
        reach = np.abs(rows.coefficient) * (self._room.down + self._room.up)[rows.column]
        sure = np.bincount(rows.row, reach * certain[rows.column], rows.count) + rows.high - rows.low
        width = np.zeros(len(certain))
        width[self._targets] = self._widths
        asked = np.abs(rows.coefficient) * width[rows.column]
        lacking = np.where(asked > 0, asked + reach - sure[rows.row], 0)
        order = np.argsort(rows.row, kind="stable")
        for first, last in pairwise(np.searchsorted(rows.row[order], np.arange(rows.count + 1)).tolist()):
            entries = order[first:last]
            least = lacking[entries].max(initial=0)
            others = entries[(reach[entries] > 0) & ~certain[rows.column[entries]]]
            if least > TOLERANCE:
                yield Cut(rows.column[others], np.minimum(reach[others] / least, 1))

    def unprotected(self, pattern: Mask) -> Places:
        """The targets, as numbers, that the moves found so far do not protect.

        Where there are many, they are first moved together as far as they go. Neighbours share equations:
        some go one way while others go the other, in ever new company.
        """
        numbers = self._moves.lacking(pattern)
        for bit in range(_SWEEPS if len(numbers) > _FEW else 0):
            self._limit(pattern, float(self._widths.max()))
            signs = np.where(np.arange(len(numbers)) >> bit & 1, -1.0, 1.0)
            for way in (1, -1):
                self._best(self._targets[numbers], way * signs)
            numbers = self._moves.lacking(pattern)
        return numbers

    def attack(self, pattern: Mask, number: int) -> Price | None:
        """The price to pay for a target that can be confined too closely, or None where it cannot."""
        self._limit(pattern, np.inf)
        target, width = self._targets[number], self._widths[number]
        weights, least = np.zeros(len(pattern)), width
        for sign in (1, -1):
            reached, duals = self._best(np.array([target]), np.array([float(sign)]))
            width -= sign * reached[target]
            bound, constant = self._bound(int(target), sign, duals)
            weights, least = weights + bound, least - constant
        return Price(weights, least) if width > TOLERANCE else None

    def _limit(self, pattern: Mask, cap: float) -> None:
        lower = np.where(pattern, -np.minimum(self._room.down, cap), 0)
        upper = np.where(pattern, np.minimum(self._room.up, cap), 0)
        self._highs.changeColsBounds(len(pattern), np.arange(len(pattern), dtype=np.int32), lower, upper)

    def _best(self, cells: Places, ways: Vector) -> tuple[Vector, Vector]:
        """The moves in which the cells go furthest on their ways, and the duals of the rows. They are remembered."""
        cost = np.zeros(len(self._room.up))
        cost[cells] = -ways
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Stopped
        solution = self._highs.getSolution()
        moves = np.array(solution.col_value)
        moves[np.abs(moves) < _NOISE] = 0
        self._moves.add(moves)
        return moves, np.array(solution.row_dual)

    def _bound(self, target: int, sign: int, duals: Vector) -> tuple[Vector, float]:
        """How far a target can go at most in any pattern: so much for each cell that is hidden, and a constant.

        By weak duality that holds for any duals: those of the solver may be a little wrong.
        """
        rows = self._room.rows
        ends = np.where(duals > 0, rows.low, rows.high)
        duals = np.where((np.abs(duals) > _NOISE) & np.isfinite(ends), duals, 0)
        constant = -float(duals @ np.where(duals == 0, 0, ends))
        reduced = -np.bincount(rows.column, rows.coefficient * duals[rows.row], len(self._room.up))
        reduced[target] -= sign
        reduced[np.abs(reduced) < _NOISE] = 0
        return np.maximum(reduced * self._room.down, -reduced * self._room.up), constant


@dataclass(frozen=True, eq=False)
class Price:
    """The weights of all hidden cells, those hidden for certain too, must add up to at least so much."""

    weights: Vector
    least: float

    def cuts(self, certain: Mask, pattern: Mask) -> Iterator[Cut]:
        """The cut that this is, and sharper ones that the pattern breaks; none where nothing is left to ask.

        A weight above what is asked is worth no more than what is asked, since a cell is hidden or not.
        """
        least = self.least - self.weights[certain].sum()
        if least <= TOLERANCE:
            return
        places = np.flatnonzero((self.weights > 0) & ~certain)
        weights = np.minimum(self.weights[places] / least, 1)
        yield Cut(places, weights)
        if (weights < 1 - TOLERANCE).any():
            rounded = min(
                _roundings(weights), key=lambda rounded: float(rounded[pattern[places]].sum()), default=weights
            )
            yield Cut(places[rounded > 0], rounded[rounded > 0])
            yield _cover(places, weights, pattern[places])


def _roundings(weights: Vector) -> Iterator[Vector]:
    """The cut divided and rounded to whole multiples (mixed-integer rounding), in every way that makes a difference."""
    small = weights[weights < 1 - TOLERANCE]
    for place in np.unique(np.round(small, 6), return_index=True)[1]:
        steps, scaled = _snapped(1 / small[place]), _snapped(weights / small[place])
        fraction = float(steps - np.floor(steps))
        if fraction == 0 or fraction > _COARSE:
            rest = scaled - np.floor(scaled)
            rest = np.minimum(rest / fraction, 1) if fraction else rest
            yield np.minimum((np.floor(scaled) + rest) / np.ceil(steps), 1)


def _snapped(values: Vector) -> Vector:
    """Whole where nearly whole: the weights are quotients of small whole numbers."""
    return np.where(np.abs(values - np.rint(values)) < _NEAR, np.rint(values), values)


def _cover(places: Places, weights: Vector, hidden: Mask) -> Cut:
    """At least one of the rest, where the hidden cells and the lightest others are together not enough."""
    order = np.lexsort((weights, ~hidden))
    rest = np.sort(order[np.cumsum(weights[order]) >= 1 - TOLERANCE])
    return Cut(places[rest], np.ones(len(rest)))


class Moves:
    """Moves from the truth that fit the relations, remembered as proof that targets are protected.

    They fit any pattern that hides the cells they move; the first, no move at all, fits all. For each target
    the two that parted it most when last looked for are tried before the others.
    """

    def __init__(self, targets: Places, enough: Vector, cells: int) -> None:
        self._targets, self._enough = targets, enough
        self._most = max(2 * len(targets), _MEMORY // max(cells, 1))
        self._count = 1
        self._moved = np.zeros((64, cells), dtype=np.float32)
        self._ends = np.zeros((64, len(targets)))
        self._top, self._bottom = (np.zeros(len(targets), dtype=np.int64) for _ in range(2))

    def add(self, moves: Vector) -> None:
        """Remember moves; where there are too many, in place of the oldest."""
        size = len(self._moved)
        if self._count >= size and size < self._most:
            self._moved = np.concatenate([self._moved, np.zeros_like(self._moved)])
            self._ends = np.concatenate([self._ends, np.zeros_like(self._ends)])
        place = 1 + (self._count - 1) % (len(self._moved) - 1)
        self._moved[place] = moves != 0
        self._ends[place] = moves[self._targets]
        self._count += 1

    def lacking(self, pattern: Mask) -> Places:
        """The targets, as numbers, that no moves within the pattern put far enough apart."""
        fits = self._moved[: self._count] @ (~pattern).astype(np.float32) == 0
        numbers, fitting = np.arange(len(self._targets)), np.flatnonzero(fits)
        top, bottom = (np.where(fits[at], self._ends[at, numbers], 0) for at in (self._top, self._bottom))
        lacking = numbers[top - bottom < self._enough]
        ends = self._ends[np.ix_(fitting, lacking)]
        self._top[lacking], self._bottom[lacking] = fitting[ends.argmax(axis=0)], fitting[ends.argmin(axis=0)]
        return lacking[ends.max(axis=0) - ends.min(axis=0) < self._enough[lacking]]


def _solver(rows: Rows, cells: int, seconds: float) -> highspy.Highs:
    """A model of the moves, to be used for so many seconds in all: of its runs only objective and bounds differ."""
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("solver", "simplex"),
        ("presolve", "off"),
    ):
        highs.setOptionValue(option, value)
    highs.setOptionValue("simplex_strategy", _PRIMAL)
    highs.setOptionValue("time_limit", seconds)
    order = np.argsort(rows.row, kind="stable")
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = cells, rows.count
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(cells), np.zeros(cells), np.zeros(cells)
    lp.row_lower_, lp.row_upper_ = rows.low, rows.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.searchsorted(rows.row[order], np.arange(rows.count + 1))
    lp.a_matrix_.index_ = rows.column[order]
    lp.a_matrix_.value_ = rows.coefficient[order]
    highs.passModel(lp)
    return highs
