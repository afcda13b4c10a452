"""Rates and shares of units over a range of months, recomputable by anyone from a release."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

from comparison.answers.content import content_of
from comparison.methods.intervals import Interval, Stability, interval_of, limits_of, stability
from comparison.reading.counts import Bounds, Counts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import Question
from comparison.reading.tiling import Number
from domain.dictionary import Level, Measure


class RateRow(NamedTuple):
    """The rate of one unit.

    `numerator` and `denominator` are None where hidden; `value` is None then, and where a warning says why
    there is none. `interval` and `bounds` are in the unit of the value; the upper bound is None where there
    is none. `months_contributing` and `months_expected` count site-months: those with both counts, and
    those in which the unit's sites were open.
    """

    unit: str
    level: Level
    numerator: Number | None
    denominator: Number | None
    value: float | None
    interval: Interval | None
    stability: Stability
    bounds: Bounds | None
    months_contributing: int
    months_expected: int
    warnings: tuple[str, ...]

    @property
    def content(self) -> dict[str, object]:
        return dict(zip(self._fields, self, strict=True))


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
    gate = judged(asked, found.facts)
    poolable = gate.status is not Verdict.REFUSED and asked.adds_up_over_units
    return RatesAnswer(asked, gate, rate_rows(asked.by, found), _pooled(found) if poolable else None)


def rate_rows(level: Level, found: Counts) -> tuple[RateRow, ...]:
    """The rate of each unit, or what its bounds allow."""
    values, intervals = _rates(found)
    columns = (
        found.units,
        repeat(level, len(found.units)),
        found.numerator.values,
        found.denominator.values,
        values,
        intervals,
        [stability(pair[0] if pair else None) for pair in found.pairs],
        found.bounds_of_unknown,
        [facts.months for facts in found.facts],
        [facts.months_expected for facts in found.facts],
        found.warnings,
    )
    return tuple(map(RateRow, *columns))


def _rates(found: Counts) -> tuple[list[float | None], list[Interval | None]]:
    """The value and the interval of each unit that has a rate."""
    measure = found.measure
    above, below = (sums.low[found.shown] for sums in (found.numerator, found.denominator))
    values: list[float | None] = (measure.factor * above / below).tolist()
    intervals: list[Interval | None] = [None] * len(values)
    if limits := limits_of(measure.interval, above, below, measure.factor):
        intervals = [*zip(*(ends.tolist() for ends in limits), strict=True)]
    if len(values) == len(found.units):
        return values, intervals
    rates = zip(values, intervals, strict=True)
    given = [next(rates) if pair else (None, None) for pair in found.pairs]
    return [value for value, _ in given], [interval for _, interval in given]


def rate_of(measure: Measure, numerator: Number, denominator: Number) -> Rate:
    """The rate of two counts, the second above zero."""
    interval = interval_of(measure.interval, numerator, denominator, measure.factor)
    return Rate(numerator, denominator, measure.factor * numerator / denominator, interval)


def _pooled(found: Counts) -> Pooled | None:
    if not found.shown.any():
        return None
    rate, left_out = rate_of(found.measure, *found.together), found.left_out
    bounds = found.bounds_together if left_out and not any(found.obstacles) else None
    return Pooled(**vars(rate), stability=stability(rate.numerator), left_out=left_out, bounds=bounds)
