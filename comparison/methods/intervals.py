"""Exact intervals of rates and shares, and the plain word for how far a number can be trusted.

    events over exposure   F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936) 437-442
    events among trials    C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated
                           in the case of the binomial", Biometrika 26 (1934) 404-413

Both are exact: whatever the true rate, they contain it with at least the stated confidence.
"""

from __future__ import annotations

from enum import StrEnum

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


def poisson_interval(events: float, exposure: float = 1, confidence: float = CONFIDENCE) -> Interval:
    """The Garwood interval of events / exposure; its lower end is 0 where there are no events.

    Raises ValueError for negative events or an exposure that is not positive.
    """
    if events < 0 or exposure <= 0:
        raise ValueError("events are 0 or more, over an exposure above 0")
    tail = (1 - confidence) / 2
    low = gammaincinv(events, tail) if events else 0.0
    return float(low) / exposure, float(gammainccinv(events + 1, tail)) / exposure


def binomial_interval(events: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """The Clopper-Pearson interval of events / trials; it ends at 0 and at 1 where none and where all are events.

    Raises ValueError unless 0 <= events <= trials and there is a trial.
    """
    if not 0 <= events <= trials or not trials:
        raise ValueError("events are 0 to the number of trials, of which there is one at least")
    tail = (1 - confidence) / 2
    low = betaincinv(events, trials - events + 1, tail) if events else 0.0
    high = betainccinv(events + 1, trials - events, tail) if events < trials else 1.0
    return float(low), float(high)


def interval_of(method: IntervalMethod, numerator: float, denominator: float, factor: float) -> Interval | None:
    """The 95 % interval of factor x numerator / denominator, in that unit; None where the measure has none."""
    if method is IntervalMethod.NONE:
        return None
    if method is IntervalMethod.POISSON:
        low, high = poisson_interval(numerator, denominator)
    else:
        low, high = binomial_interval(int(numerator), int(denominator))
    return factor * low, factor * high
