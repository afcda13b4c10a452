"""What moves prove: tables that fit everything known, and in which counts are far from what they are.

A move proves something against every attacker who knows none of the counts that it changes. So each is kept
with the operators whose counts it changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from disclosure.linear.frame import Part
from disclosure.linear.system import Mask, Places, System, Vector

Operators = frozenset[str]


@dataclass(frozen=True, eq=False)
class Move:
    """Counts of single reports and the steps that each makes."""

    columns: Places
    steps: Vector


@dataclass(frozen=True, eq=False)
class Seen:
    """What a move changes, by how much, and the operators whose counts it changes."""

    places: list[int]
    sizes: list[float]
    operators: Operators


@dataclass
class Witnesses:
    """For each unknown how far moves take it down and up, by the operators whose counts they change.

    `owners` are the operators of each unknown; what is not `watched` is not kept account of.
    """

    owners: Sequence[Operators]
    watched: Mask
    moves: list[Move] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    _reach: dict[int, dict[Operators, tuple[float, float]]] = field(default_factory=dict)
    _widest: dict[int, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, system: System) -> Witnesses:
        """None so far; watched is all of which something may be asked against somebody."""
        unknowns = system.unknowns
        watched = system.mask(u.sensitive or (u.is_protected and len(u.operators) > 1) for u in unknowns)
        return cls([unknown.operators for unknown in unknowns], watched)

    def see(self, part: Part, steps: Vector) -> None:
        """Take a move into account that the part admits."""
        moved = np.flatnonzero(steps)
        columns = part.columns[moved]
        change = part.rows.activity(steps)
        sums = np.flatnonzero((part.totals >= 0) & (change != 0))
        operators = _NOBODY.union(*(self.owners[column] for column in columns.tolist()))
        places = np.concatenate([columns, part.totals[sums]])
        sizes = np.concatenate([steps[moved], change[sums]])
        self.moves.append(Move(columns, steps[moved]))
        self.seen.append(Seen(places.tolist(), sizes.tolist(), operators))
        watched = self.watched[places]
        for place, size in zip(places[watched].tolist(), sizes[watched].tolist(), strict=True):
            note(self._reach.setdefault(place, {}), operators, size)
            low, high = self._widest.get(place, _STILL)
            if size < low or size > high:
                self._widest[place] = min(low, size), max(high, size)

    def width(self, place: int, knowing: Operators = frozenset()) -> float:
        """How far apart moves put an unknown that change no count of the operators who know theirs."""
        low, high = self.reach(place, knowing)
        return high - low

    def reach(self, place: int, knowing: Operators = frozenset()) -> tuple[float, float]:
        """How far down and up such moves take an unknown."""
        return farthest(self._reach.get(place, {}), knowing) if knowing else self._widest.get(place, _STILL)

    def has_disjoint(self, place: int, width: float, count: int, besides: Operators) -> bool:
        """Whether so many ways put an unknown so wide that no two share an operator but those besides."""
        used: set[str] = set()
        for moved, (low, high) in sorted(self._reach.get(place, {}).items(), key=lambda entry: len(entry[0])):
            others = moved - besides
            if high - low >= width and used.isdisjoint(others):
                used |= others
                count -= 1
        return count <= 0

    def moved_by(self, operator: str) -> list[int]:
        """The unknowns that some move changes together with a count of the operator."""
        return sorted(place for place, reach in self._reach.items() if any(operator in moved for moved in reach))

    def movers(self, place: int) -> Operators:
        """All operators whose counts change in some move that changes the unknown."""
        return _NOBODY.union(*self._reach.get(place, ()))


_STILL = (0.0, 0.0)
_NOBODY: Operators = frozenset()


def note(reach: dict[Operators, tuple[float, float]], operators: Operators, size: float) -> None:
    """Widen what moves of these operators' counts reach by one of this size."""
    low, high = reach.get(operators, _STILL)
    if size < low or size > high:
        reach[operators] = min(low, size), max(high, size)


def farthest(reach: Mapping[Operators, tuple[float, float]], knowing: Operators) -> tuple[float, float]:
    """How far down and up the moves go that change no count of the operators who know theirs."""
    lowest = highest = 0.0
    for moved, (low, high) in reach.items():
        if not moved & knowing:
            lowest, highest = min(lowest, low), max(highest, high)
    return lowest, highest


def clusters(places: Iterable[int], keys: Sequence[Hashable], most: int) -> Iterator[list[int]]:
    """The places of each key, at most so many at a time."""
    groups: dict[Hashable, list[int]] = {}
    for place in places:
        groups.setdefault(keys[place], []).append(place)
    for group in groups.values():
        for start in range(0, len(group), most):
            yield group[start : start + most]
