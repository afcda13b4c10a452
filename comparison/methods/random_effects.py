"""What units that differ have in common: a random-effects mean of their rates or shares.

    R. DerSimonian and N. Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986) 177-188
    R. C. Paule and J. Mandel, J. Research of the National Bureau of Standards 87 (1982) 377-385: tau²
    J. P. T. Higgins and S. G. Thompson, Statistics in Medicine 21 (2002) 1539-1558: I²
    J. Hartung and G. Knapp, Statistics in Medicine 20 (2001) 3875-3889; C. Röver, G. Knapp and T. Friede, BMC Medical
    Research Methodology 15 (2015) 99: the interval, which never gets narrower than without their factor
    J. P. T. Higgins, S. G. Thompson and D. J. Spiegelhalter, J. R. Statist. Soc. A 172 (2009) 137-159: the prediction

Rates are pooled as logarithms, shares as log odds. A count of 0, or of all, has no logarithm, and is taken with half an
event more (a share with half a trial more on either side).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from scipy.special import expit

from comparison.methods.intervals import CONFIDENCE, Interval
from domain.dictionary import IntervalMethod


@dataclass(frozen=True)
class RandomEffects:
    """The pooled value, its interval, that of a further unit, and how much units differ.

    `value`, `interval` and `prediction` are events per exposure; tau² is on the scale of logarithms, or log odds.
    `prediction` is None for fewer than three units.
    """

    units: int
    value: float
    interval: Interval
    prediction: Interval | None
    tau_squared: float
    i_squared: float
    q: float
    q_p_value: float


def random_effects(counts: Sequence[tuple[float, float]], method: IntervalMethod) -> RandomEffects:
    """Of (events, exposure) of at least two units; raises ValueError for fewer."""
    if len(counts) < 2:
        raise ValueError("two units at least")
    events, exposure = np.array(counts, dtype=float).T
    is_share = method is IntervalMethod.BINOMIAL
    y, v = _log_odds(events, exposure) if is_share else _logs(events, exposure)
    units, tau_squared = len(y), paule_mandel(y, v)
    weights = 1 / (v + tau_squared)
    mean = float(weights @ y / weights.sum())
    factor = max(1.0, float(weights @ (y - mean) ** 2) / (units - 1))
    error = np.sqrt(factor / weights.sum())
    q, i_squared = _heterogeneity(y, v)
    back = expit if is_share else np.exp

    def around(error: float, degrees: int) -> Interval:
        reach = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, degrees) * error
        return float(back(mean - reach)), float(back(mean + reach))

    return RandomEffects(
        units=units,
        value=float(back(mean)),
        interval=around(error, units - 1),
        prediction=around(np.sqrt(tau_squared + error**2), units - 2) if units > 2 else None,
        tau_squared=tau_squared,
        i_squared=i_squared,
        q=q,
        q_p_value=float(scipy.stats.chi2.sf(q, units - 1)),
    )


def paule_mandel(y: np.ndarray, v: np.ndarray) -> float:
    """The variance between units with which the weighted squares are as large as expected; 0 where they are smaller."""

    def surplus(tau_squared: float) -> float:
        return _weighted_squares(y, v + tau_squared) - (len(y) - 1)

    if surplus(0) <= 0:
        return 0.0
    high = float(np.var(y)) + 1
    while surplus(high) > 0:
        high *= 2
    return float(scipy.optimize.brentq(surplus, 0, high, xtol=1e-15, rtol=1e-14))


def _weighted_squares(y: np.ndarray, v: np.ndarray) -> float:
    weights = 1 / v
    return float(weights @ (y - weights @ y / weights.sum()) ** 2)


def _heterogeneity(y: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """Cochran's Q, and I²: the share of it that is more than chance."""
    q = _weighted_squares(y, v)
    return q, max(0.0, 1 - (len(y) - 1) / q) if q else 0.0


def _logs(events: np.ndarray, exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    raised = np.where(events == 0, 0.5, events)
    return np.log(raised / exposure), 1 / raised


def _log_odds(events: np.ndarray, trials: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    more = np.where((events == 0) | (events == trials), 0.5, 0.0)
    yes, no = events + more, trials - events + more
    return np.log(yes / no), 1 / yes + 1 / no
