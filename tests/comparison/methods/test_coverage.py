"""Whether intervals contain the truth, and limits what chance makes, as often as they say.

Where the outcomes can be counted, they are: the coverage is exact. Where not, they are drawn: 120 times with a fixed
seed in the suite, SWEEP_DRAWS (20,000) times from SWEEP_SEED on in `make sweep`, which prints it.
"""

import os
import time
from collections.abc import Callable

import numpy as np
import pytest
import scipy

from comparison.answers.zero_events import upper_limit
from comparison.methods.dispersion import dispersion
from comparison.methods.limits import INNER, OUTER, THREE_SIGMA, exact_limits, scaled_limits
from comparison.methods.log_linear import log_slope
from comparison.methods.phases import Point, charted
from comparison.methods.random_effects import random_effects
from comparison.methods.ratio_tests import odds_ratio, rate_ratio
from comparison.methods.run_rules import runs_found
from comparison.methods.standardization import Stratum, direct
from domain.dictionary import IntervalMethod
from domain.periods import Month
from tests.comparison.small_release import measure

POISSON, BINOMIAL = IntervalMethod.POISSON, IntervalMethod.BINOMIAL
DRAWS = 120


def holds(interval, truth):
    low, high = interval
    return low <= truth and (high is None or truth <= high)


@pytest.mark.parametrize("first, second", [(2, 2), (1, 9), (6, 4), (0.5, 14)])
def test_the_ratio_of_two_rates_lies_in_its_interval_at_least_95_percent_of_the_time(first, second):
    counts = range(26)
    chances = np.outer(scipy.stats.poisson.pmf(counts, first), scipy.stats.poisson.pmf(counts, second))
    missed = sum(
        chances[a, b]
        for a in counts
        for b in counts
        if chances[a, b] > 1e-7 and not holds(rate_ratio((a, 10), (b, 25)).interval, (first / 10) / (second / 25))
    )
    assert missed <= 0.05


@pytest.mark.parametrize("first, second", [(0.1, 0.1), (0.5, 0.3), (0.9, 0.6)])
def test_the_odds_ratio_of_two_shares_lies_in_its_interval_at_least_95_percent_of_the_time(first, second):
    of, truth = (9, 12), (first / (1 - first)) / (second / (1 - second))
    chances = np.outer(*(scipy.stats.binom.pmf(range(n + 1), n, p) for n, p in zip(of, (first, second), strict=True)))
    missed = sum(
        chance
        for (a, b), chance in np.ndenumerate(chances)
        if not holds(odds_ratio((a, of[0]), (b, of[1])).interval, truth)
    )
    assert missed <= 0.05


@pytest.mark.parametrize("truth", [0.2, 3.1, 7, 40])
def test_a_rate_is_above_its_one_sided_limit_at_most_one_time_in_twenty(truth):
    missed = sum(
        scipy.stats.poisson.pmf(n, truth) for n in range(120) if upper_limit(measure(factor=1), n, 1).value < truth
    )
    assert missed <= 0.05


@pytest.mark.parametrize("level", [INNER, OUTER, THREE_SIGMA])
@pytest.mark.parametrize("mean", [0.3, 2, 8.8, 31, 640])
def test_chance_takes_at_most_the_stated_share_beyond_exact_limits(level, mean):
    low, high = (end * 1000 for end in exact_limits(POISSON, mean / 1000, 1000, level))
    outside = scipy.stats.poisson.cdf(np.ceil(low - 0.5) - 1, mean) + scipy.stats.poisson.sf(np.floor(high + 0.5), mean)
    assert outside <= 1 - level
    for trials, share in ((7, 0.4), (100, 0.02), (4000, 0.26)):
        low, high = (end * trials for end in exact_limits(BINOMIAL, share, trials, level))
        law = scipy.stats.binom(trials, share)
        assert law.cdf(np.ceil(low - 0.5) - 1) + law.sf(np.floor(high + 0.5)) <= 1 - level


Draw = Callable[[np.random.Generator], float]


def mean_of(draw: Draw, rng: np.random.Generator, draws: int) -> float:
    return float(np.mean([draw(rng) for _ in range(draws)]))


def dobson_missed(rng):
    exposure, rates, weights = (400, 900, 150), (0.02, 0.03, 0.1), (5, 2, 1)
    events = rng.poisson(np.multiply(exposure, rates))
    found = direct([Stratum(*pair) for pair in zip(events, exposure, strict=True)], weights)
    return not holds(found.interval, np.dot(weights, rates) / sum(weights))


def random_effects_missed(rng):
    exposure = rng.integers(800, 4000, 8)
    events = rng.poisson(exposure * 0.02 * np.exp(rng.normal(0, 0.4, 8)))
    found = random_effects(list(zip(events, exposure, strict=True)), POISSON)
    return not holds(found.interval, 0.02)


