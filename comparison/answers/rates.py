"""Rates and shares of units over a range of months, recomputable by anyone from a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comparison.answers.content import content_of
from comparison.methods.intervals import Interval, Stability, interval_of, stability
from comparison.reading.counts import Bounds, UnitCounts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import Question
from comparison.reading.tiling import joined
from domain.dictionary import Level, Measure


@dataclass(frozen=True)
class RateRow:
    """The rate of one unit.

    `numerator` and `denominator` are None where hidden; `value` is None then, and where a warning says why
    there is none. `interval` and `bounds` are in the unit of the value; the upper bound is None where there
    is none. `months_contributing` and `months_expected` count site-months: those with both counts, and
    those in which the unit's sites were open.
    """

    unit: str
    level: Level
    numerator: int | float | None
    denominator: int | float | None
    value: float | None
    interval: Interval | None
    stability: Stability
    bounds: Bounds | None
    months_contributing: int
    months_expected: int
    warnings: tuple[str, ...]

    @property
    def content(self) -> dict[str, object]:
        return content_of(self)


@dataclass(frozen=True)
class Rate:
    """factor x numerator / denominator, and its interval (None where the measure has none)."""

    numerator: int | float
    denominator: int | float
    value: float
    interval: Interval | None


@dataclass(frozen=True)
class Pooled(Rate):
    """The rate of the rows with values together.

    `left_out` are the units that a hidden count or a warning keeps out of it; `bounds` are those of the rate of all
    units, the hidden ones included, where only hidden counts keep units out.
    """

    stability: Stability
    left_out: tuple[str, ...]
    bounds: Bounds | None

    @property
    def content(self) -> dict[str, object]:
        return content_of(self)


@dataclass(frozen=True)
class RatesAnswer:
    """The rates of a measure, the verdict of the comparability gate, and the pooled rate if there can be one."""

    asked: Question
    comparability: Comparability
    rows: tuple[RateRow, ...]
    pooled: Pooled | None

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        return {
            **self.asked.content,
            "comparability": self.comparability.content,
            "rows": [row.content for row in self.rows],
            "pooled": self.pooled.content if self.pooled else None,
        }


def rates(asked: Question) -> RatesAnswer:
    """The measure for every unit of the level that has both counts for at least one site-month of the range.

    Raises QueryInvalid where the answer would add up what does not add up, such as persons over months.
    """
    found = counts_of(asked)
    gate = judged(asked, found)
    poolable = gate.status is not Verdict.REFUSED and asked.adds_up_over_units
    rows = tuple(rate_row(asked, counts) for counts in found)
    return RatesAnswer(asked, gate, rows, _pooled(asked.measure, found) if poolable else None)


def rate_row(asked: Question, counts: UnitCounts) -> RateRow:
    """The rate of one unit, or what its bounds allow."""
    measure, shown, obstacle = asked.measure, counts.shown(asked.measure), counts.obstacle(asked.measure)
    rate = rate_of(measure, *shown) if shown else None
    return RateRow(
        unit=counts.unit,
        level=asked.by,
        numerator=counts.numerator.value,
        denominator=counts.denominator.value,
        value=rate.value if rate else None,
        interval=rate.interval if rate else None,
        stability=stability(rate.numerator if rate else None),
        bounds=None if rate or obstacle else counts.bounds(measure),
        months_contributing=len(counts.facts.reports),
        months_expected=counts.facts.months_expected,
        warnings=counts.warnings(measure),
    )


def rate_of(measure: Measure, numerator: float, denominator: float) -> Rate:
    """The rate of two counts, the second above zero."""
    interval = interval_of(measure.interval, numerator, denominator, measure.factor)
    return Rate(numerator, denominator, measure.factor * numerator / denominator, interval)


def _pooled(measure: Measure, found: Sequence[UnitCounts]) -> Pooled | None:
    given = [(counts.unit, counts.shown(measure)) for counts in found]
    shown = [pair for _, pair in given if pair]
    if not shown:
        return None
    rate = rate_of(measure, sum(above for above, _ in shown), sum(below for _, below in shown))
    left_out = tuple(unit for unit, pair in given if not pair)
    is_certain = left_out and not any(counts.obstacle(measure) for counts in found)
    bounds = _bounds_of_all(measure, found) if is_certain else None
    return Pooled(**vars(rate), stability=stability(rate.numerator), left_out=left_out, bounds=bounds)


def _bounds_of_all(measure: Measure, found: Sequence[UnitCounts]) -> Bounds:
    above, below = (joined(getattr(counts, side) for counts in found) for side in ("numerator", "denominator"))
    return replace(found[0], numerator=above, denominator=below).bounds(measure)
