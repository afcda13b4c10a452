"""What was hidden on the way and no protection needs: it is published again, the most useful first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from heapq import merge
from itertools import islice

import numpy as np

from disclosure.linear.system import Mask, System, Vector
from disclosure.linear.witnesses import Move, Operators, Witnesses
from disclosure.suppression.single_rows import SingleRelations
from domain.release import ANYONE

# What so many moves change is needed by some of them.
_MANY = 40
_READ = 16
_NOTHING: frozenset[int] = frozenset()
_NOBODY: Operators = frozenset()


class Reliance:
    """Which moves each unknown is changed by, and which of what is asked rests on them.

    `asked` says, by attacker, of which unknowns something is asked: that they stay so wide as `width` says.
    """

    def __init__(self, witnesses: Witnesses, moves: Sequence[Move], asked: Mapping[str, Mask], width: Vector) -> None:
        self._witnesses = witnesses
        self._moves = list(moves)
        self._asked = asked
        self._is_asked = np.any(list(asked.values()), axis=0)
        self._width = width
        self._forgotten: set[int] = set()
        self._sizes = Sizes(self._moves, len(width))
        self._proofs: dict[int, frozenset[int]] = {}

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
        if len(moves) > _MANY or next(self._resting_on(place, moves), None) is not None:
            return False
        self._forgotten |= moves
        return True

    def replaceable(self, place: int, most: int) -> tuple[set[int], list[int]] | None:
        """The moves that change an unknown, and what rests on them; None where either are too many to be replaced."""
        moves = self._changing(place)
        if len(moves) > _MANY:
            return None
        resting = list(islice(self._resting_on(place, moves), most + 1))
        return None if len(resting) > most else (moves, resting)

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
        """The moves that change an unknown; of more than many, some."""
        moves: set[int] = set()
        for _, number in self._sizes.of(place):
            if number not in self._forgotten:
                moves.add(number)
                if len(moves) > _MANY:
                    break
        return moves

    def _resting_on(self, place: int, moves: set[int]) -> Iterator[int]:
        """What other unknowns are not proved without some moves that change this one."""
        affected = np.unique(np.concatenate([_NO_PLACES, *(self._moves[move].places for move in moves)]))
        for other in affected[self._is_asked[affected]].tolist():
            if other != place and not self._is_proved_without(other, moves):
                yield other

    def _is_proved_without(self, place: int, moves: set[int]) -> bool:
        """Whether an unknown is wide enough for everybody were it not for some moves."""
        known = self._proofs.get(place)
        if known is None or not known.isdisjoint(self._forgotten):
            known = self._proof(place, _NOTHING)
            if known is None:
                return False
            self._proofs[place] = known
        return known.isdisjoint(moves) or self._proof(place, moves) is not None

    def _proof(self, place: int, without: Set[int]) -> frozenset[int] | None:
        """Moves, but for some, that put an unknown wide enough apart for everybody; None where they do not."""
        to_anyone = self._farthest(place, without, _NOBODY)
        needed = _NOBODY.union(*(self._moves[number].operators for number in to_anyone))
        knowing = [frozenset([name]) for name in sorted(needed) if self._asked[name][place]]
        ways = [to_anyone, *(self._farthest(place, without, those) for those in knowing)]
        is_proved = all(sum(way.values()) >= self._width[place] for way in ways)
        return frozenset().union(*ways) if is_proved else None

    def _farthest(self, place: int, without: Set[int], knowing: Operators) -> dict[int, float]:
        """The moves farthest down and up, but for some and for those of counts that somebody knows, and how far."""
        found: dict[int, float] = {}
        for sizes, sign in ((self._sizes.of(place), -1), (self._sizes.of(place, upward=False), 1)):
            for size, number in sizes:
                if sign * size <= 0:
                    break
                is_usable = number not in without and number not in self._forgotten
                if is_usable and self._moves[number].operators.isdisjoint(knowing):
                    found[number] = abs(size)
                    break
        return found


class Sizes:
    """How far each of some moves takes each unknown: (size, number of the move).

    Packed, since a move changes many unknowns; read little by little, since most who ask need only the farthest.
    """

    def __init__(self, moves: Sequence[Move], unknowns: int) -> None:
        places = np.concatenate([_NO_PLACES, *(move.places for move in moves)])
        sizes = np.concatenate([_NO_SIZES, *(move.sizes for move in moves)])
        numbers = np.repeat(np.arange(len(moves), dtype=np.int32), [len(move.places) for move in moves])
        order = np.lexsort((numbers, sizes, places))
        self._starts = np.searchsorted(places[order], np.arange(unknowns + 1)).tolist()
        self._sizes, self._numbers = sizes[order], numbers[order]
        self._added: dict[int, list[tuple[float, int]]] = {}

    def of(self, place: int, *, upward: bool = True) -> Iterator[tuple[float, int]]:
        """The moves that change an unknown, the farthest down first, or the farthest up."""
        packed = self._packed(self._starts[place], self._starts[place + 1], upward)
        added = self._added.get(place)
        return merge(packed, sorted(added, reverse=not upward), reverse=not upward) if added else packed

    def _packed(self, start: int, end: int, upward: bool) -> Iterator[tuple[float, int]]:
        for first in range(0, end - start, _READ):
            last = min(first + _READ, end - start)
            there = slice(start + first, start + last) if upward else slice(end - last, end - first)
            step = 1 if upward else -1
            yield from zip(self._sizes[there][::step].tolist(), self._numbers[there][::step].tolist(), strict=True)

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
