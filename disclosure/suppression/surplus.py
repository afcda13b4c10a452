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

    def __init__(self, witnesses: Witnesses, moves: Sequence[Move], asked: Mapping[str, Mask], width: Vector) -> None:
        self._witnesses = witnesses
        self._moves = list(moves)
        self._asked = asked
        self._width = width
        self._forgotten: set[int] = set()
        self._sizes = Sizes(self._moves, len(width))

    @property
    def moves(self) -> Sequence[Move]:
        """The moves that are not forgotten."""
        return [move for number, move in enumerate(self._moves) if number not in self._forgotten]

    def asked(self, attacker: str) -> Mask:
        """The unknowns of which something is asked against an attacker."""
        return self._asked[attacker]

    def can_spare(self, place: int) -> bool:
        """Whether everything but this unknown is proved without the moves that change it; they are then forgotten."""
        moves = self._changing(place)
        if len(moves) > _MANY or self.resting_on(place, moves):
            return False
        self._forgotten |= moves
        return True

    def replaceable(self, place: int, most: int) -> tuple[set[int], list[int]] | None:
        """The moves that change an unknown, and what rests on them; None where either are too many to be replaced."""
        moves = self._changing(place)
        resting = self.resting_on(place, moves) if len(moves) <= _MANY else None
        return None if resting is None or len(resting) > most else (moves, resting)

    def resting_on(self, place: int, moves: set[int]) -> list[int]:
        """What other unknowns are not proved without some moves that change this one."""
        affected = {other for move in moves for other in self._moves[move].places.tolist()} - {place}
        return [other for other in sorted(affected) if not self._is_proved_without(other, moves)]

    def left_for(self, places: Sequence[int], without: set[int]) -> Witnesses:
        """What proves these unknowns were it not for some moves, to be added to."""
        left = Witnesses(self._witnesses.owners, np.zeros_like(self._witnesses.watched))
        left.watched[list(places)] = True
        for place in places:
            for size, move in self._sizes.of(place):
                if move not in without and move not in self._forgotten:
                    left.note(place, self._moves[move].operators, size)
        return left

    def replace(self, moves: set[int], found: Iterable[Move]) -> None:
        """Forget some moves, and rely on those that were found instead."""
        self._forgotten |= moves
        for move in found:
            self._sizes.add(move, len(self._moves))
            self._moves.append(move)

    def open_to(self, place: int, found: Witnesses) -> list[str]:
        """The attackers against whom these witnesses do not prove an unknown that is asked of them."""
        width, names = self._width[place], (ANYONE, *sorted(found.reach(place).needed))
        return [
            name
            for name in names
            if self._asked[name][place] and found.width(place, frozenset([name]) - {ANYONE}) < width
        ]

    def _changing(self, place: int) -> set[int]:
        return {move for _, move in self._sizes.of(place)} - self._forgotten

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
        ordered = self._sizes.of(place)
        width, needed = 0.0, _NOBODY
        for sizes, sign in ((ordered, -1), (reversed(ordered), 1)):
            for size, number in sizes:
                if sign * size <= 0:
                    break
                operators = self._moves[number].operators
                if number not in without and number not in self._forgotten and operators.isdisjoint(knowing):
                    width, needed = width + abs(size), needed | operators
                    break
        return width, needed


class Sizes:
    """How far each of some moves takes each unknown: (size, number of the move), the farthest down first.

    Packed, since a move changes many unknowns.
    """

    def __init__(self, moves: Sequence[Move], unknowns: int) -> None:
        places = np.concatenate([_NO_PLACES, *(move.places for move in moves)])
        sizes = np.concatenate([_NO_SIZES, *(move.sizes for move in moves)])
        numbers = np.repeat(np.arange(len(moves), dtype=np.int32), [len(move.places) for move in moves])
        order = np.lexsort((numbers, sizes, places))
        self._starts = np.searchsorted(places[order], np.arange(unknowns + 1))
        self._sizes, self._numbers = sizes[order], numbers[order]
        self._added: dict[int, list[tuple[float, int]]] = {}

    def of(self, place: int) -> list[tuple[float, int]]:
        """The moves that change an unknown."""
        packed = slice(self._starts[place], self._starts[place + 1])
        found = list(zip(self._sizes[packed].tolist(), self._numbers[packed].tolist(), strict=True))
        added = self._added.get(place)
        return sorted(found + added) if added else found

    def add(self, move: Move, number: int) -> None:
        """Take one more into account."""
        for place, size in zip(move.places.tolist(), move.sizes.tolist(), strict=True):
            self._added.setdefault(place, []).append((size, number))


_NO_PLACES, _NO_SIZES = np.array([], dtype=np.int32), np.array([], dtype=np.float64)


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
