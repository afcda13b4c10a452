"""What was hidden on the way is published again only where nothing that is asked rests on it."""

from __future__ import annotations

import numpy as np
import pytest

from disclosure.linear.witnesses import Move, Witnesses
from disclosure.suppression.surplus import Reliance, Sizes
from domain.release import ANYONE

WIDTH = np.full(3, 11.0)


def moving(places, size, operators=()):
    """A move that takes all of some unknowns so far."""
    sizes = np.full(len(places), float(size))
    return Move(np.array(places, dtype=np.int32), sizes, len(places), frozenset(operators))


def relying_on(*moves, **asked):
    """Reliance on moves, where of the named attackers' unknowns something is asked."""
    masks = {name: np.isin(np.arange(3), places) for name, places in asked.items()}
    witnesses = Witnesses([frozenset()] * 3, np.ones(3, dtype=bool))
    return Reliance(witnesses, moves, {ANYONE: np.zeros(3, dtype=bool)} | masks, WIDTH)


@pytest.mark.parametrize("resting", [0, 2])
def test_what_the_proof_of_another_rests_on_is_not_spared(resting):
    assert not relying_on(moving([1, resting], 11), anyone=[resting]).can_spare(1)


def test_what_is_proved_otherwise_as_well_is_spared_once_and_not_twice():
    reliance = relying_on(moving([0, 1], 11), moving([0, 2], -12), anyone=[0])
    assert reliance.can_spare(1)
    assert not reliance.can_spare(2)
    assert [move.places.tolist() for move in reliance.moves] == [[0, 2]]


def test_a_move_of_an_operators_own_counts_proves_nothing_against_it():
    ours, theirs = moving([0, 1], 11, ["a"]), moving([0, 2], 11, ["b"])
    assert relying_on(ours, theirs, anyone=[0], a=[], b=[]).can_spare(2)
    assert not relying_on(ours, theirs, anyone=[0], a=[0], b=[]).can_spare(2)


def test_moves_are_read_from_either_end():
    moves = [moving([0], size) for size in range(-20, 21)]
    sizes = Sizes(moves, 1)
    sizes.add(moving([0], 30), len(moves))
    expected = [*range(-20, 21), 30]
    assert [size for size, _ in sizes.of(0)] == expected
    assert [size for size, _ in sizes.of(0, upward=False)] == expected[::-1]
