"""Exact intervals of rates and shares, and the plain word for how far a number can be trusted.

    events over exposure   F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936) 437-442
    events among trials    C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated
                           in the case of the binomial", Biometrika 26 (1934) 404-413

Both are exact: whatever the true rate, they contain it with at least the stated confidence.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv

from domain.dictionary import IntervalMethod

CONFIDENCE = 0.95
STABLE_FROM = 20
"""Events below which a rate is called unstable, as CDC does."""

METHOD_NAMES = {
    IntervalMethod.POISSON: "exact Poisson (Garwood), 95 %",
    IntervalMethod.BINOMIAL: "exact binomial (Clopper-Pearson), 95 %",
    IntervalMethod.NONE: "none",
}

Interval = tuple[float, float]
Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats]
_FEW = 4_000


class Stability(StrEnum):
    """How far a rate can be trusted; `withheld` where none is given."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    WITHHELD = "withheld"


def stability(events: float | None) -> Stability:
    """The word for a rate of so many events; None where no rate is given."""
    if events is None:
        return Stability.WITHHELD
    return Stability.STABLE if events >= STABLE_FROM else Stability.UNSTABLE


def poisson_limits(events: Floats, exposures: Floats, confidence: float = CONFIDENCE) -> Limits:
    """The Garwood intervals of events / exposures; a lower end is 0 where there are no events.

    Raises ValueError for negative events or an exposure that is not positive.
    """
    if (events < 0).any() or (exposures <= 0).any():
        raise ValueError("events are 0 or more, over an exposure above 0")
    tail = (1 - confidence) / 2
    low, high = (ends[np.minimum(events, _FEW).astype(np.intp)] for ends in _of_few(tail))
    rest = (events > _FEW) | (events % 1 > 0)
    if rest.any():
        low[rest], high[rest] = _garwood(events[rest], tail)
    return low / exposures, high / exposures


@lru_cache(maxsize=4)
def _of_few(tail: float) -> Limits:
    """The limits of 0, 1, 2 ... events, as most questions have them; each takes longer than all else of a rate."""
    return _garwood(np.arange(_FEW + 1.0), tail)


def _garwood(events: Floats, tail: float) -> Limits:
    return np.where(events > 0, gammaincinv(np.where(events > 0, events, 1), tail), 0), gammainccinv(events + 1, tail)


def binomial_limits(events: Floats, trials: Floats, confidence: float = CONFIDENCE) -> Limits:
    """The Clopper-Pearson intervals of whole events / trials; they end at 0 where none, and at 1 where all are events.

    Raises ValueError unless 0 <= events <= trials and there is a trial.
    """
    if not ((0 <= events) & (events <= trials) & (trials > 0)).all():
        raise ValueError("events are 0 to the number of trials, of which there is one at least")
    tail, some, not_all = (1 - confidence) / 2, events > 0, events < trials
    low = np.where(some, betaincinv(np.where(some, events, 1), trials - events + 1, tail), 0)
    return low, np.where(not_all, betainccinv(events + 1, np.where(not_all, trials - events, 1), tail), 1)


def poisson_interval(events: float, exposure: float = 1, confidence: float = CONFIDENCE) -> Interval:
    """`poisson_limits` of one."""
    return _only(poisson_limits(np.array([events], float), np.array([exposure], float), confidence))


def binomial_interval(events: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """`binomial_limits` of one."""
    return _only(binomial_limits(np.array([events], float), np.array([trials], float), confidence))


def limits_of(method: IntervalMethod, numerators: Floats, denominators: Floats, factor: float) -> Limits | None:
    """The 95 % intervals of factor x numerators / denominators, in that unit; None where the measure has none."""
    if method is IntervalMethod.NONE:
        return None
    if method is IntervalMethod.POISSON:
        low, high = poisson_limits(numerators, denominators)
    else:
        low, high = binomial_limits(np.floor(numerators), np.floor(denominators))
    return factor * low, factor * high


def interval_of(method: IntervalMethod, numerator: float, denominator: float, factor: float) -> Interval | None:
    """`limits_of` of one."""
    limits = limits_of(method, np.array([numerator], float), np.array([denominator], float), factor)
    return _only(limits) if limits else None


def _only(limits: Limits) -> Interval:
    low, high = limits
    return float(low[0]), float(high[0])
