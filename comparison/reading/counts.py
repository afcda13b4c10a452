"""The two counts of each unit that a comparison stands on, each the sum over the same site-months.

Each is made of the fewest published cells (`tiling.py`). Where one is hidden, what a reader can conclude
from the published bounds stands in its place: suppressed is not missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comparison.reading.facts import SiteMonths
from comparison.reading.gate import Comparability, UnitFacts, comparability
from comparison.reading.question import Question
from comparison.reading.release_view import NO_REPORT, months_within
from comparison.reading.tiling import Number, Span, Sums, Truths, tile
from domain.cube import Indexes
from domain.dictionary import CellName, IntervalMethod, Level, Measure
from domain.periods import MonthRange

Bounds = tuple[float, float | None]

DIFFERENT_COVERAGE = "different_coverage"
NO_EXPOSURE = "no_exposure"
NUMERATOR_EXCEEDS_DENOMINATOR = "numerator_exceeds_denominator"
SYNTHETIC = "synthetic"
_OBSTACLES = (None, DIFFERENT_COVERAGE, NO_EXPOSURE, NUMERATOR_EXCEEDS_DENOMINATOR)
_WARNINGS = [[(*filter(None, (obstacle,)), *also) for also in ((), (SYNTHETIC,))] for obstacle in _OBSTACLES]
"""By obstacle, without and with synthetic counts."""


class UnitCounts(NamedTuple):
    """Both counts of a unit.

    `obstacle` is the warning that says why no rate exists, whether or not its counts are hidden. `shown` are both
    counts, where both are published and make a rate; `bounds` what the bounds of the counts say of it.
    """

    facts: UnitFacts
    numerator: Span
    denominator: Span
    obstacle: str | None
    shown: tuple[Number, Number] | None
    bounds: Bounds
    warnings: tuple[str, ...]

    @property
    def unit(self) -> str:
        return self.facts.unit


@dataclass(frozen=True, eq=False)
class Counts:
    """Numerators and denominators of units, and what the gate looks at: a column each, one unit below the other.

    `months` are the site-months behind both counts, `at` the places of the units among those of the months.
    """

    measure: Measure
    facts: Sequence[UnitFacts]
    numerator: Sums
    denominator: Sums
    same_coverage: Truths
    months: SiteMonths
    at: Indexes

    @cached_property
    def units(self) -> list[str]:
        """Their ids, in order."""
        return [facts.unit for facts in self.facts]

    @cached_property
    def shown(self) -> Truths:
        """Where both counts are published and make a rate."""
        return self.numerator.published & self.denominator.published & (self._obstacles == 0)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The units without a rate."""
        return tuple(unit for unit, is_shown in zip(self.units, self.shown.tolist(), strict=True) if not is_shown)

    @cached_property
    def pairs(self) -> list[tuple[Number, Number] | None]:
        """Both counts of each unit, where they are published and make a rate."""
        columns = self.numerator.values, self.denominator.values, self.shown.tolist()
        return [(above or 0, below or 0) if is_shown else None for above, below, is_shown in zip(*columns, strict=True)]

    @property
    def together(self) -> tuple[Number, Number]:
        """Both counts of all units with a rate."""
        given = [pair for pair in self.pairs if pair]
        return sum(above for above, _ in given), sum(below for _, below in given)

    @cached_property
    def obstacles(self) -> list[str | None]:
        """Of each unit the warning that says why no rate exists."""
        return [_OBSTACLES[code] for code in self._obstacles.tolist()]

    @cached_property
    def warnings(self) -> list[tuple[str, ...]]:
        """The codes that stand with each unit in an answer."""
        codes = zip(self._obstacles.tolist(), self.facts, strict=True)
        return [_WARNINGS[code][facts.has_synthetic] for code, facts in codes]

    @cached_property
    def bounds(self) -> list[Bounds]:
        """What the bounds of the counts say of each rate."""
        return bounds_of(self.measure, self.numerator, self.denominator)

    @property
    def bounds_of_unknown(self) -> list[Bounds | None]:
        """The same where hidden counts are all that keeps a rate from being known, None elsewhere."""
        if self.shown.all():
            return [None] * len(self.facts)
        is_unknown = ~self.shown & (self._obstacles == 0)
        return [bounds if unknown else None for bounds, unknown in zip(self.bounds, is_unknown.tolist(), strict=True)]

    @property
    def bounds_together(self) -> Bounds:
        """The same of the rate of all units as one."""
        return bounds_of(self.measure, self.numerator.together, self.denominator.together)[0]

    def each(self) -> list[UnitCounts]:
        """Unit by unit."""
        spans = self.numerator.spans, self.denominator.spans
        columns = (self.facts, *spans, self.obstacles, self.pairs, self.bounds, self.warnings)
        return list(map(UnitCounts, *columns))

    @cached_property
    def _obstacles(self) -> NDArray[np.int64]:
        """By their place among _OBSTACLES."""
        most = self.denominator.high
        exceeds = (self.measure.interval is IntervalMethod.BINOMIAL) & (self.numerator.low > most)
        return np.select([~self.same_coverage, most == 0, exceeds], [1, 2, 3], 0)


def bounds_of(measure: Measure, above: Sums, below: Sums) -> list[Bounds]:
    """What the bounds of two counts say of their rates; a share is at most the factor, which is then the whole."""
    factor = measure.factor
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(below.high > 0, factor * above.low / below.high, 0.0).tolist()
        high = np.where(below.low > 0, factor * above.high / below.low, inf).tolist()
    if measure.interval is IntervalMethod.BINOMIAL:
        return [(least, min(most, factor)) for least, most in zip(low, high, strict=True)]
    return [(least, None if most == inf else most) for least, most in zip(low, high, strict=True)]


def counts_of(asked: Question, period: MonthRange | None = None) -> Counts:
    """The counts of every unit that has both for at least one site-month of the period (the question's own).

    Raises QueryInvalid where they would add up what does not add up.
    """
    within, places, measure = period or asked.period, asked.places, asked.measure
    asked.require_possible_sums(within)
    numerator, denominator = (
        tile(asked.release.cube, name, places.numbers, within) for name in (measure.numerator, measure.denominator)
    )
    above, below = (
        _covered(asked, name, sums, within)
        for name, sums in ((measure.numerator, numerator), (measure.denominator, denominator))
    )
    months = replace(above, covered=above.covered & below.covered)
    at = np.flatnonzero(months.per_unit)
    facts = months.facts(within, [indicator.id for indicator in asked.indicators])
    return Counts(
        measure,
        [facts[place] for place in at.tolist()],
        numerator.of(at),
        denominator.of(at),
        above.agrees(below)[at],
        months,
        at,
    )


def _covered(asked: Question, name: CellName, sums: Sums, within: MonthRange) -> SiteMonths:
    """The site-months behind the sums: those whose own row is counted, or with a report where months have no row."""
    release, places = asked.release, asked.places
    own = sums if asked.by is Level.SITE else tile(release.cube, name, places.site_numbers, within)
    months = months_within(release.cube, within)
    covered = sums.counted[:, places.of] & own.counted
    if sums.bare.any():
        covered |= sums.bare[:, places.of] & (release.reports[months][:, places.sites] != NO_REPORT)
    return SiteMonths(release, places, months.start, covered)


def judged(asked: Question, facts: Sequence[UnitFacts]) -> Comparability:
    """The verdict of the gate on these units, for the measure that is asked for."""
    return comparability(facts, must_agree=asked.measure.must_agree, should_agree=asked.measure.should_agree)
