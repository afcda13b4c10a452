"""The search, in one component, for tables that put the unknowns far enough apart, or at their very ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from disclosure.linear.components import Component
from disclosure.linear.program import Extremes, Moves
from disclosure.linear.system import Mask, Places, System, Vector

# Solvers meet a bound within about 1e-7; what comes this near to a whole number reaches it.
_TOLERANCE = 1e-5

WHOLE_UP_TO = 400
"""In components of up to so many counts tables must be of whole numbers; in larger ones that takes too long."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """For every unknown the least and the most it is in the tables found so far; none yet: inf and -inf."""

    system: System

    @cached_property
    def lowest(self) -> Vector:
        return np.full(len(self.system.unknowns), np.inf)

    @cached_property
    def highest(self) -> Vector:
        return np.full(len(self.system.unknowns), -np.inf)

    @property
    def decided(self) -> Places:
        """The unknowns that some table has a value for."""
        return np.flatnonzero(self.lowest <= self.highest)

    def see(self, component: Component, table: Vector) -> None:
        """Take a table into account; of values that are not whole, the whole numbers up to them."""
        values, places = component.values(table), component.targets
        self.lowest[places] = np.minimum(self.lowest[places], np.ceil(values - _TOLERANCE))
        self.highest[places] = np.maximum(self.highest[places], np.floor(values + _TOLERANCE))

    def width(self, unknowns: Places) -> Vector:
        """How far apart the tables found put each unknown; -inf where there are none."""
        return self.highest[unknowns] - self.lowest[unknowns]


@dataclass(eq=False)
class Search:
    """The search in one component. A table counts only after it is tried exactly; it goes to the evidence."""

    component: Component
    evidence: Evidence

    @cached_property
    def center(self) -> Vector | None:
        """A table to start from: the truth, or any where that is not known or does not fit what is assumed."""
        columns = self.component.columns
        truth = self.evidence.system.truth[columns]
        if self.evidence.system.exact[columns].all() and self._admit(truth):
            return truth
        return self._whole(np.zeros(len(columns)))

    @property
    def is_infeasible(self) -> bool:
        """Whether the solver proves that no table fits the component."""
        return self.center is None and self._extremes.is_infeasible

    def narrow(self, asked: Vector) -> Places:
        """The targets that no two tables found put as far apart as asked (0: nothing is asked)."""
        if self.center is not None:
            self._push_apart(asked)
            for target in self._open(asked):
                self._spread(int(target), asked[target])
        return self._open(asked)

    def sharpen(self, wanted: Mask) -> tuple[Vector, Vector]:
        """The bounds of the targets, of the wanted ones as sharp as linear programs make them."""
        lower, upper = self.component.lower.copy(), self.component.upper.copy()
        for target in np.flatnonzero(wanted).tolist():
            lowest, highest = self._seen(target)
            if lowest > lower[target]:
                lower[target] = max(lower[target], self._extreme(target, -1))
            if highest < upper[target]:
                upper[target] = min(upper[target], self._extreme(target, 1))
        # Never narrower than tables that exist: an error of the solver must not tell a falsehood.
        targets = self.component.targets
        return np.minimum(lower, self.evidence.lowest[targets]), np.maximum(upper, self.evidence.highest[targets])

    @cached_property
    def _extremes(self) -> Extremes:
        return Extremes(self.component)

    @cached_property
    def _moves(self) -> Moves:
        assert self.center is not None
        return Moves(self.component, self.center)

    @property
    def _is_small(self) -> bool:
        return len(self.component.columns) <= WHOLE_UP_TO

    def _open(self, asked: Vector) -> Places:
        return np.flatnonzero((asked > 0) & (self.evidence.width(self.component.targets) < asked))

    def _seen(self, target: int) -> tuple[float, float]:
        place = self.component.targets[target]
        return float(self.evidence.lowest[place]), float(self.evidence.highest[place])

    def _push_apart(self, asked: Vector) -> None:
        """Move many counts at once, down and then up from the center, as long as it serves."""
        before = len(asked) + 1
        while len(self._open(asked)) < before:
            before = len(self._open(asked))
            for sign in (-1, 1):
                self._push(self._steps(asked, sign))

    def _steps(self, asked: Vector, sign: int) -> Vector:
        """The steps down or up from the center that the counts still lack."""
        assert self.center is not None
        count = len(self.center)
        places = self.component.columns
        if sign < 0:
            goal = np.maximum(self.component.lower[:count], self.evidence.highest[places] - asked[:count])
            steps = np.minimum(goal - self.center, 0)
        else:
            goal = np.minimum(self.component.upper[:count], self.evidence.lowest[places] + asked[:count])
            steps = np.maximum(goal - self.center, 0)
        return np.where(np.isin(np.arange(count), self._open(asked)), steps, 0)

    def _push(self, steps: Vector) -> None:
        """Look for a table with these steps; where there is none of whole numbers, for two with half of them."""
        moving = np.flatnonzero(steps)
        if len(moving) and not self._settled(lambda: self._moves.push(steps)) and len(moving) > 1:
            for half in np.array_split(moving, 2):
                self._push(np.where(np.isin(np.arange(len(steps)), half), steps, 0))

    def _settled(self, suggest: Callable[[], Vector | None]) -> bool:
        """Whether a suggestion is a table: as it is, or with open implications settled as it suggests."""
        table = suggest()
        if table is None or self._admit(table):
            return table is not None
        found = False
        for deny in (False, True) if self.component.premises.count else ():
            self._moves.settle(np.rint(table), deny=deny)
            # Both ways: a table in the first may leave undone what the second allows.
            found |= self._admit(suggest())
        self._moves.release()
        return found

    def _spread(self, target: int, width: float) -> None:
        """Look for tables with the target far enough apart, in ways of growing cost."""
        if self._move_apart(target, width, self.component.lower[target], self.component.upper[target]):
            return
        lower, upper = self._extreme(target, -1), self._extreme(target, 1)
        if upper - lower < width or self._move_apart(target, width, lower, upper):
            return
        for sign in (1, -1):
            self._whole(sign * self.component.direction(target))

    def _move_apart(self, target: int, width: float, lower: float, upper: float) -> bool:
        """Send the target down and then up from the center, as far as is asked and the bounds allow."""
        lowest, highest = self._seen(target)
        self._send(target, max(lower, highest - width))
        lowest, highest = self._seen(target)
        if highest - lowest < width:
            self._send(target, min(upper, lowest + width))
        lowest, highest = self._seen(target)
        return highest - lowest >= width

    def _send(self, target: int, goal: float) -> None:
        """Look near the center for a table in which the target reaches the goal."""
        assert self.center is not None
        steps = goal - self.component.values(self.center)[target]
        if steps:
            self._settled(lambda: self._moves.reach(target, steps))

    def _extreme(self, target: int, sign: int) -> float:
        """The least or the most that linear programs leave to a target; its bound where they fail."""
        vertex = self._extremes.best(sign * self.component.direction(target))
        if vertex is None:
            return float((self.component.lower if sign < 0 else self.component.upper)[target])
        self._admit(vertex)
        value = self.component.values(vertex)[target]
        return float(np.floor(value + _TOLERANCE) if sign > 0 else np.ceil(value - _TOLERANCE))

    def _whole(self, costs: Vector) -> Vector | None:
        """The table of whole numbers where costs * table is largest, settled as linear programs suggest; or None."""
        vertex = self._extremes.best(costs)
        if vertex is None:
            return None
        for deny in (False, True) if self.component.premises.count else (False,):
            self._extremes.settle(np.rint(vertex), deny=deny)
            table = self._extremes.best(costs)
            if not self._admit(table) and self._is_small:
                table = self._extremes.best_whole(costs)
            if table is not None and self._admit(table):
                self._extremes.release()
                return np.rint(table)
        self._extremes.release()
        return None

    def _admit(self, table: Vector | None) -> bool:
        """Whether the whole numbers nearest to the table fit the component; if so they are evidence."""
        if table is None:
            return False
        if self.component.admits(np.rint(table)):
            table = np.rint(table)
        elif self._is_small or not self.component.admits(table, _TOLERANCE):
            return False
        self.evidence.see(self.component, table)
        return True
