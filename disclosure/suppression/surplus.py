"""What was hidden on the way and no protection needs: it is published again, the most useful first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from disclosure.linear.system import Mask, System, Vector
from disclosure.linear.witnesses import Move, Operators, Witnesses
from disclosure.suppression.single_rows import SingleRelations

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

    def can_spare(self, place: int) -> bool:
        """Whether everything but this unknown is proved without the moves that change it; they are then forgotten."""
        moves = set(self._sizes.get(place, ())) - self._forgotten
        if len(moves) > _MANY:
            return False
        affected = {other for move in moves for other in self._witnesses.seen[move].places} - {place}
        if not all(self._is_proved_without(other, moves) for other in affected):
            return False
        self._forgotten |= moves
        return True

    @cached_property
    def _sizes(self) -> Mapping[int, dict[int, float]]:
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
