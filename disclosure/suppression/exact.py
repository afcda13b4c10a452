"""The least costly pattern of hidden cells that protects all that it must: an exact search by cut generation.

Fischetti and Salazar-González (2001), Solving the cell suppression problem on tabular data with linear
constraints, Management Science 47(7), 1008-1027. A master problem chooses the cheapest pattern that meets the
cuts known so far; attacks on it, one linear program for each end of each target, find new cuts or none. Where
there are none it protects, and since no other that meets the cuts costs less, it is the best there is. In
between, patterns are completed until they protect: that finds most of the cuts without asking the master,
and good patterns for when the time runs out.

Protection is judged here over all real numbers between the bounds. Counts are whole, and an attacker who uses
that may come closer: the attack on what is to be published comes after and decides. Nothing here depends on
chance, and on time only where it runs out.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from disclosure.linear.system import Mask, Places, Rows, Vector
from disclosure.suppression.cuts import TOLERANCE, Attacker, Cut, Price, Room, Stopped
from disclosure.suppression.master import Master

Progress = Callable[[float, float], None]
"""Told the least that any good pattern costs, and what the best one found so far costs."""

_BATCH = 40
_FEW = 40
_EXACT = 1e-4


class Unprotected(Exception):
    """The pattern to start from does not protect what it must."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A table, what must be protected in it, from whom, and what it costs to hide its cells.

    `rows` are what everybody knows of all cells, totals among them: `low <= sum of coefficient * cell <= high`.
    A hidden cell is known to lie between `lower` and `upper`; `truth` meets all that. An attacker must not be
    able to confine a cell to less than `width` (0: nothing is asked). There is one mask in `known` for every
    attacker, of the cells it knows besides; nothing is asked about those. `hidden` and `fixed` are the cells
    hidden and published whatever happens.
    """

    rows: Rows
    truth: Vector
    lower: Vector
    upper: Vector
    width: Vector
    cost: Vector
    hidden: Mask
    fixed: Mask
    known: Sequence[Mask]

    def __post_init__(self) -> None:
        within = (self.lower <= self.truth) & (self.truth <= self.upper)
        if not (within.all() and self.rows.hold(self.truth, TOLERANCE).all()):
            raise ValueError("the truth must fit the relations and bounds")
        if (self.certain & self.fixed).any():
            raise ValueError("a cell that must be hidden cannot be published")
        if (self.cost < 0).any():
            raise ValueError("it cannot pay to hide a cell")

    @cached_property
    def certain(self) -> Mask:
        """The cells that every good pattern hides."""
        return self.hidden | (self.width > 0)

    @cached_property
    def room(self) -> Room:
        """How the cells can move that are not fixed."""
        activity = self.rows.activity(self.truth)
        rows = self.rows.bounded(self.rows.low - activity, self.rows.high - activity)
        free = ~self.fixed
        return Room(rows, np.where(free, self.truth - self.lower, 0), np.where(free, self.upper - self.truth, 0))

    def attackers(self, seconds: float) -> list[Attacker]:
        """Those from whom something must be protected.

        Where one knows all that another knows, what is protected from it is protected from the other too.
        """
        found = []
        for number, known in enumerate(self.known):
            asked = (self.width > 0) & ~known
            for other, more in enumerate(self.known):
                if other != number and _knows_more(more, known, other < number):
                    asked &= more
            targets = np.flatnonzero(asked)
            if len(targets):
                found.append(Attacker(self.room.without(known), targets, self.width[targets], seconds))
        return found

    def part(self, cells: Places) -> Problem:
        """The same for some of the cells, the others being fixed."""
        chosen = np.zeros(len(self.truth), dtype=bool)
        chosen[cells] = True
        number = np.cumsum(chosen) - 1
        inside = chosen[self.rows.column]
        rest = self.rows.activity(np.where(chosen, 0, self.truth))
        rows = self.rows.bounded(self.rows.low - rest, self.rows.high - rest)
        touched = np.zeros(rows.count, dtype=bool)
        touched[rows.row[inside]] = True
        rows = rows.part(touched, inside)
        rows = Rows(rows.row, number[rows.column], rows.coefficient, rows.low, rows.high)
        truth, lower, upper, width, cost = (
            vector[cells] for vector in (self.truth, self.lower, self.upper, self.width, self.cost)
        )
        known = [mask[cells] for mask in self.known]
        return Problem(rows, truth, lower, upper, width, cost, self.hidden[cells], self.fixed[cells], known)


@dataclass(frozen=True, eq=False)
class Answer:
    """The pattern, whether it is proved to be the cheapest, and what any good pattern costs at least."""

    hidden: Mask
    proved: bool
    lower_bound: float


def cheapest(problem: Problem, start: Mask, seconds: float, progress: Progress = lambda least, best: None) -> Answer:
    """The cheapest pattern that protects, or the best one found in so many seconds, never dearer than the start.

    The start is a pattern that protects; where there is any, all hidden that may be is one. Raises Unprotected
    where it is found not to. It is handed back untried where there is no time even for that.
    """
    deadline = time.monotonic() + seconds
    hidden, proved, least = problem.certain.copy(), True, _cost(problem, problem.certain)
    for cells in _parts(problem):
        part = problem.part(cells)
        search = _Search(part, start[cells] | part.certain, deadline, progress)
        hidden[cells] = search.run()
        proved = proved and search.is_done
        least += search.least - _cost(part, part.certain)
    return Answer(hidden, proved, least)


def _cost(problem: Problem, pattern: Mask) -> float:
    return float(problem.cost[pattern].sum())


def _knows_more(one: Mask, other: Mask, first: bool) -> bool:
    """Whether one attacker knows all that the other knows; of two who know the same, the first knows more."""
    return not (other & ~one).any() and (first or bool((one & ~other).any()))


def _parts(problem: Problem) -> list[Places]:
    """The cells that relations join, other than through fixed cells, where any of them must be protected."""
    joined = ~problem.fixed[problem.rows.column]
    row, column = problem.rows.row[joined], problem.rows.column[joined]
    label, before = np.arange(len(problem.truth)), np.empty(0, np.int64)
    while not np.array_equal(label, before):
        before, label = label, label.copy()
        least = np.full(problem.rows.count, len(label))
        np.minimum.at(least, row, label[column])
        np.minimum.at(label, column, least[row])
        label = label[label]
    wanted = sorted({int(one) for one in label[problem.width > 0]})
    return [np.flatnonzero((label == one) & ~problem.fixed) for one in wanted]


class _Search:
    """The search in one part."""

    def __init__(self, problem: Problem, start: Mask, deadline: float, progress: Progress) -> None:
        self.is_done = False
        self.least = _cost(problem, problem.certain)
        self._problem, self._deadline, self._progress = problem, deadline, progress
        self._attackers = problem.attackers(max(deadline - time.monotonic(), 0))
        self._master = Master(problem.cost, problem.certain)
        self._best = start
        self._whole_costs = bool((problem.cost == np.rint(problem.cost)).all())

    def run(self) -> Mask:
        """The best pattern; whether it is proved, and the least cost known, are told besides."""
        try:
            if self._is_broken(self._best):
                raise Unprotected
            for attacker in self._attackers:
                self._master.add(attacker.equations(self._problem.certain))
            while not self.is_done:
                self._step()
        except Stopped:
            pass
        return self._best

    def _step(self) -> None:
        pattern, least = self._master.cheapest(self._best, self._left())
        self._learn(least)
        if not self.is_done and self._is_broken(pattern):
            pattern = self._completed(pattern)
        if _cost(self._problem, pattern) < _cost(self._problem, self._best) and not self.is_done:
            self._best = pattern
        self._learn(least)

    def _learn(self, least: float) -> None:
        """Take a lower bound into account. Where all costs are whole, so is that of the best pattern."""
        best = _cost(self._problem, self._best)
        least = math.ceil(least - _EXACT) if self._whole_costs else least
        self.least = max(self.least, min(least, best))
        self.is_done = best <= self.least + TOLERANCE * max(best, 1)
        self._progress(self.least, best)

    def _completed(self, chosen: Mask) -> Mask:
        """A pattern with so much more hidden that it protects, the dearest of that shown again where it can be."""
        pattern = chosen
        while self._is_broken(pattern):
            pattern = self._master.complete(pattern)
        spare = np.flatnonzero(pattern & ~chosen)
        for cell in spare[np.argsort(-self._problem.cost[spare], kind="stable")] if len(spare) <= _FEW else ():
            pattern[cell] = False
            pattern[cell] = self._is_broken(pattern, 1)
        return pattern

    def _is_broken(self, pattern: Mask, batch: int = _BATCH) -> bool:
        """Whether the pattern fails to protect. If so the master learns why, from a batch of targets an attacker."""
        if self._master.refutes(pattern):
            return True
        prices: list[Price] = []
        for attacker in self._attackers:
            enough = len(prices) + batch
            for number in attacker.unprotected(pattern).tolist():
                self._left()
                price = attacker.attack(pattern, number)
                prices += [price] if price is not None else []
                if len(prices) == enough:
                    break
        self._master.add(cut for price in prices for cut in price.cuts(self._problem.certain, pattern))
        if prices and not self._master.refutes(pattern):
            others = np.flatnonzero(~pattern)
            self._master.add([Cut(others, np.ones(len(others)))])
        return bool(prices)

    def _left(self) -> float:
        """Seconds left; raises Stopped when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Stopped
        return left
