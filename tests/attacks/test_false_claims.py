"""Moves that somebody says prove something: the attack tries each of them, and those that do not hold prove nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from disclosure.attack import Attack
from disclosure.linear.center import find_center
from disclosure.linear.system import Sum, System, Unknown
from disclosure.linear.witnesses import Move
from tests.attacks.brute_force import BruteForce, TooMany
from tests.attacks.systems import masks, systems


@st.composite
def claims(draw: st.DrawFn, system: System) -> list[Move]:
    """Steps of counts as they come: too long, in any order, the same count twice, sums among them."""
    steps = st.tuples(st.integers(0, len(system.unknowns) - 1), st.integers(-9, 9))
    made = []
    for move in draw(st.lists(st.lists(steps, min_size=1, max_size=6), max_size=12)):
        places, sizes = (np.array(ends) for ends in zip(*move, strict=True))
        made.append(Move(places.astype(np.int32), sizes.astype(float), len(places), frozenset()))
    return made


@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_claim_hides_a_breach(data: st.DataObject) -> None:
    system = data.draw(systems())
    published = data.draw(masks(system))
    center = find_center(system)
    assert center is not None
    attack = Attack(system, published, center)
    found = {(breach.unknown, breach.attacker) for breach in attack.breaches(data.draw(claims(system)))}
    try:
        assert BruteForce(system, published, center).breaches() <= found
    except TooMany:
        reject()


def test_a_claim_that_holds_is_believed() -> None:
    system, published = _two_hidden_that_sum()
    attack = Attack(system, published, system.truth)
    attack.breaches([Move(np.array([0, 1], dtype=np.int32), np.array([2.0, -2.0]), 2, frozenset())])
    assert attack.witnesses.reach(0).high >= 2


def test_half_a_move_twice_is_none() -> None:
    system, published = _two_hidden_that_sum()
    attack = Attack(system, published, system.truth)
    # Each half fits below the ceiling; together they do not.
    halves = Move(np.array([0, 0, 1, 1], dtype=np.int32), np.array([4.0, 4.0, -4.0, -4.0]), 4, frozenset())
    assert not list(attack.frame.admitted([(halves.columns, halves.steps)]))


def _two_hidden_that_sum() -> tuple[System, np.ndarray]:
    x = frozenset("x")
    counts = [Unknown(low=5, high=5, ceiling=9, k=6, sensitive=True, operators=x) for _ in range(2)]
    total = Unknown(low=10, high=10, ceiling=20, operators=x)
    return System((*counts, total), (Sum(2, (0, 1)),), (), ()), np.array([False, False, True])
