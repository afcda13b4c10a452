from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison.methods.log_linear import log_slope


@pytest.mark.parametrize("counts", [[5, 6], [0] * 9, [0, 0, 0, 7], [9, 0, 0, 0]])
def test_what_has_no_finite_slope_is_refused(counts):
    with pytest.raises(ValueError):
        log_slope(counts, [100] * len(counts), range(len(counts)))


def test_an_exact_relative_change_is_found():
    slope = log_slope([100 * 2**n for n in range(6)], [100] * 6, range(6))
    assert slope.value == pytest.approx(0.6931471805599453)


def test_events_in_proportion_to_exposure_have_no_slope():
    slope = log_slope([10, 40, 20, 30], [100, 400, 200, 300], range(4))
    assert slope.value == pytest.approx(0, abs=1e-9)
    assert slope.model == "poisson"


def test_months_that_vary_more_than_chance_have_a_wider_interval():
    even, uneven = (log_slope(counts, [1000] * 8, range(8)) for counts in ([30] * 8, [5, 55, 5, 55, 55, 5, 55, 5]))
    assert (even.model, uneven.model) == ("poisson", "negative_binomial")
    assert uneven.interval[1] - uneven.interval[0] > 3 * (even.interval[1] - even.interval[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=3, max_size=30))
def test_there_is_a_finite_slope_in_its_interval_or_a_refusal(pairs):
    try:
        slope = log_slope(*zip(*pairs, strict=True), range(len(pairs)))
    except ValueError:
        return
    assert slope.interval[0] <= slope.value <= slope.interval[1]
    assert all(map(isfinite, (slope.value, *slope.interval, slope.dispersion)))
