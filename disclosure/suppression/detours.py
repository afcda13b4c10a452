"""The cheapest ways in which counts could be other than they are, and what has to be hidden for them.

For counts that can still be worked out, linear programs near them look for moves that put them far enough
apart. What is hidden already moves for almost nothing, what is published at the price of losing it, and what
must stay published not at all. Then what the moves change is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from disclosure.linear.components import look
from disclosure.linear.frame import Frame, Part, frame
from disclosure.linear.helpers import MOST_HELPERS, with_few_helpers
from disclosure.linear.pattern import Pattern
from disclosure.linear.room import Room
from disclosure.linear.system import NO_BOUND, Places, System, Vector
from disclosure.linear.witnesses import Move, Operators, Witnesses

NEAR = (250, 1_000, 10_000)
_FOREIGN = 0.002
_FAR = 3.0
_SMALL_PRICE = 5e-2
_ROUNDS, _PATIENCE = 12, 2
_GOLDEN = 0.6180339887498949
_FORCED = 1e6
_MOVED = 1e-6


class Detours:
    """Hides, count by count, what the cheapest moves change; `published` shrinks as it goes.

    Once `forced` it hides at any price what brings a count as far as it can be brought.
    """

    def __init__(self, system: System, pattern: Pattern, center: Vector, witnesses: Witnesses) -> None:
        self.system = system
        self.published = pattern.published.copy()
        self.yielding = pattern.yielding.copy()
        self.witnesses = witnesses
        self.moves: list[Move] = []
        self.forced = False
        fixed = pattern.published & ~pattern.yielding & system.exact
        view = look(system, fixed)
        self.frame: Frame = frame(system, view, fixed, center)
        self._most = view.upper
        self.loss = system.vector(unknown.loss for unknown in system.unknowns)
        self._row_of = {int(total): row for row, total in enumerate(self.frame.totals) if total >= 0}

    @property
    def upper(self) -> Vector:
        """What is known of every unknown from above: the truth where published, else what must stay published tells."""
        return np.where(self.published, self.system.truth, self._most)

    def protect(self, places: Sequence[int], asked: Vector, knowing: Operators = frozenset()) -> list[int]:
        """Hide what lets unknowns be as far apart as asked for attackers who know what these operators sent.

        The unknowns are best close together. Answers those for which nothing helps.
        """
        around = self.frame.without(self.system.counts_of(knowing)) if knowing else self.frame
        left = list(places)
        # First what costs nothing, also from farther away.
        for size in NEAR[:2]:
            if left := self._still_open(left, asked, knowing):
                self._area(around, left, size).move_together(left, asked, knowing)
        for size in NEAR:
            if not (left := self._still_open(left, asked, knowing)):
                break
            area = self._area(around, left, size)
            left = [place for place in left if not area.protect(place, asked[place], knowing)]
            if NEAR[0] < size > len(area.part.columns):
                break
        return left

    def _still_open(self, places: Iterable[int], asked: Vector, knowing: Operators) -> list[int]:
        return [place for place in places if self.witnesses.width(place, knowing) < asked[place]]

    def _area(self, around: Frame, places: Sequence[int], size: int) -> Area:
        return Area(self, around, self._start(around, places), size, self._owners(places))

    def prove(self, places: Sequence[int], asked: Vector, knowing: Operators) -> None:
        """Look for moves that put unknowns as far apart as asked by what is hidden already."""
        around = self.frame.without(self.system.counts_of(knowing)) if knowing else self.frame
        area = self._area(around, places, NEAR[0])
        area.move_together(places, asked, knowing)
        for place in places:
            area.prove(place, asked[place], knowing)

    @contextmanager
    def relying_on(self, witnesses: Witnesses) -> Iterator[list[Move]]:
        """For a while nothing else is known to be proved than by these witnesses, and by the moves that are found."""
        before = self.witnesses, self.moves
        self.witnesses, self.moves = witnesses, []
        try:
            yield self.moves
        finally:
            self.witnesses, self.moves = before

    def find_another_way(self, places: Sequence[int], asked: Vector) -> None:
        """Look for moves that leave alone whoever's counts the moves found so far change, hiding nothing for them."""
        knowing = frozenset().union(*(self.witnesses.movers(place) for place in places)) - self._owners(places)
        left = self._still_open(places, asked, knowing)
        if left and knowing:
            self._area(self.frame.without(self.system.counts_of(knowing)), left, NEAR[0]).move_together(
                left, asked, knowing
            )

    def _owners(self, places: Sequence[int]) -> Operators:
        return frozenset().union(*(self.system.unknowns[place].operators for place in places))

    def _start(self, around: Frame, places: Sequence[int]) -> Places:
        found: list[int] = []
        for place in places:
            row = self._row_of.get(place)
            found += [place] if row is None else around.columns_of(np.array([row]))[:40].tolist()
        return np.array(sorted(set(found)), dtype=np.int64)


