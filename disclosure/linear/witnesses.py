"""What moves prove: tables that fit everything known, and in which counts are far from what they are.

A move proves something against every attacker who knows none of the counts that it changes. So each is kept
with the operators whose counts it changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from disclosure.linear.frame import Part
from disclosure.linear.system import Mask, Places, System, Vector

Operators = frozenset[str]


@dataclass(frozen=True, eq=False)
class Move:
    """What a move changes and by how much, and the operators whose counts it changes.

    The first `counts` of the places are counts of single reports, the others sums over them.
    """

    places: NDArray[np.int32]
    sizes: Vector
    counts: int
    operators: Operators

    @property
    def columns(self) -> Places:
        """The counts of single reports that make a step."""
        return self.places[: self.counts].astype(np.int64)

    @property
    def steps(self) -> Vector:
        """The steps of the columns."""
        return self.sizes[: self.counts]


@dataclass(frozen=True)
class Reach:
    """How far moves take an unknown down and up, and the operators whose counts change in those that do.

    To whoever is none of these `needed` the unknown is as wide: the same moves prove it.
    """

    low: float = 0.0
    high: float = 0.0
    needed: Operators = frozenset()

    @property
    def width(self) -> float:
        return self.high - self.low


Reaches = dict[Operators, tuple[float, float]]
"""How far moves go down and up, by the operators whose counts they change."""


@dataclass
class Witnesses:
    """For each unknown how far moves take it down and up, by the operators whose counts they change.

    `owners` are the operators of each unknown; what is not `watched` is not kept account of.
    """

    owners: Sequence[Operators]
    watched: Mask
    _reaches: dict[int, Reaches] = field(default_factory=dict)
    _farthest: dict[int, dict[Operators, Reach]] = field(default_factory=dict)

    @classmethod
    def of(cls, system: System) -> Witnesses:
        """None so far; watched is all of which something may be asked against somebody."""
        unknowns = system.unknowns
        watched = system.mask(u.sensitive or (u.is_protected and len(u.operators) > 1) for u in unknowns)
        return cls([unknown.operators for unknown in unknowns], watched)

    def see(self, part: Part, steps: Vector) -> Move:
        """Take a move into account that the part admits."""
        moved, change = np.flatnonzero(steps), part.rows.activity(steps)
        sums = np.flatnonzero((part.totals >= 0) & (change != 0))
        return self.take(part.columns[moved], steps[moved], part.totals[sums], change[sums])

    def take(self, columns: Places, steps: Vector, sums: Places, changes: Vector) -> Move:
        """Take a move into account: the steps of counts, and by how much they change the sums."""
        operators = _NOBODY.union(*(self.owners[column] for column in columns.tolist()))
        places, sizes = np.concatenate([columns, sums]), np.concatenate([steps, changes])
        watched = self.watched[places]
        for place, size in zip(places[watched].tolist(), sizes[watched].tolist(), strict=True):
            self.note(place, operators, size)
        return Move(places.astype(np.int32), sizes, len(columns), operators)

    def note(self, place: int, operators: Operators, size: float) -> None:
        """A move of these operators' counts takes an unknown so far."""
        reaches = self._reaches.setdefault(place, {})
        low, high = reaches.get(operators, (0.0, 0.0))
        if size < low or size > high:
            reaches[operators] = min(low, size), max(high, size)
            self._farthest.pop(place, None)

    def width(self, place: int, knowing: Operators = frozenset()) -> float:
        """How far apart moves put an unknown that change no count of the operators who know theirs."""
        return self.reach(place, knowing).width

    def reach(self, place: int, knowing: Operators = frozenset()) -> Reach:
        """How far down and up such moves take an unknown."""
        known = self._farthest.setdefault(place, {})
        if _NOBODY not in known:
            known[_NOBODY] = _farthest(self._reaches.get(place, {}), _NOBODY)
        if known[_NOBODY].needed.isdisjoint(knowing):
            return known[_NOBODY]
        found = known.get(knowing) or _farthest(self._reaches[place], knowing)
        # Of those who know what several sent there are too many to remember.
        if len(knowing) == 1:
            known[knowing] = found
        return found

    def is_open_to_two(self, place: int, width: float) -> bool:
        """Whether some two operators, neither of them one of the unknown's, could put it closer than so wide."""
        owners = self.owners[place]
        for one in self.reach(place).needed - owners:
            others = self.reach(place, frozenset([one])).needed - owners
            if any(self.width(place, frozenset([one, other])) < width for other in others):
                return True
        return False

    def needed_by(self, places: Iterable[int]) -> dict[str, list[int]]:
        """For each operator those of the unknowns that it may come closer to than anyone: its counts prove them."""
        found: dict[str, list[int]] = {}
        for place in places:
            for operator in self.reach(place).needed:
                found.setdefault(operator, []).append(place)
        return found

    def movers(self, place: int) -> Operators:
        """All operators whose counts change in some move that changes the unknown."""
        return _NOBODY.union(*self._reaches.get(place, ()))


_NOBODY: Operators = frozenset()


def _farthest(reaches: Reaches, knowing: Operators) -> Reach:
    """How far down and up the moves go that change no count of the operators who know theirs."""
    lowest = highest = 0.0
    down = up = _NOBODY
    for moved, (low, high) in reaches.items():
        if (low < lowest or high > highest) and moved.isdisjoint(knowing):
            if low < lowest:
                lowest, down = low, moved
            if high > highest:
                highest, up = high, moved
    return Reach(lowest, highest, down | up)


def clusters(places: Iterable[int], keys: Sequence[Hashable], most: int) -> Iterator[list[int]]:
    """The places of each key, at most so many at a time."""
    groups: dict[Hashable, list[int]] = {}
    for place in places:
        groups.setdefault(keys[place], []).append(place)
    for group in groups.values():
        for start in range(0, len(group), most):
            yield group[start : start + most]
