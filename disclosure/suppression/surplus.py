"""What was hidden on the way and no protection needs: it is published again, the most useful first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from disclosure.linear.system import Mask, System, Vector
from disclosure.linear.witnesses import Move, Operators, Witnesses
from disclosure.suppression.single_rows import SingleRelations
from domain.release import ANYONE

# What so many moves change is needed by some of them.
_MANY = 40
_NOBODY: Operators = frozenset()


class Reliance:
    """Which moves each unknown is changed by, and which of what is asked rests on them.

    `asked` says, by attacker, of which unknowns something is asked: that they stay so wide as `width` says.
    """

    def __init__(self, witnesses: Witnesses, asked: Mapping[str, Mask], width: Vector) -> None:
        self._witnesses = witnesses
        self._asked = asked
        self._width = width
        self._forgotten: set[int] = set()
        self._ordered: dict[int, list[tuple[float, int]]] = {}

    @property
    def moves(self) -> Sequence[Move]:
        """The moves that are not forgotten."""
        return [move for number, move in enumerate(self._witnesses.moves) if number not in self._forgotten]

    def asked(self, attacker: str) -> Mask:
        """The unknowns of which something is asked against an attacker."""
        return self._asked[attacker]

    def can_spare(self, place: int) -> bool:
        """Whether everything but this unknown is proved without the moves that change it; they are then forgotten."""
        moves, resting = self.resting_on(place)
        if resting:
            return False
        self._forgotten |= moves
        return True

    def resting_on(self, place: int) -> tuple[set[int], list[int]]:
        """The moves that change an unknown, and what is not proved without them: where they are many, anything."""
        moves = set(self._sizes.get(place, ())) - self._forgotten
        affected = {other for move in moves for other in self._witnesses.seen[move].places} - {place}
        if len(moves) > _MANY:
            return moves, sorted(affected)
        return moves, [other for other in sorted(affected) if not self._is_proved_without(other, moves)]

    def left_for(self, places: Sequence[int], without: set[int]) -> Witnesses:
        """What proves these unknowns were it not for some moves, to be added to."""
        left = Witnesses(self._witnesses.owners, np.zeros_like(self._witnesses.watched))
        left.watched[list(places)] = True
        for place in places:
            for move, size in self._sizes[place].items():
                if move not in without and move not in self._forgotten:
                    left.note(place, self._witnesses.seen[move].operators, size)
        return left

    def replace(self, moves: set[int], found: Witnesses) -> None:
        """Forget some moves, and rely on those that were found instead."""
        self._forgotten |= moves
        for move, seen in zip(found.moves, found.seen, strict=True):
            for place, size in zip(seen.places, seen.sizes, strict=True):
                self._sizes.setdefault(place, {})[len(self._witnesses.moves)] = size
                self._ordered.pop(place, None)
            self._witnesses.moves.append(move)
            self._witnesses.seen.append(seen)

    def open_to(self, place: int, found: Witnesses) -> list[str]:
        """The attackers against whom these witnesses do not prove an unknown that is asked of them."""
        width, names = self._width[place], (ANYONE, *sorted(found.reach(place).needed))
        return [
            name
            for name in names
            if self._asked[name][place] and found.width(place, frozenset([name]) - {ANYONE}) < width
        ]

    @cached_property
    def _sizes(self) -> dict[int, dict[int, float]]:
        """How far each move takes each unknown."""
        sizes: dict[int, dict[int, float]] = {}
        for number, seen in enumerate(self._witnesses.seen):
            for place, size in zip(seen.places, seen.sizes, strict=True):
                sizes.setdefault(place, {})[number] = size
        return sizes

    @cached_property
    def _is_asked(self) -> Mask:
        return np.any(list(self._asked.values()), axis=0)

    def _is_proved_without(self, place: int, moves: set[int]) -> bool:
        """Whether an unknown is wide enough for everybody were it not for some moves."""
        if not self._is_asked[place]:
            return True
        width, needed = self._reach(place, moves, _NOBODY)
        return width >= self._width[place] and all(
            self._reach(place, moves, frozenset([attacker]))[0] >= self._width[place]
            for attacker in needed
            if self._asked[attacker][place]
        )

    def _reach(self, place: int, without: set[int], knowing: Operators) -> tuple[float, Operators]:
        """How far apart the moves left put an unknown, and the operators whose counts change in the two that do."""
        ordered, seen = self._by_size(place), self._witnesses.seen
        width, needed = 0.0, _NOBODY
        for sizes, sign in ((ordered, -1), (reversed(ordered), 1)):
            for size, move in sizes:
                if sign * size <= 0:
                    break
                if move not in without and move not in self._forgotten and seen[move].operators.isdisjoint(knowing):
                    width, needed = width + abs(size), needed | seen[move].operators
                    break
        return width, needed

    def _by_size(self, place: int) -> list[tuple[float, int]]:
        if place not in self._ordered:
            self._ordered[place] = sorted((size, move) for move, size in self._sizes.get(place, {}).items())
        return self._ordered[place]


def publish_again(
    system: System, published: Mask, hidden: Iterable[int], reliance: Reliance, progress: Callable[[float], None]
) -> None:
    """Publish what of the hidden can be published after all."""
    single = SingleRelations(system)
    order = sorted((int(place) for place in hidden), key=lambda place: (-system.unknowns[place].loss, place))
    for number, place in enumerate(order):
        if single.allow(place, published) and reliance.can_spare(place):
            published[place] = True
        progress((number + 1) / len(order))
