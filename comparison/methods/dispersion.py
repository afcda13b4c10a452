"""Whether units vary by more than chance, and by how much.

    D. J. Spiegelhalter, "Handling over-dispersion of performance indicators", Quality and Safety in Health Care 14
    (2005) 347-351; D. J. Spiegelhalter et al., "Statistical methods for healthcare regulation: rating, screening and
    surveillance", J. R. Statist. Soc. A 175 (2012) 1-47

The squared distances from the target are averaged after the outer tenth on either side has been drawn in (winsorised),
so that the units one looks for do not widen the limits that should find them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from domain.dictionary import IntervalMethod

WINSORISED = 0.1
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Dispersion:
    """`phi`, the winsorised mean square, 1 where units vary as by chance; `tau_squared`, the variance between them.

    `p_value` is the chance of as much or more among units that do not differ: I x phi against chi-square with I - 1
    degrees of freedom, which is cautious, for winsorising makes phi smaller.
    """

    units: int
    phi: float
    tau_squared: float
    p_value: float

    @property
    def found(self) -> bool:
        return self.p_value < SIGNIFICANT


def dispersion(counts: Sequence[tuple[float, float]], target: float, method: IntervalMethod) -> Dispersion:
    """Of (events, exposure) of at least two units, about a target of events per exposure; tau² in its square."""
    events, exposure = np.array(counts, dtype=float).T
    variances = standard_errors(target, exposure, method) ** 2
    z = (events / exposure - target) / np.sqrt(variances)
    winsorised = np.clip(z, *np.quantile(z, (WINSORISED, 1 - WINSORISED)))
    units, phi = len(z), float(np.mean(winsorised**2))
    weights = 1 / variances
    spread = weights.sum() - (weights**2).sum() / weights.sum()
    tau_squared = max(0.0, (units * phi - (units - 1)) / float(spread))
    return Dispersion(units, phi, tau_squared, float(scipy.stats.chi2.sf(units * phi, units - 1)))


def standard_errors(target: float, exposure: np.ndarray, method: IntervalMethod) -> np.ndarray:
    """Of the share of events of each unit, were it to lie on the target."""
    spread = target * (1 - target) if method is IntervalMethod.BINOMIAL else target
    return np.sqrt(spread / exposure)