def prediction_missed(rng):
    exposure = rng.integers(800, 4000, 8)
    events = rng.poisson(exposure * 0.02 * np.exp(rng.normal(0, 0.4, 8)))
    found = random_effects(list(zip(events, exposure, strict=True)), POISSON)
    return not holds(found.prediction, 0.02 * np.exp(rng.normal(0, 0.4)))


def slope_missed(months, mean, size=None):
    def draw(rng):
        truth, times = 0.1, np.arange(months) / 12
        means = mean * np.exp(truth * times)
        counts = rng.poisson(means) if size is None else rng.negative_binomial(size, size / (size + means))
        return not holds(log_slope(counts, np.ones(months), times).interval, truth)

    return draw


def funnel_flagged(level, adjusted):
    """The share of units outside their limits about the target that they themselves have, as the funnel makes them."""

    def draw(rng):
        exposure = rng.integers(300, 5000, 15)
        events = rng.poisson(0.012 * exposure)
        counts, target = list(zip(events, exposure, strict=True)), events.sum() / exposure.sum()
        found = dispersion(counts, target, POISSON)
        factor = found.phi**0.5 if adjusted and found.found else 1
        limits = [scaled_limits(measure(factor=1), target, n, level, factor) for n in exposure]
        return np.mean([not holds(ends, a / n) for ends, (a, n) in zip(limits, counts, strict=True)])

    return draw


def dispersion_found(rng):
    exposure = rng.integers(300, 5000, 15)
    events = rng.poisson(0.012 * exposure)
    return dispersion(list(zip(events, exposure, strict=True)), events.sum() / exposure.sum(), POISSON).found


def chart(rng, mean):
    counts, exposure = rng.poisson(mean, 24), 1000.0
    points = [
        Point(Month(2025 + n // 12, n % 12 + 1), (float(a), exposure), exposure, (a / exposure, a / exposure), 0)
        for n, a in enumerate(counts)
    ]
    total = (float(counts.sum()), 24 * exposure)
    return charted(measure(factor=1), points, lambda first, last: total)


def points_beyond(mean):
    return lambda rng: np.mean([point.beyond for point in chart(rng, mean)[0]])


def runs_alarmed(rng):
    return bool(runs_found(np.sign(rng.normal(size=24))))


DRAWN: dict[str, tuple[Draw, float, float]] = {
    "the interval of Dobson misses": (dobson_missed, 0.02, 0.055),
    "the random-effects interval misses": (random_effects_missed, 0.02, 0.065),
    "the prediction interval misses": (prediction_missed, 0.02, 0.075),
    "the Poisson slope misses, 12 months of 20": (slope_missed(12, 20), 0.02, 0.055),
    "the Poisson slope misses, 24 months of 5": (slope_missed(24, 5), 0.02, 0.055),
    "the slope misses where months vary more": (slope_missed(12, 200, 30), 0.02, 0.065),
    "the slope misses where months vary more, 24": (slope_missed(24, 40, 8), 0.02, 0.07),
    "a unit like the others is outside 95 %": (funnel_flagged(INNER, False), 0.02, 0.05),
    "a unit like the others is outside 99.8 %": (funnel_flagged(OUTER, False), 0.0, 0.002),
    "a unit like the others is outside 95 %, adjusted": (funnel_flagged(INNER, True), 0.02, 0.05),
    "over-dispersion is found where there is none": (dispersion_found, 0.0, 0.05),
    "a month in control is beyond its limits, mean 4": (points_beyond(4), 0.0, 0.0027),
    "a month in control is beyond its limits, mean 40": (points_beyond(40), 0.0, 0.0027),
    "a run rule finds something in 24 months of chance": (runs_alarmed, 0.02, 0.12),
}
"""How often each goes wrong, and between which shares that may be."""


def sampling_error(share: float, draws: int) -> float:
    return 4 * (max(share, 0.002) / draws) ** 0.5


@pytest.mark.parametrize("what", DRAWN)
def test_what_is_drawn_goes_wrong_no_more_often_than_stated(what):
    draw, least, most = DRAWN[what]
    share = mean_of(draw, np.random.default_rng(20260701), DRAWS)
    assert least - sampling_error(least, DRAWS) <= share <= most + sampling_error(most, DRAWS)


@pytest.mark.sweep
def test_many_draws_go_wrong_no_more_often_than_stated():
    draws, seed = int(os.environ.get("SWEEP_DRAWS", 20_000)), int(os.environ.get("SWEEP_SEED", time.time_ns() % 10**9))
    shares = {what: mean_of(draw, np.random.default_rng(seed), draws) for what, (draw, _, _) in DRAWN.items()}
    print(f"\n{draws} draws, SWEEP_SEED={seed}")
    for what, share in shares.items():
        print(f"{100 * share:7.3f} %  {what}")
    for what, (_, least, most) in DRAWN.items():
        allowance = sampling_error(most, draws)
        assert least - allowance <= shares[what] <= most + allowance, what
