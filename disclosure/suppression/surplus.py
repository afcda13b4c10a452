"""What was hidden on the way and no protection needs: it is published again, the most useful first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from disclosure.linear.system import Mask, System, Vector
from disclosure.linear.witnesses import Move, Operators, Reaches, Witnesses, farthest, note
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
        left: Reaches = {}
        for move, size in self._sizes.get(place, {}).items():
            if move not in moves and move not in self._forgotten:
                note(left, self._witnesses.seen[move].operators, size)
        reach, width = farthest(left, _NOBODY), self._width[place]
        return reach.width >= width and all(
            farthest(left, frozenset([attacker])).width >= width
            for attacker in reach.needed
            if self._asked[attacker][place]
        )


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
