"""A steady relative change over time: log-linear regression of counts, the exposure being an offset.

    Poisson              A. C. Cameron and P. K. Trivedi, Regression Analysis of Count Data, 2nd ed. (2013), ch. 3
    negative binomial    J. F. Lawless, "Negative binomial and mixed Poisson regression", Canadian J. Statist. 15
                         (1987) 209-225: variance m + alpha m², alpha by greatest likelihood

The negative binomial takes the place of the Poisson where it is significantly likelier. Both are found by maximum
likelihood. statsmodels has both too; to import it takes two seconds and a hundred megabytes in every process, so that
it computes the values these are tested against, and is not needed to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from scipy.special import digamma, gammaln

from comparison.methods.intervals import CONFIDENCE, Interval

SIGNIFICANT = 0.05
_SMALLEST, _LARGEST = -12.0, 5.0
"""Between which logarithms the dispersion is looked for."""


@dataclass(frozen=True)
class Slope:
    """The change of the logarithm of the rate by unit of time, and how it was found."""

    model: str
    value: float
    standard_error: float
    interval: Interval
    dispersion: float


def log_slope(counts: Sequence[float], exposures: Sequence[float], times: Sequence[float]) -> Slope:
    """The slope over at least three points with some events; its interval by Student's distribution, n - 2 degrees.

    Raises ValueError for fewer points, for no events, and where the likeliest slope is infinite: all events are at one
    end, or as good as.
    """
    y, offset, t = np.asarray(counts, float), np.log(np.asarray(exposures, float)), np.asarray(times, float)
    if len(y) < 3 or not y.sum() or set(np.flatnonzero(y)) in ({int(t.argmin())}, {int(t.argmax())}):
        raise ValueError("a slope needs three points, and events that are not all at one end")
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            return _slope(y, offset, t)
    except (FloatingPointError, np.linalg.LinAlgError):
        raise ValueError("the likeliest slope is not finite") from None


def _slope(y: np.ndarray, offset: np.ndarray, t: np.ndarray) -> Slope:
    design = np.column_stack((np.ones_like(t), t - t.mean()))
    alpha = _alpha(y, offset, design)
    model = "negative_binomial" if alpha else "poisson"
    mean = _fit(y, offset, design, alpha)
    value = float(np.linalg.lstsq(design, np.log(mean) - offset)[0][1])
    weights = mean / (1 + alpha * mean)
    error = float(np.sqrt(np.linalg.inv(design.T @ (design * weights[:, None]))[1, 1]))
    # Greatest likelihood finds the dispersion as if the slope were known: too small, as a variance divided by n is.
    small = np.sqrt(len(y) / (len(y) - 2)) if alpha else 1.0
    reach = float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, len(y) - 2) * error * small)
    return Slope(model, value, error, (value - reach, value + reach), alpha)


def _alpha(y: np.ndarray, offset: np.ndarray, design: np.ndarray) -> float:
    """The dispersion of greatest likelihood where it is significantly above 0, else 0.

    Twice the gain in log-likelihood is half chi-square with one degree of freedom and half nothing: 0 is at the edge.
    """
    poisson = _fit(y, offset, design, 0)
    if ((y - poisson) ** 2 / poisson).sum() <= len(y) - design.shape[1]:
        return 0.0  # the counts vary no more than by chance, so that nothing is gained

    def rise(log_alpha: float) -> float:
        alpha = float(np.exp(log_alpha))
        return _rise(y, _fit(y, offset, design, alpha), alpha)

    if rise(_SMALLEST) <= 0 or rise(_LARGEST) >= 0:
        return 0.0
    alpha = float(np.exp(scipy.optimize.brentq(rise, _SMALLEST, _LARGEST, xtol=1e-13, rtol=1e-14)))
    gain = _log_likelihood(y, _fit(y, offset, design, alpha), alpha) - _log_likelihood(y, poisson, 0)
    return alpha if scipy.stats.chi2.sf(2 * max(gain, 0), 1) / 2 < SIGNIFICANT else 0.0


def _fit(y: np.ndarray, offset: np.ndarray, design: np.ndarray, alpha: float) -> np.ndarray:
    """The means of greatest likelihood for a given alpha, by iteratively reweighted least squares."""
    linear = np.log((y + y.mean()) / 2)
    for _ in range(200):
        mean = np.exp(linear)
        weighted = design * (mean / (1 + alpha * mean))[:, None]
        found = np.linalg.solve(weighted.T @ design, weighted.T @ (linear - offset + (y - mean) / mean))
        step = design @ found + offset
        if np.max(np.abs(step - linear)) < 1e-12:
            return np.exp(step)
        linear = step
    raise FloatingPointError("the fit does not settle")


def _log_likelihood(y: np.ndarray, mean: np.ndarray, alpha: float) -> float:
    if alpha == 0:
        return float((y * np.log(mean) - mean - gammaln(y + 1)).sum())
    size = 1 / alpha
    ways = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
    return float((ways - size * np.log1p(alpha * mean) + y * (np.log(alpha * mean) - np.log1p(alpha * mean))).sum())


def _rise(y: np.ndarray, mean: np.ndarray, alpha: float) -> float:
    """The derivative of the log-likelihood by alpha."""
    size = 1 / alpha
    by_size = digamma(size) - digamma(y + size) + np.log1p(alpha * mean)
    return float((size**2 * by_size + size * (y - mean) / (1 + alpha * mean)).sum())
