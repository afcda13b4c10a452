from math import exp, lgamma, log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.methods.intervals import METHOD_NAMES, binomial_interval, interval_of, poisson_interval, stability
from domain.dictionary import IntervalMethod


def poisson_pmf(events, mean):
    return exp(events * log(mean) - mean - lgamma(events + 1)) if mean else float(events == 0)


def poisson_cdf(events, mean):
    return sum(poisson_pmf(x, mean) for x in range(events + 1))


def binomial_pmf(events, trials, p):
    if p in (0, 1):
        return float(events == trials * p)
    ways = lgamma(trials + 1) - lgamma(events + 1) - lgamma(trials - events + 1)
    return exp(ways + events * log(p) + (trials - events) * log(1 - p))


def binomial_cdf(events, trials, p):
    return sum(binomial_pmf(x, trials, p) for x in range(events + 1))


def root(decreasing, low, high):
    """Where a decreasing function crosses zero, by bisection."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if decreasing(middle) > 0 else (low, middle)
    return low


# DICTIONARY.md section 4: published counts, exact Poisson 95 %, to the digits printed there.
PUBLISHED = [
    (636, 48533, "13.10", "12.11", "14.16"),
    (683, 61184, "11.16", "10.34", "12.03"),
    (22, 420, "52.4", "32.8", "79.3"),
    (333, 124100, "2.68", "2.40", "2.99"),
    (56, 6147, "9.11", "6.88", "11.83"),
    (56, 4068, "13.77", "10.40", "17.88"),
    (1232, 61823, "19.93", "18.83", "21.07"),
    (33, 10514, "3.14", "2.16", "4.41"),
]


@pytest.mark.parametrize("events, visits, value, low, high", PUBLISHED)
def test_published_rates_have_the_printed_intervals(events, visits, value, low, high):
    ends = interval_of(IntervalMethod.POISSON, events, visits, 1000)
    digits = len(value.partition(".")[2])
    assert [f"{number:.{digits}f}" for number in (1000 * events / visits, *ends)] == [value, low, high]


def test_garwoods_own_table_is_met():
    # The familiar 95 % limits of a Poisson count, as tables since Garwood (1936) print them.
    table = {0: (0, 3.69), 1: (0.03, 5.57), 2: (0.24, 7.22), 5: (1.62, 11.67), 10: (4.80, 18.39), 20: (12.22, 30.89)}
    assert {n: tuple(round(end, 2) for end in poisson_interval(n)) for n in table} == table


@pytest.mark.parametrize("events", [1, 2, 7, 20, 93])
def test_the_poisson_limits_leave_two_and_a_half_percent_on_each_side(events):
    low, high = poisson_interval(events)
    assert high == pytest.approx(root(lambda mean: poisson_cdf(events, mean) - 0.025, 0, 1000), rel=1e-9)
    assert low == pytest.approx(root(lambda mean: poisson_cdf(events - 1, mean) - 0.975, 0, 1000), rel=1e-9)


@pytest.mark.parametrize("events, trials", [(1, 10), (5, 10), (9, 10), (26, 100), (499, 500)])
def test_the_binomial_limits_leave_two_and_a_half_percent_on_each_side(events, trials):
    low, high = binomial_interval(events, trials)
    assert high == pytest.approx(root(lambda p: binomial_cdf(events, trials, p) - 0.025, 0, 1), rel=1e-9)
    assert low == pytest.approx(root(lambda p: binomial_cdf(events - 1, trials, p) - 0.975, 0, 1), rel=1e-9)


@pytest.mark.parametrize("mean", [0.05, 0.7, 1.9, 3.68, 3.70, 11.3, 28.5])
def test_the_poisson_interval_contains_the_truth_at_least_95_percent_of_the_time(mean):
    within = (x for x in range(200) if poisson_interval(x)[0] <= mean <= poisson_interval(x)[1])
    assert sum(poisson_pmf(x, mean) for x in within) >= 0.95


@pytest.mark.parametrize("trials", [1, 7, 30])
@pytest.mark.parametrize("p", [0.001, 0.03, 0.28, 0.5, 0.61, 0.97])
def test_the_binomial_interval_contains_the_truth_at_least_95_percent_of_the_time(trials, p):
    ends = {x: binomial_interval(x, trials) for x in range(trials + 1)}
    assert sum(binomial_pmf(x, trials, p) for x, (low, high) in ends.items() if low <= p <= high) >= 0.95


def test_no_events_have_the_lower_end_zero_and_an_upper_one():
    assert poisson_interval(0, 1000) == (0, pytest.approx(-log(0.025) / 1000))
    assert binomial_interval(0, 40) == (0, pytest.approx(1 - 0.025 ** (1 / 40)))


def test_where_all_are_events_the_upper_end_is_one():
    assert binomial_interval(40, 40) == (pytest.approx(0.025 ** (1 / 40)), 1)
    assert binomial_interval(1, 1) == (pytest.approx(0.025), 1)


def test_huge_counts_stay_exact():
    events = 120_000_000
    low, high = poisson_interval(events)
    z = NormalDist().inv_cdf(0.975)
    assert (low - events) / sqrt(events) == pytest.approx(-z, abs=1e-3)
    assert (high - events) / sqrt(events) == pytest.approx(z, abs=1e-3)
    low, high = binomial_interval(events // 4, events)
    assert (high - 0.25) * sqrt(events / (0.25 * 0.75)) == pytest.approx(z, abs=1e-3)
    assert (low - 0.25) * sqrt(events / (0.25 * 0.75)) == pytest.approx(-z, abs=1e-3)


def test_another_confidence_gives_another_width():
    assert poisson_interval(10, confidence=0.998)[1] > poisson_interval(10)[1] > poisson_interval(10, confidence=0.5)[1]


@pytest.mark.parametrize("events, exposure", [(-1, 10), (1, 0), (1, -5)])
def test_impossible_rates_are_refused(events, exposure):
    with pytest.raises(ValueError):
        poisson_interval(events, exposure)


@pytest.mark.parametrize("events, trials", [(-1, 10), (11, 10), (0, 0)])
def test_impossible_shares_are_refused(events, trials):
    with pytest.raises(ValueError):
        binomial_interval(events, trials)


def test_the_method_decides_and_the_factor_scales():
    assert interval_of(IntervalMethod.NONE, 5, 10, 1) is None
    assert interval_of(IntervalMethod.BINOMIAL, 5, 10, 1) == binomial_interval(5, 10)
    low, high = poisson_interval(5, 10)
    assert interval_of(IntervalMethod.POISSON, 5, 10, 100) == (100 * low, 100 * high)


def test_every_method_has_a_name_to_print():
    assert METHOD_NAMES[IntervalMethod.POISSON] == "exact Poisson (Garwood), 95 %"
    assert METHOD_NAMES[IntervalMethod.BINOMIAL] == "exact binomial (Clopper-Pearson), 95 %"
    assert set(METHOD_NAMES) == set(IntervalMethod)


@pytest.mark.parametrize("events, word", [(None, "withheld"), (0, "unstable"), (19, "unstable"), (20, "stable")])
def test_under_twenty_events_a_rate_is_unstable(events, word):
    assert stability(events) == word


@given(st.integers(0, 10**6), st.integers(1, 10**7))
def test_the_interval_contains_the_value(events, exposure):
    low, high = poisson_interval(events, exposure)
    assert low <= events / exposure <= high
    if events <= exposure:
        low, high = binomial_interval(events, exposure)
        assert 0 <= low <= events / exposure <= high <= 1
