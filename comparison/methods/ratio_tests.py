"""Two rates, or two shares, beside each other: ratio, exact interval and p-value, conditional on the total.

    rates    given all events, those of the first are binomial: (a / A) / (b / B), the interval that of Clopper and
             Pearson carried over, the p-value that of the binomial test, as base R's `poisson.test` has them.
             J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson series",
             Biometrika 31 (1940) 313-323
    shares   given all events, those of the first follow Fisher's noncentral hypergeometric distribution: the odds
             ratio of greatest conditional likelihood, its interval, and Fisher's p-value, as base R's `fisher.test`.
             J. Cornfield, "A statistical problem arising from retrospective studies", Proc. Third Berkeley Symp. 4
             (1956) 135-148

A two-sided p-value adds up all outcomes that are no more likely than the one seen; the interval leaves half the error
on either side. So close to the edge one can say what the other does not. With many pairs, p-values are adjusted:

    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979) 65-70
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import scipy
from scipy.special import betaln

from comparison.methods.intervals import CONFIDENCE, binomial_interval

OpenInterval = tuple[float, float | None]

MANY_EVENTS = 5_000
ALIKE = 1e-7
"""Outcomes whose chances differ by less, relatively, count as equally likely, as in R."""


@dataclass(frozen=True)
class Ratio:
    """A ratio, its interval and its p-value; the value is None where the second has no events, an end where open."""

    value: float | None
    interval: OpenInterval | None
    p_value: float | None


def rate_ratio(first: tuple[float, float], second: tuple[float, float]) -> Ratio:
    """(events, exposure) of each; raises ValueError for negative events or an exposure that is not positive."""
    (a, over_a), (b, over_b) = first, second
    if min(a, b) < 0 or min(over_a, over_b) <= 0:
        raise ValueError("events are 0 or more, over an exposure above 0")
    if a + b == 0:
        return Ratio(None, (0.0, None), 1.0)
    events, total = int(a), int(a + b)
    low, high = (_odds(end) * over_b / over_a for end in binomial_interval(events, total))
    p_value = _two_sided(events, total, over_a / (over_a + over_b))
    return Ratio(a * over_b / (b * over_a) if b else None, (low, _finite(high)), p_value)


def _two_sided(events: int, total: int, share: float) -> float:
    """The chance of what is no likelier than so many events of the total.

    Of few events all outcomes are added up at once, ten times as fast as scipy, which looks for where they begin.
    """
    if total > MANY_EVENTS:
        return float(scipy.stats.binomtest(events, total, share).pvalue)
    counts = np.arange(total + 1)
    logs = -betaln(counts + 1, total - counts + 1) - np.log(total + 1)
    chances = np.exp(logs + counts * np.log(share) + (total - counts) * np.log1p(-share))
    return min(1.0, float(chances[chances <= chances[events] * (1 + ALIKE)].sum()))


def odds_ratio(first: tuple[float, float], second: tuple[float, float]) -> Ratio:
    """(events, trials) of each, as whole numbers; raises ValueError unless 0 <= events <= trials in both."""
    (a, of_a), (b, of_b) = ((int(events), int(trials)) for events, trials in (first, second))
    if not (0 <= a <= of_a and 0 <= b <= of_b):
        raise ValueError("events are 0 to the number of trials")
    table = _Conditional(of_a, of_b, a + b)
    tail = (1 - CONFIDENCE) / 2
    low = table.solve(lambda odds: table.at_least(a, odds) - tail) if a > table.least else 0.0
    high = table.solve(lambda odds: tail - table.at_most(a, odds)) if a < table.most else inf
    p_value = scipy.stats.fisher_exact([[a, of_a - a], [b, of_b - b]]).pvalue
    return Ratio(_finite(_likeliest(table, a)), (low, _finite(high)), float(p_value))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values adjusted for their number: at 5 % the chance of any false claim among them is at most 5 %."""
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    stepped = np.maximum.accumulate(np.minimum(np.asarray(p_values)[order] * factors, 1.0))
    adjusted = np.empty(len(p_values))
    adjusted[order] = stepped
    return tuple(float(p) for p in adjusted)


class _Conditional:
    """Events of the first of two groups, given the trials of both and all events: a distribution for each odds ratio.

    scipy has it (`scipy.stats.contingency.odds_ratio`) and takes seconds where there are thousands of events.
    """

    def __init__(self, first: int, second: int, events: int) -> None:
        self.least, self.most = max(0, events - second), min(first, events)
        self.counts = np.arange(self.least, self.most + 1)
        self.ways = -betaln(self.counts + 1, first - self.counts + 1)
        self.ways -= betaln(events - self.counts + 1, second - events + self.counts + 1)

    def chances(self, log_odds: float) -> np.ndarray:
        weights = self.ways + self.counts * log_odds
        raised = np.exp(weights - weights.max())
        return raised / raised.sum()

    def at_least(self, count: int, log_odds: float) -> float:
        return float(self.chances(log_odds)[count - self.least :].sum())

    def at_most(self, count: int, log_odds: float) -> float:
        return float(self.chances(log_odds)[: count - self.least + 1].sum())

    def mean(self, log_odds: float) -> float:
        return float(self.counts @ self.chances(log_odds))

    @staticmethod
    def solve(rising: Callable[[float], float]) -> float:
        """The odds ratio at which a function of its logarithm that rises crosses zero."""
        reach = 1.0
        while not rising(-reach) <= 0 <= rising(reach):
            reach *= 2
        return float(np.exp(scipy.optimize.brentq(rising, -reach, reach, xtol=1e-13, rtol=1e-14)))


def _likeliest(table: _Conditional, count: int) -> float | None:
    if table.least == table.most:
        return None
    if count in (table.least, table.most):
        return 0.0 if count == table.least else inf
    return table.solve(lambda odds: table.mean(odds) - count)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf


def _finite(value: float | None) -> float | None:
    return None if value is None or value == inf else value
