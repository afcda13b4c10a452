"""The attack's own search for moves that show a count safe: in what lies near it, everything else held still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from disclosure.linear.frame import Frame
from disclosure.linear.helpers import MOST_HELPERS, with_few_helpers
from disclosure.linear.room import Room
from disclosure.linear.system import NO_BOUND, Places, System, Vector
from disclosure.linear.witnesses import Operators, Witnesses, clusters

_SIZES = (250, 1_000, 10_000)
_TOGETHER = 20
_ROUNDS, _PATIENCE = 16, 3
_GOLDEN = 0.6180339887498949
_FOREIGN = 2e-3
_REWARD = 1.0


class Nearby:
    """Looks for moves from the center of a frame; what it finds goes to the witnesses."""

    def __init__(self, system: System, frame: Frame, witnesses: Witnesses) -> None:
        self._system = system
        self._frame = frame
        self._witnesses = witnesses
        self._row_of = {int(total): row for row, total in enumerate(frame.totals) if total >= 0}
        self._keys = [(unknown.operators, unknown.quarter) for unknown in system.unknowns]

    def open_ones(self, asked: Vector, knowing: Operators) -> list[int]:
        """The unknowns that no move found puts as far apart as asked, for those who know what some operators sent."""
        left = self._still_open(np.flatnonzero(asked > 0).tolist(), asked, knowing)
        if not left:
            return []
        frame = self._frame.without(self._system.counts_of(knowing))
        for is_each in (False, True):
            for size in _SIZES:
                for places in clusters(left, self._keys, _TOGETHER):
                    near = self._around(frame, places, size)
                    send = near.send_each if is_each else near.send_together
                    send(self._still_open(places, asked, knowing), asked, knowing)
                left = self._still_open(left, asked, knowing)
        return left

    def find_other_ways(self, asked: Vector) -> None:
        """Where somebody's counts are needed: look for moves that leave alone whoever's change in those found so far,
        but for the owners'."""
        needing = [place for place in np.flatnonzero(asked > 0).tolist() if self._is_open_to_one(place, asked[place])]
        for places in clusters(needing, self._keys, _TOGETHER):
            knowing = _NOBODY.union(*map(self._witnesses.movers, places)) - self._owners(places)
            left = self._still_open(places, asked, knowing)
            if knowing and left:
                frame = self._frame.without(self._system.counts_of(knowing))
                self._around(frame, left, _SIZES[0]).send_together(left, asked, knowing)

    def _is_open_to_one(self, place: int, width: float) -> bool:
        others = self._witnesses.reach(place).needed - self._system.unknowns[place].operators
        return any(self._witnesses.width(place, frozenset([other])) < width for other in others)

    def _still_open(self, places: Iterable[int], asked: Vector, knowing: Operators) -> list[int]:
        return [place for place in places if self._witnesses.width(place, knowing) < asked[place]]

    def _owners(self, places: Iterable[int]) -> Operators:
        return _NOBODY.union(*(self._system.unknowns[place].operators for place in places))

    def _around(self, frame: Frame, places: Sequence[int], size: int) -> _Surroundings:
        start = self._start(frame, places)
        if size == _SIZES[0]:
            owners = self._owners(places)
            few = owners if len(owners) <= MOST_HELPERS else _NOBODY
            frame = with_few_helpers(self._system, frame, start, few, _alike)
        return _Surroundings(frame, start, size, self._witnesses)

    def _start(self, frame: Frame, places: Sequence[int]) -> Places:
        found: list[int] = []
        for place in places:
            row = self._row_of.get(place)
            found += [place] if row is None else frame.columns_of(np.array([row]))[:40].tolist()
        return np.array(sorted(set(found)), dtype=np.int64)


_NOBODY: Operators = frozenset()


def _alike(columns: Places) -> Vector:
    return np.ones(len(columns))


class _Surroundings:
    """What lies near some counts, with its linear program."""

    def __init__(self, frame: Frame, start: Places, size: int, witnesses: Witnesses) -> None:
        own = np.zeros(len(frame.center), dtype=bool)
        own[frame.around(start, 1, _alike)] = True
        self._part = frame.part(frame.around(np.flatnonzero(own), size, lambda columns: np.where(own[columns], 0.0, 1)))
        self._room = Room(self._part, np.where(own[self._part.columns], 0, _FOREIGN))
        self._witnesses = witnesses

    def send_together(self, places: Sequence[int], asked: Vector, knowing: Operators) -> None:
        """Send all that are open up or down at once, no two by the same weight, as long as it serves."""
        gains = {place: self._part.gains(place) for place in places}
        idle, left = 0, list(places)
        for round in range(_ROUNDS):
            before = len(left)
            left = [place for place in left if self._witnesses.width(place, knowing) < asked[place]]
            idle = 0 if len(left) < before or not round else idle + 1
            if not left or idle >= _PATIENCE:
                break
            weights = {place: 1 + (_GOLDEN * (place + 31 * round)) % 1 for place in left}
            total = np.sum([weights[place] * gains[place] for place in left], axis=0)
            self._see(self._room.farthest((-1 if round % 2 else 1) * total, NO_BOUND, _REWARD))

    def send_each(self, places: Sequence[int], asked: Vector, knowing: Operators) -> None:
        """Send each down and then up, as far as is asked."""
        for place in places:
            gains = self._part.gains(place)
            for sign in (-1, 1):
                reach = self._witnesses.reach(place, knowing)
                missing = asked[place] + reach.low if sign > 0 else asked[place] - reach.high
                self._see(self._room.farthest(sign * gains, missing, _REWARD))

    def _see(self, solution: Vector | None) -> None:
        move = None if solution is None else np.rint(self._room.steps(solution))
        if move is not None and self._part.admits(move):
            self._witnesses.see(self._part, move)