class Area:
    """A part of the system with its linear program, kept up to date while more is hidden."""

    def __init__(self, detours: Detours, around: Frame, start: Places, size: int, owners: Operators) -> None:
        self._detours = detours
        if size == NEAR[0]:
            few = owners if len(owners) <= MOST_HELPERS else frozenset()
            around = with_few_helpers(detours.system, around, start, few, self._favour)
        self._is_own = detours.system.sent_by(owners)
        self.part = around.part(around.around(start, size, self._distance))
        self._foreign = ~self._is_own(self.part.columns)
        self._is_sum = self.part.totals >= 0
        # Sums that are hidden already bind nothing.
        self._yields = self._is_sum & detours.published[self.part.totals] & detours.yielding[self.part.totals]
        costs, prices = self._prices()
        rows = self.part.rows
        bounded = rows.bounded(np.where(self._yields, 0, rows.low), np.where(self._yields, 0, rows.high))
        self._room = Room(
            Part(self.part.columns, self.part.down, self.part.up, bounded, self.part.totals), costs, prices
        )

    def _favour(self, columns: Places) -> Vector:
        """Whoever has hidden counts is a better helper."""
        return np.where(self._detours.published[columns], 1.0, 5.0)

    def _distance(self, columns: Places) -> Vector:
        """What is the owners' and hidden already is near."""
        return _FAR * (~self._is_own(columns) + self._detours.published[columns].astype(float))

    def protect(self, place: int, width: float, knowing: Operators) -> bool:
        """Hide what the cheapest moves change that put an unknown so far apart; whether there are any.

        Where they are not of whole numbers they prove nothing, and the attack decides.
        """
        if self.prove(place, width, knowing):
            return True
        gains, room = self.part.gains(place), self._room
        reach = self._detours.witnesses.reach(place, knowing)
        options = [room.reaching(gains, width + reach.low), room.reaching(-gains, width - reach.high)]
        found = min((option for option in options if option is not None), key=room.price, default=None)
        if found is None:
            if self._detours.forced:
                self._send(place, gains, width, knowing, _FORCED)
            return self._is_wide(place, width, knowing)
        if not self._take(found):
            self._hide(self._exposed(room.steps(found)))
            self._send(place, gains, width, knowing, _SMALL_PRICE)
        return True

    def prove(self, place: int, width: float, knowing: Operators) -> bool:
        """Whether moves put an unknown so far apart for which nothing has to be hidden."""
        if not self._is_wide(place, width, knowing):
            self._send(place, self.part.gains(place), width, knowing, _SMALL_PRICE)
        return self._is_wide(place, width, knowing)

    def _is_wide(self, place: int, width: float, knowing: Operators) -> bool:
        return self._detours.witnesses.width(place, knowing) >= width

    def _send(self, place: int, gains: Vector, width: float, knowing: Operators, reward: float) -> None:
        """Send an unknown down and then up, as far as is asked and worth the price."""
        for sign in (-1, 1):
            reach = self._detours.witnesses.reach(place, knowing)
            missing = width + reach.low if sign > 0 else width - reach.high
            self._take(self._room.farthest(sign * gains, missing, reward), free=reward == _SMALL_PRICE)

    def move_together(self, places: Sequence[int], asked: Vector, knowing: Operators) -> None:
        """Send many unknowns up or down at once, as long as it serves and nothing has to be hidden for it."""
        gains = {place: self.part.gains(place) for place in places}
        idle = 0
        for round in range(_ROUNDS):
            short = [p for p in gains if self._detours.witnesses.width(p, knowing) < asked[p]]
            if not short or idle >= _PATIENCE:
                break
            sign = -1 if round % 2 else 1
            total = np.sum([(1 + (_GOLDEN * (p + 31 * round)) % 1) * gains[p] for p in short], axis=0)
            self._take(self._room.farthest(sign * total, NO_BOUND, _SMALL_PRICE), free=True)
            closed = sum(self._detours.witnesses.width(p, knowing) >= asked[p] for p in short)
            idle = 0 if closed else idle + 1

    def _take(self, solution: Vector | None, *, free: bool = False) -> bool:
        """Hide what a solution changes, if it is one in whole numbers; whether it is."""
        if solution is None:
            return False
        move = np.rint(self._room.steps(solution))
        exposed = self._exposed(move)
        if not self._fits(move, self.part.rows.activity(move)) or (free and len(exposed)):
            return False
        self._hide(exposed)
        self._detours.moves.append(self._detours.witnesses.see(self.part, move))
        return True

    def _exposed(self, steps: Vector) -> Places:
        """What is published and would change with these steps."""
        part, change = self.part, self.part.rows.activity(steps)
        sums = part.totals[self._is_sum & (np.abs(change) > _MOVED)]
        touched = np.concatenate([part.columns[np.abs(steps) > _MOVED], sums])
        exposed: Places = touched[self._detours.published[touched] & self._detours.yielding[touched]]
        return exposed

    def _hide(self, places: Places) -> None:
        self._detours.published[places] = False
        if len(places):
            self._room.reprice(*self._prices())

    def _fits(self, move: Vector, change: Vector) -> bool:
        part, detours = self.part, self._detours
        may_change = self._is_sum & (~detours.published[part.totals] | detours.yielding[part.totals])
        within = (part.rows.low <= change) & (change <= part.rows.high)
        still = (change == 0) | may_change | ~self._is_sum
        return bool((move >= -part.down).all() and (move <= part.up).all() and within.all() and still.all())

    def _prices(self) -> tuple[Vector, Vector]:
        """What a step of each column costs, and what it costs that a row gives way."""
        detours, part = self._detours, self.part
        loss, published = detours.loss, detours.published
        hidden = np.where(self._foreign, _FOREIGN, 0.0)
        costs = np.where(published[part.columns], loss[part.columns], hidden)
        shown = published[part.totals]
        prices = np.where(self._yields, np.where(shown, loss[part.totals], 0.0), NO_BOUND)
        return costs, prices
