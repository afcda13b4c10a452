"""Whether a count is far from the counts of the months before, in three ways. Numbers in, answers out.

    jumped             more than so many times as large or as small as the middle (the median) of those months
    beyond_prediction  outside what they predict for the next, by a negative binomial distribution
    beyond_median      far from their middle, measured by how far they usually are from it (the modified z-score)

A count may be known only to lie between two numbers; an answer is given where it is the same for all of them.
Small counts vary by chance alone, by about their square root; none of the ways calls that far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, log1p, sqrt

Number = int | float


class Side(StrEnum):
    """Where a count lies that is far from those before."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True)
class NegativeBinomial:
    """The number of failures before the `size`-th success, each try succeeding with `chance`; `size` may be broken."""

    size: float
    chance: float

    def at_most(self, count: int) -> float:
        """How probable it is to be the count or less."""
        return incomplete_beta(self.size, count + 1, self.chance)

    def at_least(self, count: int) -> float:
        """How probable it is to be the count or more."""
        return incomplete_beta(count, self.size, 1 - self.chance) if count > 0 else 1.0


MONTHS_TO_PREDICT_FROM = 4
NARROWEST_COVERAGE = 0.98


def moments(earlier: Sequence[Number]) -> tuple[float, float]:
    """The mean and the variance of the next count after these, of which there are MONTHS_TO_PREDICT_FROM at least.

    Where they vary no more than chance makes them vary, the negative binomial distribution with these is the
    predictive distribution of a Poisson count (Jeffreys' prior). Where they vary more, their variance takes the place
    of the mean; it is widened for being known from a few months only, as Student's distribution is wider than the
    normal one.
    """
    months = len(earlier)
    mean = (sum(earlier) + 0.5) / months
    variance = sum([(count - mean) ** 2 for count in earlier]) / (months - 3)
    return mean, max(mean, variance) * (1 + 1 / months)


def predicted(mean: float, variance: float) -> NegativeBinomial:
    """The distribution with this mean and this variance, which is larger than the mean."""
    return NegativeBinomial(mean * mean / (variance - mean), mean / variance)


def beyond_prediction(least: Number, most: Number, earlier: Sequence[Number], coverage: float) -> Side | None:
    """Where the count lies if it is outside the central interval that the next one falls into with this probability.

    `coverage` is NARROWEST_COVERAGE at least: then two deviations above the mean are inside, and one below it where
    the distribution is not too skew, which spares the tails of nearly every count.
    """
    mean, variance = moments(earlier)
    deviation, tail = sqrt(variance), (1 - coverage) / 2
    if least > mean + 2 * deviation:
        return Side.ABOVE if predicted(mean, variance).at_least(int(least)) <= tail else None
    if most < mean - deviation or (most < mean and 2 * (variance - mean) > mean * mean):
        return Side.BELOW if predicted(mean, variance).at_most(int(most)) < tail else None
    return None


def beyond_median(least: Number, most: Number, ordered: Sequence[Number], limit: Number) -> Side | None:
    """Where the count lies if its modified z-score (Iglewicz and Hoaglin) is beyond the limit.

    The usual distance is the median of the distances from the median, over 0.6745, and no less than the square
    root of the median: months that happen to be alike do not make the next one strange.
    """
    middle = median(ordered)
    chance = sqrt(max(middle, 1))
    above, below = least - middle, middle - most
    if above <= limit * chance and below <= limit * chance:
        return None
    usual = max(median(sorted([abs(count - middle) for count in ordered])) / 0.6745, chance)
    return _side(above > limit * usual, below > limit * usual)


def jumped(least: Number, most: Number, low: Number, high: Number, factor: Number) -> Side | None:
    """Where the count lies if it is more than `factor` times as large, or as small, as the middle of those before.

    `low` and `high` are what that middle is at least and at most.
    """
    return _side(least > factor * high, most * factor < low)


def median(ordered: Sequence[Number]) -> Number:
    """The middle of numbers in order, halfway between the two in the middle of an even number of them."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _side(above: bool, below: bool) -> Side | None:
    return Side.ABOVE if above else Side.BELOW if below else None


_ENOUGH, _STEPS, _TINY = 1e-12, 20_000, 1e-300


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (DLMF 8.17.22; Lentz's method)."""
    if not 0 < x < 1:
        return min(max(x, 0.0), 1.0)
    # The fraction converges quickly on this side of the mean alone.
    return _fraction(a, b, x) if x <= (a + 1) / (a + b + 2) else 1 - _fraction(b, a, 1 - x)


def _fraction(a: float, b: float, x: float) -> float:
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    numerator, denominator = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    value = denominator
    for step in range(1, _STEPS):
        before = value
        for term in _terms(a, b, x, step):
            denominator = 1 / _apart(1 + term * denominator)
            numerator = _apart(1 + term / numerator)
            value *= denominator * numerator
        if abs(value - before) <= _ENOUGH * abs(value):
            break
    return front * value


def _terms(a: float, b: float, x: float, step: int) -> tuple[float, float]:
    even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
    odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
    return even, odd


def _apart(value: float) -> float:
    """The value, kept apart from zero."""
    return value if abs(value) > _TINY else _TINY
