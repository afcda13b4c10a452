"""The exact search, against every pattern there is, and on published examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from disclosure.linear.system import Mask, Relation, Rows
from disclosure.suppression.exact import Problem, Unprotected, cheapest

FAR = 1000
LONG = 60.0
EXAMPLES = 12


def table(counts: Sequence[Sequence[int]], width: Sequence[Sequence[int]], **changes) -> Problem:
    """A table of rows and columns; the totals of rows, columns and all are added to it."""
    inner = np.array(counts)
    truth = np.block([[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]])
    height, breadth = truth.shape
    place = np.arange(truth.size).reshape(truth.shape)
    lines = [*place, *place.T]
    rows = Rows.of([Relation(((int(line[-1]), -1), *((int(p), 1) for p in line[:-1])), 0, 0) for line in lines])
    asked = np.zeros(truth.shape)
    asked[: height - 1, : breadth - 1] = width
    nothing = np.zeros(truth.size, dtype=bool)
    problem = Problem(
        rows=rows,
        truth=truth.ravel().astype(float),
        lower=np.zeros(truth.size),
        upper=np.full(truth.size, float(FAR)),
        width=asked.ravel(),
        cost=np.ones(truth.size),
        hidden=nothing,
        fixed=nothing,
        known=[nothing],
    )
    return replace(problem, **changes)


def places(problem: Problem, *chosen: int) -> Mask:
    return np.isin(np.arange(len(problem.truth)), chosen)


def everything(problem: Problem) -> Mask:
    return ~problem.fixed


def solve(problem: Problem, seconds: float = LONG):
    return cheapest(problem, everything(problem), seconds)


def interval(problem: Problem, pattern: Mask, known: Mask, cell: int) -> float:
    """How wide an interval a cell has, by a solver that the search does not use this way."""
    matrix = np.zeros((problem.rows.count, len(problem.truth)))
    np.add.at(matrix, (problem.rows.row, problem.rows.column), problem.rows.coefficient)
    open = pattern & ~known
    bounds = np.where(open, problem.lower, problem.truth), np.where(open, problem.upper, problem.truth)
    limits = np.concatenate([problem.rows.high, -problem.rows.low])
    finite = np.isfinite(limits)
    direction = places(problem, cell).astype(float)
    ends = []
    for sign in (1, -1):
        result = linprog(
            sign * direction, np.vstack([matrix, -matrix])[finite], limits[finite], bounds=np.array(bounds).T
        )
        assert result.status == 0
        ends.append(sign * result.fun)
    return ends[1] - ends[0]


def protects(problem: Problem, pattern: Mask) -> bool:
    return all(
        interval(problem, pattern, known, cell) >= problem.width[cell] - 1e-6
        for known in problem.known
        for cell in np.flatnonzero((problem.width > 0) & ~known)
    )


def by_trying_all(problem: Problem) -> float | None:
    """What the cheapest of all patterns costs, or None where none protects."""
    free = np.flatnonzero(~problem.certain & ~problem.fixed)
    patterns: Iterable[Mask] = (
        problem.certain | places(problem, *free[list(chosen)]) for chosen in product((False, True), repeat=len(free))
    )
    costs = sorted(((float(problem.cost[pattern].sum()), i, pattern) for i, pattern in enumerate(patterns)))
    return next((cost for cost, _, pattern in costs if protects(problem, pattern)), None)


@st.composite
def small_problems(draw) -> Problem:
    height, breadth = draw(st.sampled_from([(1, 2), (1, 3), (2, 2)]))
    grid = st.lists(st.lists(st.integers(0, 9), min_size=breadth, max_size=breadth), min_size=height, max_size=height)
    counts = draw(grid)
    width = [[draw(st.sampled_from([0, 3, 5])) if 0 < count < 5 else 0 for count in line] for line in counts]
    problem = table(counts, width)
    size = len(problem.truth)
    masks = st.lists(st.booleans(), min_size=size, max_size=size).map(np.array)
    certain = problem.certain
    fixed = (problem.truth == 0) | draw(masks) & draw(masks) & draw(masks)
    own = draw(masks) & draw(masks)
    return replace(
        problem,
        upper=np.array([draw(st.sampled_from([12, FAR])) + value for value in problem.truth], dtype=float),
        cost=np.array([draw(st.integers(0, 6)) for _ in range(size)], dtype=float),
        fixed=fixed & ~certain,
        hidden=draw(masks) & draw(masks) & draw(masks) & ~fixed,
        known=draw(st.sampled_from([[np.zeros(size, dtype=bool)], [np.zeros(size, dtype=bool), own], [own, ~own]])),
    )


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(small_problems())
def test_no_pattern_that_protects_is_cheaper(problem: Problem):
    least = by_trying_all(problem)
    if least is None:
        with pytest.raises(Unprotected):
            solve(problem)
    else:
        answer = solve(problem)
        assert answer.proved
        assert problem.cost[answer.hidden].sum() == pytest.approx(least) == pytest.approx(answer.lower_bound)
        assert protects(problem, answer.hidden)
        assert (answer.hidden | ~problem.certain).all() and not (answer.hidden & problem.fixed).any()


# Fischetti and Salazar-González 2001, figure 1: investment by activity and region; the cell of 22 is sensitive.
INVESTMENT = [[20, 50, 10], [8, 19, 22], [17, 32, 12]]


def test_the_published_example_of_investments_takes_the_three_published_cells(investments: Problem):
    answer = solve(investments)
    assert answer.proved
    assert (answer.hidden == places(investments, 4, 6, 8, 10)).all()
    assert answer.lower_bound == 8 + 22 + 17 + 12
    assert interval(investments, answer.hidden, investments.known[0], 6) == pytest.approx(30 - 5)


@pytest.fixture
def investments() -> Problem:
    width = np.zeros((3, 3))
    width[1, 2] = 13
    problem = table(INVESTMENT, width.tolist())
    return replace(problem, cost=problem.truth)


def test_when_time_is_up_the_start_is_kept(investments: Problem):
    start = places(investments, 2, 1, 6, 5)
    answer = cheapest(investments, start, 0.0)
    assert (answer.hidden == start).all()
    assert not answer.proved
    assert answer.lower_bound <= investments.cost[answer.hidden].sum()


def test_a_start_that_does_not_protect_is_refused(investments: Problem):
    with pytest.raises(Unprotected):
        cheapest(investments, investments.certain, LONG)


def test_a_fixed_cell_stays_published(investments: Problem):
    answer = solve(replace(investments, fixed=places(investments, 4)))
    assert not answer.hidden[4]
    assert answer.proved
    assert investments.cost[answer.hidden].sum() > 59


def test_a_hidden_cell_stays_hidden(investments: Problem):
    assert solve(replace(investments, hidden=places(investments, 9))).hidden[9]


def test_an_attacker_who_knows_a_cell_needs_others_hidden(investments: Problem):
    anyone = np.zeros(16, dtype=bool)
    knowing = replace(investments, known=[anyone, places(investments, 0, 4)])
    answer = solve(knowing)
    assert answer.proved
    assert protects(knowing, answer.hidden)
    assert not protects(knowing, solve(investments).hidden)


def test_nothing_is_asked_about_a_cell_that_the_attacker_knows(investments: Problem):
    answer = solve(replace(investments, known=[places(investments, 6)]))
    assert answer.hidden.tolist() == investments.certain.tolist()


def test_nothing_to_protect_hides_nothing(investments: Problem):
    answer = solve(replace(investments, width=np.zeros(16)))
    assert not answer.hidden.any()
    assert answer.proved and answer.lower_bound == 0


def test_an_inequality_lets_a_cell_move_within_its_slack():
    rows = Rows.of([Relation(((0, 1), (1, -1)), float("-inf"), 0)])
    none = np.zeros(2, dtype=bool)
    problem = Problem(
        rows,
        np.array([4.0, 11.0]),
        np.zeros(2),
        np.full(2, 99.0),
        np.array([11.0, 0.0]),
        np.ones(2),
        none,
        none,
        [none],
    )
    assert solve(problem).hidden.tolist() == [True, False]
    assert solve(replace(problem, width=np.array([12.0, 0.0]))).hidden.tolist() == [True, True]


def test_the_same_problem_always_has_the_same_answer():
    rng = np.random.default_rng(5)
    counts = rng.poisson(8, (7, 6))
    problem = table(counts.tolist(), np.where((counts > 0) & (counts < 6), 6, 0).tolist())
    first, second = solve(problem), solve(problem)
    assert first.proved
    assert (first.hidden == second.hidden).all()


def test_progress_is_told_as_bounds_that_close(investments: Problem):
    told: list[tuple[float, float]] = []
    cheapest(investments, everything(investments), LONG, lambda least, best: told.append((least, best)))
    assert told[-1][0] == told[-1][1] == 59
    assert [least for least, _ in told] == sorted(least for least, _ in told)
    assert all(least <= best for least, best in told)


@pytest.mark.parametrize(
    "changes",
    [
        {"truth": np.zeros(16)},
        {"lower": np.full(16, 9.0)},
        {"fixed": np.ones(16, dtype=bool)},
        {"cost": np.full(16, -1.0)},
    ],
)
def test_a_problem_that_makes_no_sense_cannot_be_built(investments: Problem, changes: dict):
    changes = {name: value + (name == "truth") * np.arange(16) for name, value in changes.items()}
    with pytest.raises(ValueError, match=r"truth|published|pay"):
        replace(investments, **changes)
