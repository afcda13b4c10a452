"""Interval arithmetic against brute force, and against the decimals that binary numbers cannot hold."""

import operator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evaluate import Case, surely_fails, surely_holds
from domain.expressions import OPERATORS, parse_comparison
from tests.domain.examples import DICTIONARY, MONTH, SITE, TODAY, report

CELLS = ("visits_all", "visits_consumption", "overdose_events")
OPERATIONS = dict(zip(OPERATORS, (operator.le, operator.ge, operator.lt, operator.gt, operator.eq), strict=True))

values = st.one_of(st.integers(0, 4).map(str), st.integers(2, 5).map(lambda lt: f"<{lt}"))
factors = st.sampled_from([-3, -1, 0, 1, 2, 5])


def case(text: str) -> Case:
    return Case(report(text), DICTIONARY, SITE, MONTH, TODAY)


def completions(value: str) -> range:
    return range(int(value[1:])) if value.startswith("<") else range(int(value), int(value) + 1)


@given(st.tuples(values, values, values), st.tuples(factors, factors, factors))
def test_what_is_sure_is_so_in_every_completion(given_values, given_factors):
    judged = case(", ".join(f"{name} {value}" for name, value in zip(CELLS, given_values, strict=True)))
    left = " ".join(f"{'-' if f < 0 else '+'} {abs(f)} * {c}" for f, c in zip(given_factors, CELLS, strict=True))
    differences = {
        2 + sum(f * x for f, x in zip(given_factors, counts, strict=True)) - counts[0]
        for counts in product(*map(completions, given_values))
    }
    for sign in OPERATORS:
        comparison = parse_comparison(f"2 {left} {sign} visits_all")
        outcomes = {OPERATIONS[sign](difference, 0) for difference in differences}
        assert surely_holds(comparison, judged) == (outcomes == {True})
        # An equality can fail in a gap between the values that a sum takes; then nothing is claimed.
        in_a_gap = sign == "=" and min(differences) < 0 < max(differences)
        assert surely_fails(comparison, judged) == (outcomes == {False} and not in_a_gap)


@pytest.mark.parametrize(
    ("comparison", "counts"),
    [
        ("station_hours <= stations * operating_hours", "station_hours 24.3, operating_hours 8.1"),
        ("overdose_events > 0.2 * visits_consumption", "overdose_events 3, visits_consumption 15"),
        ("operating_hours = 0.3", "operating_hours 0.30"),
    ],
)
def test_decimals_are_exact(comparison, counts):
    holds = surely_holds(parse_comparison(comparison), case(counts))
    assert holds != (">" in comparison)
    assert surely_fails(parse_comparison(comparison), case(counts)) != holds


@pytest.mark.parametrize(
    ("comparison", "counts"),
    [
        ("visits_all >= visits_consumption", "visits_all 1"),
        ("visits_all >= visits_consumption", "visits_all 1, visits_consumption not_collected"),
        ("visits_all >= 2 - ems_calls[ems_reason.overdose]", "visits_all 1, ems_calls 1"),
    ],
)
def test_nothing_is_sure_of_what_is_missing(comparison, counts):
    parsed = parse_comparison(comparison)
    assert not surely_holds(parsed, case(counts))
    assert not surely_fails(parsed, case(counts))


def test_nothing_is_sure_of_a_site_that_is_not_known():
    bare = Case(report("operating_days 99, station_hours 99, operating_hours 1"), DICTIONARY)
    for text in ("operating_days <= days_in_month", "station_hours <= stations * operating_hours"):
        assert not surely_fails(parse_comparison(text), bare)
        assert not surely_holds(parse_comparison(text), bare)


def test_a_site_without_stations_has_no_station_hours():
    counts = report("station_hours 1, operating_hours 1")
    judged = Case(counts, DICTIONARY, replace(SITE, stations=0), MONTH, TODAY)
    assert surely_fails(parse_comparison("station_hours <= stations * operating_hours"), judged)


def test_hidden_hours_reach_up_to_their_bound_and_hidden_counts_to_one_less():
    hidden = case("operating_hours <5, visits_all <5")
    assert not surely_holds(parse_comparison("operating_hours <= 4.98"), hidden)
    assert surely_holds(parse_comparison("operating_hours <= 4.99"), hidden)
    assert surely_holds(parse_comparison("visits_all <= 4"), hidden)
