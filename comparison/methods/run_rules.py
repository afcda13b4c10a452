"""Patterns in a run of points that chance seldom makes.

    beyond_limits    a point outside the limits of three standard deviations: W. A. Shewhart, Economic Control of
                     Quality of Manufactured Product (1931)
    long_run         more points in a row on one side of the center than log2(n) + 3, rounded
    few_crossings    the center is crossed less often than the 5 % quantile of the binomial distribution of n - 1 and
                     1/2: J. Anhøj and A. V. Olesen, "Run charts revisited", PLoS ONE 9 (2014) e113825

Points on the center are on no side and do not count for the two rules of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import log2

import scipy

BEYOND_LIMITS, LONG_RUN, FEW_CROSSINGS = "beyond_limits", "long_run", "few_crossings"
RUN_RULES_FROM = 10
"""Points on a side, below which the rules of runs are not asked: the paper begins there."""


def runs_found(sides: Sequence[int]) -> tuple[str, ...]:
    """Which of the two rules of runs hold; each point is -1 below the center, 1 above it, 0 on it."""
    useful = [side for side in sides if side]
    if len(useful) < RUN_RULES_FROM:
        return ()
    lengths = [len(list(run)) for _, run in groupby(useful)]
    longest, crossings = max(lengths), len(lengths) - 1
    found = [LONG_RUN] if longest > round(log2(len(useful)) + 3) else []
    return (*found, *([FEW_CROSSINGS] if crossings < scipy.stats.binom.ppf(0.05, len(useful) - 1, 0.5) else []))
