"""The attack's own search for moves that show a count safe: in what lies near it, everything else held still."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from disclosure.linear.frame import Frame, Part
from disclosure.linear.room import Room
from disclosure.linear.system import NO_BOUND, Places, System, Vector
from disclosure.linear.witnesses import Operators, Witnesses, clusters

_SIZES = (250, 1_000)
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
        for size in _SIZES:
            for places in clusters(left, self._keys, _TOGETHER):
                self._look_around(frame, places, asked, knowing, size)
            left = self._still_open(left, asked, knowing)
        return left

    def _still_open(self, places: Sequence[int], asked: Vector, knowing: Operators) -> list[int]:
        return [place for place in places if self._witnesses.width(place, knowing) < asked[place]]

    def _look_around(self, frame: Frame, places: Sequence[int], asked: Vector, knowing: Operators, size: int) -> None:
        own = np.zeros(len(asked), dtype=bool)
        own[frame.around(self._start(frame, places), 1, np.zeros(len(asked)))] = True
        price = np.where(own, 0.0, 1.0)
        part = frame.part(frame.around(np.flatnonzero(own), size, price))
        room = Room(part, np.where(own[part.columns], 0, _FOREIGN))
        gains = {place: part.gains(place) for place in places}
        self._together(part, room, gains, asked, knowing)
        for place in self._still_open(places, asked, knowing):
            for sign in (-1, 1):
                reach = self._witnesses.reach(place, knowing)
                missing = asked[place] + reach.low if sign > 0 else asked[place] - reach.high
                self._see(part, room, room.farthest(sign * gains[place], missing, _REWARD))

    def _together(self, part: Part, room: Room, gains: dict[int, Vector], asked: Vector, knowing: Operators) -> None:
        """Send all that are open up or down at once, no two by the same weight, as long as it serves."""
        idle = 0
        left = list(gains)
        for round in range(_ROUNDS):
            left = self._still_open(left, asked, knowing)
            if not left or idle >= _PATIENCE:
                break
            sign = -1 if round % 2 else 1
            weights = {place: 1 + (_GOLDEN * (place + 31 * round)) % 1 for place in left}
            total = np.sum([weights[place] * gains[place] for place in left], axis=0)
            self._see(part, room, room.farthest(sign * total, NO_BOUND, _REWARD))
            idle = 0 if len(self._still_open(left, asked, knowing)) < len(left) else idle + 1

    def _see(self, part: Part, room: Room, solution: Vector | None) -> None:
        move = None if solution is None else np.rint(room.steps(solution))
        if move is not None and part.admits(move):
            self._witnesses.see(part, move)

    def _start(self, frame: Frame, places: Sequence[int]) -> Places:
        found: list[int] = []
        for place in places:
            row = self._row_of.get(place)
            found += [place] if row is None else frame.columns_of(np.array([row]))[:40].tolist()
        return np.array(sorted(set(found)), dtype=np.int64)
