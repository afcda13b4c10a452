"""The arithmetic of what is far from usual, beside scipy and numpy, which know nothing of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc
from scipy.stats import median_abs_deviation, nbinom

from domain.outliers import (
    MONTHS_TO_PREDICT_FROM,
    NARROWEST_COVERAGE,
    NegativeBinomial,
    Side,
    beyond_median,
    beyond_prediction,
    incomplete_beta,
    jumped,
    median,
    moments,
    predicted,
)

LOW = [4, 0, 2, 3, 1, 2]
STEADY = [210, 190, 205, 197, 188, 214, 202, 195, 201, 199, 207, 192]
WILD = [12, 90, 33, 150, 8, 61]
counts = st.one_of(st.integers(0, 30), st.integers(0, 5_000), st.integers(0, 10_000_000))
months = st.lists(counts, min_size=MONTHS_TO_PREDICT_FROM, max_size=24)


@given(st.floats(0.05, 1e6), st.floats(0.05, 1e6), st.floats(0.0001, 0.9999))
def test_the_incomplete_beta_function_is_that_of_scipy(a, b, x):
    assert incomplete_beta(a, b, x) == pytest.approx(betainc(a, b, x), rel=1e-7, abs=1e-10)


@given(st.floats(0.05, 1e5), st.floats(0.001, 0.999), counts)
def test_the_tails_of_the_negative_binomial_are_those_of_scipy(size, chance, count):
    distribution = NegativeBinomial(size, chance)
    assert distribution.at_most(count) == pytest.approx(nbinom.cdf(count, size, chance), rel=1e-6, abs=1e-10)
    assert distribution.at_least(count) == pytest.approx(nbinom.sf(count - 1, size, chance), rel=1e-6, abs=1e-10)


def scipys_interval(earlier: list[int], coverage: float) -> tuple[float, float]:
    """The central interval from the definition: the moments by numpy, the quantiles by scipy."""
    n, mean = len(earlier), (sum(earlier) + 0.5) / len(earlier)
    spread = max(mean, float(np.sum((np.array(earlier) - mean) ** 2)) / (n - 3))
    variance = spread * (1 + 1 / n)
    size, chance = mean**2 / (variance - mean), mean / variance
    return nbinom.ppf((1 - coverage) / 2, size, chance), nbinom.ppf((1 + coverage) / 2, size, chance)


@pytest.mark.parametrize("earlier", [LOW, STEADY, WILD, [0] * 6, [0] * 12, [0] * 11 + [40], [1_000_000] * 8])
@pytest.mark.parametrize("coverage", [0.99, NARROWEST_COVERAGE])
def test_every_count_outside_the_interval_of_scipy_is_found_and_no_other(earlier, coverage):
    low, high = scipys_interval(earlier, coverage)
    near = {int(end) + step for end in (low, high) for step in range(-3, 4)} | {0, int(median(sorted(earlier)))}
    for count in sorted(count for count in near if count >= 0):
        side = Side.BELOW if count < low else Side.ABOVE if count > high else None
        assert beyond_prediction(count, count, earlier, coverage) is side


@given(months, counts)
def test_what_the_quick_look_spares_is_inside(earlier, count):
    low, high = scipys_interval(earlier, NARROWEST_COVERAGE)
    side = beyond_prediction(count, count, earlier, NARROWEST_COVERAGE)
    if side is None:
        assert low - 1 <= count <= high + 1
    else:
        assert count < low + 1 if side is Side.BELOW else count > high - 1


def test_months_that_vary_by_chance_predict_as_a_poisson_count_is_predicted():
    """The posterior predictive distribution after six counts, with Jeffreys' prior."""
    prediction = predicted(*moments([2, 3, 2, 1, 3, 2]))
    assert (prediction.size, prediction.chance) == pytest.approx((13.5, 6 / 7))


@pytest.mark.parametrize(("mean", "times"), [(2, 1), (40, 1), (40, 4), (2400, 1), (2400, 20)])
@pytest.mark.parametrize("length", [6, 12])
def test_one_ordinary_month_in_forty_is_found_at_most(mean, times, length):
    """With a fixed seed; `times` is how much larger the variance is than that of chance."""
    random = np.random.default_rng(20260501)
    drawn = (
        random.poisson(mean, (2000, length + 1))
        if times == 1
        else random.negative_binomial(mean / (times - 1), 1 / times, (2000, length + 1))
    )
    found = [beyond_prediction(int(row[-1]), int(row[-1]), row[:-1].tolist(), 0.99) for row in drawn]
    assert sum(side is not None for side in found) <= 2000 / 40 * 1.3


@given(st.lists(counts, min_size=4, max_size=24), counts)
def test_the_modified_z_score_is_that_of_its_definition(earlier, count):
    middle = np.median(earlier)
    usual = max(median_abs_deviation(earlier, scale=0.6745), np.sqrt(max(middle, 1)))
    score = (count - middle) / usual
    side = beyond_median(count, count, sorted(earlier), 3.5)
    if abs(abs(score) - 3.5) > 1e-9:
        assert side is (Side.ABOVE if score > 3.5 else Side.BELOW if score < -3.5 else None)


def test_one_month_of_nonsense_hides_the_next_from_the_prediction_and_not_from_the_median():
    earlier = sorted([*STEADY[:-1], 21_000])
    assert beyond_prediction(2_100, 2_100, earlier, 0.99) is None
    assert beyond_median(2_100, 2_100, earlier, 3.5) is Side.ABOVE


def test_a_jump_is_more_than_the_factor_and_not_the_factor():
    assert jumped(30, 30, 10, 10, 3) is None
    assert jumped(31, 31, 10, 10, 3) is Side.ABOVE
    assert jumped(10, 10, 30, 30, 3) is None
    assert jumped(9, 9, 30, 30, 3) is Side.BELOW


hidden = st.tuples(st.integers(0, 40), st.integers(0, 10)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(hidden, st.lists(hidden, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_what_is_found_of_hidden_counts_is_found_of_whatever_they_are(count, earlier, random):
    lows, highs = sorted(low for low, _ in earlier), sorted(high for _, high in earlier)
    told = sorted(random.randint(*each) for each in earlier)
    truth = random.randint(*count)
    for found, sure in [
        (jumped(truth, truth, median(told), median(told), 3), jumped(*count, median(lows), median(highs), 3)),
        (beyond_median(truth, truth, told, 3.5), beyond_median(*count, told, 3.5)),
    ]:
        assert sure is None or found is sure


@given(st.lists(st.integers(0, 99), min_size=1, max_size=13))
def test_the_median_is_that_of_numpy(numbers):
    assert median(sorted(numbers)) == np.median(numbers)
