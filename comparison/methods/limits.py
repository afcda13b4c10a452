"""Exact control limits: between which counts a unit or a month lies if it does not differ from the others.

    D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005)
    1185-1202

The limits are quantiles of the Poisson or the binomial distribution, which need no approximation: of units that do not
differ, at most the stated share lies outside. Where units vary by more than chance (`dispersion.py`) the
limits are moved away from the target by a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import scipy

from comparison.methods.intervals import Interval
from domain.dictionary import IntervalMethod, Measure

INNER, OUTER, THREE_SIGMA = 0.95, 0.998, 0.9973
"""About two and three standard deviations; the third is that of Shewhart's charts."""


class Position(StrEnum):
    """Where a value lies; `withheld` where a hidden count leaves it open."""

    WITHIN = "within"
    ABOVE_INNER = "above_95"
    ABOVE_OUTER = "above_99_8"
    BELOW_INNER = "below_95"
    BELOW_OUTER = "below_99_8"
    WITHHELD = "withheld"


def exact_limits(method: IntervalMethod, target: float, denominator: float, level: float) -> Interval:
    """The least and the greatest share of events that is not unusual, for a target given as events per exposure."""
    tail = (1 - level) / 2
    if method is IntervalMethod.BINOMIAL:
        ends = scipy.stats.binom.ppf((tail, 1 - tail), int(denominator), min(target, 1.0))
    else:
        ends = scipy.stats.poisson.ppf((tail, 1 - tail), target * denominator)
    return max(float(ends[0]), 0.0) / denominator, float(ends[1]) / denominator


def widened(limits: Interval, target: float, factor: float, most: float | None = None) -> Interval:
    """Limits moved away from the target by the factor, if that is above 1; not below 0, and not above `most`."""
    if factor <= 1:
        return limits
    low, high = (target + factor * (end - target) for end in limits)
    return max(low, 0.0), high if most is None else min(high, most)


def scaled_limits(measure: Measure, target: float, denominator: float, level: float, factor: float = 1) -> Interval:
    """The limits of a measure in its own unit, the target being events per exposure."""
    most = 1.0 if measure.interval is IntervalMethod.BINOMIAL else None
    low, high = widened(exact_limits(measure.interval, target, denominator, level), target, factor, most)
    return measure.factor * low, measure.factor * high


def position(value: float, inner: Interval, outer: Interval) -> Position:
    """Where a value lies beside its limits; on a limit it is within."""
    for limits, below, above in (
        (outer, Position.BELOW_OUTER, Position.ABOVE_OUTER),
        (inner, Position.BELOW_INNER, Position.ABOVE_INNER),
    ):
        if value < limits[0]:
            return below
        if value > limits[1]:
            return above
    return Position.WITHIN


def certain_position(values: Sequence[float | None], inner: Interval, outer: Interval) -> Position:
    """The position on which the lowest and the highest possible value agree, else that it is withheld."""
    if any(value is None for value in values):
        return Position.WITHHELD
    found = {position(value, inner, outer) for value in values if value is not None}
    return found.pop() if len(found) == 1 else Position.WITHHELD
