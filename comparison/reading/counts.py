"""The two counts of a unit that a comparison stands on, each the sum over the same site-months.

Each is made of the fewest published cells (`tiling.py`). Where one is hidden, what a reader can conclude
from the published bounds stands in its place: suppressed is not missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comparison.reading.gate import Comparability, UnitFacts, comparability
from comparison.reading.question import Question
from comparison.reading.series import SiteMonths
from comparison.reading.tiling import Tiling, tile
from domain.dictionary import CellName, IntervalMethod, Measure
from domain.periods import MonthRange

Bounds = tuple[float, float | None]

DIFFERENT_COVERAGE = "different_coverage"
NO_EXPOSURE = "no_exposure"
NUMERATOR_EXCEEDS_DENOMINATOR = "numerator_exceeds_denominator"
SYNTHETIC = "synthetic"


@dataclass(frozen=True)
class UnitCounts:
    """Numerator and denominator of a unit, and the site-months behind both; `facts` are what the gate looks at."""

    numerator: Tiling
    denominator: Tiling
    same_coverage: bool
    facts: UnitFacts

    @property
    def unit(self) -> str:
        return self.facts.unit

    @property
    def is_synthetic(self) -> bool:
        return any(site.synthetic for site in self.facts.sites)

    def obstacle(self, measure: Measure) -> str | None:
        """The warning that says why no rate exists, whether or not its counts are hidden."""
        most = self.denominator.high
        if not self.same_coverage:
            return DIFFERENT_COVERAGE
        if most == 0:
            return NO_EXPOSURE
        if measure.interval is IntervalMethod.BINOMIAL and most is not None and self.numerator.low > most:
            return NUMERATOR_EXCEEDS_DENOMINATOR
        return None

    def shown(self, measure: Measure) -> tuple[float, float] | None:
        """Both counts, where both are published and make a rate."""
        above, below = self.numerator.value, self.denominator.value
        if above is None or below is None or self.obstacle(measure):
            return None
        return above, below

    def warnings(self, measure: Measure) -> tuple[str, ...]:
        """The codes that stand with the unit in an answer."""
        obstacle = self.obstacle(measure)
        return (*([obstacle] if obstacle else []), *([SYNTHETIC] if self.is_synthetic else []))

    def bounds(self, measure: Measure) -> Bounds:
        """What the bounds of the counts say of the rate; a share is at most the factor, which is then the whole."""
        above, below, factor = self.numerator, self.denominator, measure.factor
        low = factor * above.low / below.high if below.high else 0.0
        high = factor * above.high / below.low if above.high is not None and below.low > 0 else None
        if measure.interval is IntervalMethod.BINOMIAL:
            high = factor if high is None else min(high, factor)
        return low, high


def counts_of(asked: Question, period: MonthRange | None = None) -> tuple[UnitCounts, ...]:
    """The counts of every unit that has both for at least one site-month of the period (the question's own).

    Raises QueryInvalid where they would add up what does not add up.
    """
    asked.require_possible_sums()
    found = (unit_counts(asked, unit, period or asked.period) for unit in asked.units)
    return tuple(counts for counts in found if counts is not None)


def unit_counts(asked: Question, unit: str, period: MonthRange) -> UnitCounts | None:
    """Both sums of one unit, or None where no site-month has both counts."""
    measure = asked.measure
    numerator, above = sum_with_coverage(asked, measure.numerator, unit, period)
    denominator, below = sum_with_coverage(asked, measure.denominator, unit, period)
    if numerator is None or denominator is None or not above & below:
        return None
    return UnitCounts(numerator, denominator, above == below, _facts(asked, unit, above & below, period))


def sum_with_coverage(
    asked: Question, name: CellName, unit: str, period: MonthRange
) -> tuple[Tiling | None, SiteMonths]:
    """The sum of a cell over the period, None where it was never counted, and the site-months behind it."""
    tiling = tile(asked.release.series(asked.by, unit, name), period)
    return tiling, asked.release.coverage(asked.by, unit, name, tiling.months if tiling else ())


def judged(asked: Question, units: Sequence[UnitCounts]) -> Comparability:
    """The verdict of the gate on these units, for the measure that is asked for."""
    return comparability(
        [counts.facts for counts in units],
        must_agree=asked.measure.must_agree,
        should_agree=asked.measure.should_agree,
        indicators={indicator.id for indicator in asked.indicators},
    )


def _facts(asked: Question, unit: str, coverage: SiteMonths, period: MonthRange) -> UnitFacts:
    release = asked.release
    return UnitFacts(
        unit=unit,
        sites=tuple(site for site in release.sites_of(asked.by, unit) if site.id in coverage.sites),
        reports=release.reports_of(coverage),
        months_expected=release.months_expected(asked.by, unit, period),
    )
