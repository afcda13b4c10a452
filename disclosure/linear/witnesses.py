"""What moves prove: tables that fit everything known, and in which counts are far from what they are.

A move proves something against every attacker who knows none of the counts that it changes. So each is kept
with the operators whose counts it changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from disclosure.linear.frame import Part
from disclosure.linear.system import Places, Vector

Operators = frozenset[str]


@dataclass(frozen=True, eq=False)
class Move:
    """Counts of single reports and the steps that each makes."""

    columns: Places
    steps: Vector


@dataclass
class Witnesses:
    """For each unknown how far moves take it down and up, by the operators whose counts they change.

    `owners` are the operators of each unknown.
    """

    owners: Sequence[Operators]
    moves: list[Move] = field(default_factory=list)
    _operators: list[Operators] = field(default_factory=list)
    _touched: list[list[int]] = field(default_factory=list)
    _changes: dict[int, dict[int, float]] = field(default_factory=dict)
    _seen: dict[int, dict[Operators, tuple[float, float]]] = field(default_factory=dict)
    _widest: dict[int, tuple[float, float]] = field(default_factory=dict)

    def see(self, part: Part, steps: Vector) -> None:
        """Take a move into account that the part admits."""
        moved = np.flatnonzero(steps)
        columns = part.columns[moved]
        change = part.rows.activity(steps)
        sums = (part.totals >= 0) & (change != 0)
        self.moves.append(Move(columns, steps[moved]))
        self._operators.append(frozenset().union(*(self.owners[column] for column in columns.tolist())))
        places = [*columns.tolist(), *part.totals[sums].tolist()]
        self._touched.append(places)
        for place, size in zip(places, [*steps[moved].tolist(), *change[sums].tolist()], strict=True):
            self._changes.setdefault(place, {})[len(self.moves) - 1] = size
            _note(self._seen.setdefault(place, {}), self._operators[-1], size)
            low, high = self._widest.get(place, _STILL)
            if size < low or size > high:
                self._widest[place] = min(low, size), max(high, size)

    def width(self, place: int, knowing: Operators = frozenset()) -> float:
        """How far apart moves put an unknown that change no count of the operators who know theirs."""
        low, high = self.reach(place, knowing)
        return high - low

    def reach(self, place: int, knowing: Operators = frozenset()) -> tuple[float, float]:
        """How far down and up such moves take an unknown."""
        return _reach(self._seen.get(place, {}), knowing) if knowing else self._widest.get(place, _STILL)

    def has_disjoint(self, place: int, width: float, count: int, besides: Operators) -> bool:
        """Whether so many ways put an unknown so wide that no two share an operator but those besides."""
        used: set[str] = set()
        for moved, (low, high) in sorted(self._seen.get(place, {}).items(), key=lambda entry: len(entry[0])):
            others = moved - besides
            if high - low >= width and used.isdisjoint(others):
                used |= others
                count -= 1
        return count <= 0

    def moved_by(self, operator: str) -> list[int]:
        """The unknowns that some move changes together with a count of the operator."""
        return sorted(place for place, seen in self._seen.items() if any(operator in moved for moved in seen))

    def movers(self, place: int) -> Operators:
        """All operators whose counts change in some move that changes the unknown."""
        return frozenset().union(*self._seen.get(place, ()))

    def touching(self, place: int) -> set[int]:
        """The moves that change an unknown, by their place in `moves`."""
        return set(self._changes.get(place, ()))

    def touched(self, moves: set[int]) -> list[int]:
        """The unknowns that any of the moves changes."""
        return sorted({place for move in moves for place in self._touched[move]})

    def width_without(self, place: int, moves: set[int], knowing: Operators) -> float:
        """As `width`, were it not for some moves."""
        left: dict[Operators, tuple[float, float]] = {}
        for move, size in self._changes[place].items():
            if move not in moves:
                _note(left, self._operators[move], size)
        low, high = _reach(left, knowing)
        return high - low

    def forget(self, moves: set[int], places: Iterable[int]) -> None:
        """Take some moves out of account; `places` are the unknowns that they change."""
        for place in places:
            self._changes[place] = {m: size for m, size in self._changes[place].items() if m not in moves}
            self._seen[place] = {}
            for move, size in self._changes[place].items():
                _note(self._seen[place], self._operators[move], size)
            self._widest[place] = _reach(self._seen[place], frozenset())
        for move in moves:
            self.moves[move] = _NO_MOVE
            self._touched[move] = []


_STILL = (0.0, 0.0)
_NO_MOVE = Move(np.zeros(0, dtype=np.int64), np.zeros(0))


def _note(seen: dict[Operators, tuple[float, float]], operators: Operators, size: float) -> None:
    low, high = seen.get(operators, (0.0, 0.0))
    seen[operators] = min(low, size), max(high, size)


def _reach(seen: Mapping[Operators, tuple[float, float]], knowing: Operators) -> tuple[float, float]:
    lowest = highest = 0.0
    for moved, (low, high) in seen.items():
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
