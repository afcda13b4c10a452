"""Rates as they would be with the same mix of strata.

direct     A. J. Dobson et al., "Confidence intervals for weighted sums of Poisson parameters", Statistics in Medicine
           10 (1991) 457-462
indirect   N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II (1987), ch. 2: observed over
           expected events, with the exact Poisson interval of those observed
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from comparison.methods.intervals import Interval, poisson_interval


@dataclass(frozen=True)
class Stratum:
    """Events and exposure of a unit in one stratum."""

    events: float
    exposure: float


@dataclass(frozen=True)
class Standardized:
    """A standardized rate, events per exposure, with its interval."""

    value: float
    interval: Interval


def direct(
    strata: Sequence[Stratum], weights: Sequence[float], limits: Callable[[float], Interval] = poisson_interval
) -> Standardized:
    """The rate with the strata in the proportions of the weights, Dobson's interval; `limits` are of all events.

    Raises ValueError where a stratum with weight has no exposure.
    """
    if any(weight and not stratum.exposure for weight, stratum in zip(weights, strata, strict=True)):
        raise ValueError("a stratum with weight has no exposure")
    pairs = [(weight / sum(weights), s) for weight, s in zip(weights, strata, strict=True) if weight]
    value = sum(share * s.events / s.exposure for share, s in pairs)
    events = sum(s.events for _, s in pairs)
    variance = sum((share / s.exposure) ** 2 * s.events for share, s in pairs)
    # Without events the formula is 0 / 0; the variance is taken as for a single event in the worst stratum.
    scale = sqrt(variance / events) if events else max(share / s.exposure for share, s in pairs)
    low, high = limits(events)
    return Standardized(value, (value + scale * (low - events), value + scale * (high - events)))


def expected_events(strata: Sequence[Stratum], standard: Sequence[Stratum]) -> float:
    """The events that there would be at the standard's rate in every stratum.

    Raises ValueError where the standard has no exposure in a stratum in which the unit has.
    """
    if any(s.exposure and not of.exposure for s, of in zip(strata, standard, strict=True)):
        raise ValueError("the standard has no exposure in a stratum")
    return sum(s.exposure * of.events / of.exposure for s, of in zip(strata, standard, strict=True) if s.exposure)


def indirect(observed: float, expected: float) -> Standardized:
    """Observed over expected events, with the exact interval; raises ValueError unless some are expected."""
    interval = poisson_interval(observed, expected)
    return Standardized(observed / expected, interval)
