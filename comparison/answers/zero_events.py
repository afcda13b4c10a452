"""What no events in so many say: how often they may happen all the same.

    J. A. Hanley and A. Lippman-Hand, "If nothing goes wrong, is everything all right? Interpreting zero numerators",
    JAMA 249 (1983) 1743-1745

The greatest rate at which so few events or fewer would still be seen one time in twenty: about 3 over the exposure
where there are none. It is never "no risk".
"""

from __future__ import annotations

from dataclasses import dataclass

from comparison.answers.content import content_of
from comparison.answers.rates import RateRow, rate_rows
from comparison.methods.intervals import CONFIDENCE, binomial_interval, poisson_interval
from comparison.reading.counts import UnitCounts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import Question
from domain.dictionary import IntervalMethod, Measure

METHOD = "exact one-sided upper limit, 95 %"


@dataclass(frozen=True)
class UpperLimit:
    """At most so many, in the unit of the measure; and one in so many of the denominator, or more seldom."""

    value: float
    one_in: float
    statement: str


@dataclass(frozen=True)
class ZeroRow:
    """A unit: its rate, and the upper limit. Where the events are hidden it is that of as many as there may be."""

    rate: RateRow
    is_zero: bool
    upper: UpperLimit | None

    @property
    def content(self) -> dict[str, object]:
        told = content_of(self.upper) if self.upper else None
        return {**self.rate.content, "is_zero": self.is_zero, "upper": told}


@dataclass(frozen=True)
class ZeroEventsAnswer:
    """The upper limits of all units, and that of those with published counts together."""

    asked: Question
    comparability: Comparability
    rows: tuple[ZeroRow, ...]
    pooled: UpperLimit | None
    left_out: tuple[str, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        return {
            **self.asked.content,
            "method": METHOD,
            "comparability": self.comparability.content,
            "rows": [row.content for row in self.rows],
            "pooled": content_of(self.pooled) if self.pooled else None,
            "left_out": list(self.left_out),
        }


def zero_events(asked: Question) -> ZeroEventsAnswer:
    """The upper limit of the measure for every unit; raises QueryInvalid for sums that can't be made."""
    asked.require_interval()
    found = counts_of(asked)
    gate = judged(asked, found.facts)
    poolable = found.shown.any() and gate.status is not Verdict.REFUSED and asked.adds_up_over_units
    rows = zip(found.each(), rate_rows(asked.by, found), strict=True)
    return ZeroEventsAnswer(
        asked,
        gate,
        tuple(_row(asked.measure, counts, rate) for counts, rate in rows),
        upper_limit(asked.measure, *found.together) if poolable else None,
        found.left_out,
    )


def _row(measure: Measure, counts: UnitCounts, rate: RateRow) -> ZeroRow:
    most, least, events = counts.numerator.high, counts.denominator.low, counts.numerator.value
    has_limit = most is not None and least > 0 and not counts.obstacle
    at_most = "at most " if events is None else ""
    upper = upper_limit(measure, most, least, at_most) if has_limit and most is not None else None
    return ZeroRow(rate, events == 0, upper)


def upper_limit(measure: Measure, events: float, exposure: float, at_most: str = "") -> UpperLimit:
    """The one-sided 95 % upper limit of events over exposure, and the sentence that says it."""
    two_sided = 2 * CONFIDENCE - 1
    if measure.interval is IntervalMethod.BINOMIAL:
        limit = binomial_interval(min(int(events), int(exposure)), int(exposure), two_sided)[1]
    else:
        limit = poisson_interval(events, exposure, two_sided)[1]
    seen = f"{at_most}{events:,.15g}" if events else "none"
    seldom = f", one in {1 / limit:,.0f}," if limit < 1 else ""
    statement = (
        f"{measure.label}: {seen} in {exposure:,.15g}. A rate of up to {measure.factor * limit:,.3g}{seldom} "
        "can't be ruled out (95 %); this is not the absence of risk."
    )
    return UpperLimit(measure.factor * limit, 1 / limit, statement)
