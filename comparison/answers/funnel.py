"""Units beside what they have together: which lie further from it than chance takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

import numpy as np

from comparison.answers.content import content_of
from comparison.answers.rates import Rate, RateRow, rate_of, rate_rows
from comparison.methods.dispersion import Dispersion, dispersion, standard_errors
from comparison.methods.intervals import Interval
from comparison.methods.limits import INNER, OUTER, Position, certain_position, scaled_limits
from comparison.reading.counts import UnitCounts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import NOT_ADDITIVE, Question
from domain.dictionary import Measure
from domain.refusals import Item, QueryInvalid

FEWEST = 3
"""Units, below which there is no saying whether they vary by more than chance, and so no limits."""
METHOD = "exact quantiles (Poisson or binomial) at 95 % and 99.8 %"


class Adjustment(StrEnum):
    """What becomes of the limits where units vary by more than chance."""

    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"
    NONE = "none"


@dataclass(frozen=True)
class FunnelPoint:
    """A unit, its limits, and where it lies; for a hidden count that is told where all that it may be agree on it."""

    rate: RateRow
    limits_95: Interval | None
    limits_99_8: Interval | None
    position: Position

    @property
    def content(self) -> dict[str, object]:
        rest = {"limits_95": self.limits_95, "limits_99_8": self.limits_99_8}
        told = {name: list(limits) if limits else None for name, limits in rest.items()}
        return {**self.rate.content, **told, "position": self.position.value}


@dataclass(frozen=True)
class FunnelAnswer:
    """The points, the target (None where there can be none), and how the units vary about it.

    `adjusted` says whether the limits were moved for it.
    """

    asked: Question
    adjustment: Adjustment
    comparability: Comparability
    target: Rate | None
    dispersion: Dispersion | None
    points: tuple[FunnelPoint, ...]

    @property
    def adjusted(self) -> bool:
        found = self.dispersion is not None and self.dispersion.found
        return found and self.adjustment is not Adjustment.NONE

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values; tau² is in the square of the unit of the measure."""
        return {
            **self.asked.content,
            "method": METHOD,
            "comparability": self.comparability.content,
            "target": content_of(self.target) if self.target else None,
            "over_dispersion": self._dispersion_content(),
            "rows": [point.content for point in self.points],
        }

    def _dispersion_content(self) -> dict[str, object] | None:
        if self.dispersion is None:
            return None
        scaled = self.dispersion.tau_squared * self.asked.measure.factor**2
        told = {**content_of(self.dispersion), "tau_squared": scaled, "found": self.dispersion.found}
        return {**told, "adjustment": self.adjustment.value, "adjusted": self.adjusted}


def funnel(asked: Question, adjustment: Adjustment) -> FunnelAnswer:
    """Every unit with both counts; limits need three published units at least that the gate does not refuse.

    Raises QueryInvalid for sums that can't be made, the target being one over units.
    """
    _refuse_sums(asked)
    found = counts_of(asked)
    gate, rows = judged(asked, found.facts), rate_rows(asked.by, found)
    shown = [pair for pair in found.pairs if pair]
    events, exposure = found.together
    if gate.status is Verdict.REFUSED or len(shown) < FEWEST or not events:
        return FunnelAnswer(asked, adjustment, gate, None, None, tuple(_without_limits(row) for row in rows))
    target = rate_of(asked.measure, events, exposure)
    varied = _dispersion(asked.measure, shown, target)
    answer = FunnelAnswer(asked, adjustment, gate, target, varied, ())
    variation = _tau_or_phi(answer)
    pairs = zip(found.each(), rows, strict=True)
    return replace(answer, points=tuple(_point(asked.measure, *pair, target, variation) for pair in pairs))


def _refuse_sums(asked: Question) -> None:
    if not asked.adds_up_over_units:
        detail = "The target would be a sum over sites of what does not add up; see /v1/comparisons/heterogeneity."
        raise QueryInvalid("There is no common target.", [Item("/query/measure", NOT_ADDITIVE, detail)])
    asked.require_interval()


def _dispersion(measure: Measure, shown: Sequence[tuple[float, float]], target: Rate) -> Dispersion | None:
    share = target.numerator / target.denominator
    return dispersion(shown, share, measure.interval) if share < 1 else None


def _tau_or_phi(answer: FunnelAnswer) -> tuple[float, float]:
    """The variance between units, and the factor of all limits, that the adjustment takes; one of them does nothing."""
    if not answer.adjusted or answer.dispersion is None:
        return 0.0, 1.0
    if answer.adjustment is Adjustment.ADDITIVE:
        return answer.dispersion.tau_squared, 1.0
    return 0.0, answer.dispersion.phi


def _point(
    measure: Measure, counts: UnitCounts, row: RateRow, target: Rate, variation: tuple[float, float]
) -> FunnelPoint:
    below = counts.denominator.value
    if counts.obstacle or below is None:
        return _without_limits(row)
    share, (tau_squared, phi) = target.numerator / target.denominator, variation
    error = float(standard_errors(share, np.array(below), measure.interval))
    factor = sqrt(phi + tau_squared / error**2) if error else 1.0
    inner, outer = (scaled_limits(measure, share, below, level, factor) for level in (INNER, OUTER))
    values = (row.value,) if row.value is not None else row.bounds or (None,)
    return FunnelPoint(row, inner, outer, certain_position(values, inner, outer))


def _without_limits(row: RateRow) -> FunnelPoint:
    return FunnelPoint(row, None, None, Position.WITHHELD)
