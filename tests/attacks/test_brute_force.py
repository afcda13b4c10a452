"""The attack and the protection beside brute force: every table of tiny systems, whatever is published of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from disclosure.attack import Attack
from disclosure.linear.center import find_center
from disclosure.linear.pattern import Pattern
from disclosure.linear.system import System
from disclosure.suppression.complementary import Unprotectable, complement
from tests.attacks.brute_force import BruteForce, TooMany
from tests.attacks.systems import masks, systems

Judge = Callable[[System, np.ndarray, Counter], None]


@st.composite
def cases(draw: st.DrawFn, *, laws: bool = True) -> tuple[System, np.ndarray]:
    system = draw(systems(laws=laws))
    return system, draw(masks(system))


def run(judge: Judge, count: int, *, derandomize: bool, laws: bool = True) -> Counter:
    """Judge so many random cases; what was counted."""
    counted: Counter = Counter()

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(cases(laws=laws))
    def judged(case: tuple[System, np.ndarray]) -> None:
        try:
            judge(*case, counted)
        except TooMany:
            reject()
        counted["cases"] += 1

    judged()
    return counted


def center_of(system: System) -> np.ndarray:
    center = find_center(system)
    assert center is not None
    return center


def the_attack_finds_what_brute_force_finds(system: System, published: np.ndarray, counted: Counter) -> None:
    center = center_of(system)
    force = BruteForce(system, published, center)
    expected, if_small = force.breaches(), force.exact_if_small()
    found = {(breach.unknown, breach.attacker) for breach in Attack(system, published, center).breaches()}
    counted["with a breach"] += bool(expected)
    assert expected | (if_small or set()) <= found, "an attack is missed"
    # Where two tables are not found though they exist, what is safe counts as a breach; that must stay rare.
    counted["imagined"] += if_small is not None and not found <= expected | if_small


def the_bounds_are_those_of_all_tables(system: System, published: np.ndarray, counted: Counter) -> None:
    center = center_of(system)
    lower, upper = Attack(system, published, center).bounds()
    least, most = BruteForce(system, published, center).bounds()
    assert (lower <= least).all(), "a bound says too much"
    assert (upper >= most).all(), "a bound says too much"
    counted["not sharp"] += not ((lower == least).all() and (upper == most).all())


def protection_leaves_no_breach(system: System, published: np.ndarray, counted: Counter) -> None:
    small = np.array([unknown.sensitive for unknown in system.unknowns])
    shown = np.array([unknown.low < unknown.floor for unknown in system.unknowns])
    pattern = Pattern(shown | (published & ~small), published & ~small & ~shown)
    center = center_of(system)
    safest = BruteForce(system, pattern.published & ~pattern.yielding, center)
    try:
        proposal = complement(system, pattern, center)
    except Unprotectable as stuck:
        counted["refused"] += 1
        assert stuck.unknowns
        counted["refused though there is a way"] += not safest.breaches()
        return
    assert not BruteForce(system, proposal.published, center).breaches()
    assert (proposal.published <= pattern.published).all()
    assert (pattern.yielding | proposal.published >= pattern.published).all(), "what must be shown is"


JUDGES = (the_attack_finds_what_brute_force_finds, the_bounds_are_those_of_all_tables, protection_leaves_no_breach)


def assert_exact(counted: Counter) -> None:
    """Beyond what each case asserts: how rarely the hub is more careful than it had to be."""
    assert counted["cases"] > 50
    assert counted["imagined"] * 500 <= counted["cases"]
    assert (counted["cases"] - counted["not sharp"]) * 10 >= counted["cases"] * 9
    assert counted["refused though there is a way"] * 5 <= counted["refused"]


@pytest.mark.parametrize("judge", JUDGES)
def test_a_few_hundred_random_systems(judge: Judge):
    assert_exact(run(judge, 120, derandomize=True))


@pytest.mark.parametrize("judge", JUDGES)
def test_where_there_are_sums_alone_the_hub_is_exactly_as_careful_as_it_has_to_be(judge: Judge):
    counted = run(judge, 120, derandomize=True, laws=False)
    assert counted["cases"] == 120
    assert counted["imagined"] == counted["not sharp"] == counted["refused though there is a way"] == 0


@pytest.mark.sweep
@pytest.mark.parametrize("laws", [True, False])
@pytest.mark.parametrize("judge", JUDGES)
def test_thousands_of_random_systems(judge: Judge, laws: bool, capsys: pytest.CaptureFixture):
    counted = run(judge, 60 * int(os.environ.get("SWEEP_EXAMPLES", "50")), derandomize=False, laws=laws)
    with capsys.disabled():
        print(judge.__name__, "with rules" if laws else "sums alone", dict(counted))
    assert_exact(counted)
