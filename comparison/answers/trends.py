"""A measure over time: a control chart for every unit, its phases, and whether there is a steady change.

The trend is that of the last phase, as the factor by which the rate is multiplied in a year. Its plain word is withheld
where it would say more than the counts do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp
from typing import NamedTuple

from comparison.answers.content import content_of
from comparison.answers.rates import RateRow, rate_rows
from comparison.methods.log_linear import log_slope
from comparison.methods.phases import Phase, Point, charted
from comparison.methods.ratio_tests import OpenInterval
from comparison.reading.counts import UnitCounts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import Question
from domain.dictionary import IntervalMethod
from domain.periods import MonthRange, Period, PeriodKind, Year
from domain.refusals import Item, QueryInvalid

MAX_UNITS, MAX_POINTS = 100, 25_000
FEWEST_POINTS, FEWEST_MONTHS, FEWEST_EVENTS = 8, 12, 20
HIGHEST = 700.0
"""The logarithm of the greatest factor that a double holds, about."""
CHARTS = {
    IntervalMethod.POISSON: "u-chart, exact Poisson limits at 99.73 %",
    IntervalMethod.BINOMIAL: "p-chart, exact binomial limits at 99.73 %",
}
TREND_METHOD = "log-linear regression, Poisson or negative binomial, 95 %"


class Word(StrEnum):
    """What a trend is called."""

    RISING = "rising"
    FALLING = "falling"
    NO_CLEAR_CHANGE = "no_clear_change"
    WITHHELD = "withheld"


class Withheld(StrEnum):
    """Why a trend has no word."""

    HIDDEN_COUNTS = "hidden_counts"
    NOT_COMPARABLE = "not_comparable"
    TOO_FEW_POINTS = "too_few_points"
    LESS_THAN_A_YEAR = "less_than_a_year"
    TOO_FEW_EVENTS = "too_few_events"
    EVENTS_AT_ONE_END = "events_at_one_end"


@dataclass(frozen=True)
class Trend:
    """The steady change of the last phase: the factor by which the rate is multiplied in a year, and its interval.

    They are given where they can be computed, with or without a word.
    """

    word: Word
    withheld: tuple[Withheld, ...]
    rate_ratio_per_year: float | None = None
    interval: OpenInterval | None = None
    model: str | None = None
    dispersion: float | None = None


@dataclass(frozen=True)
class UnitTrend:
    """One unit: its rates, the same as points of a chart, its phases and its trend."""

    unit: str
    comparability: Comparability
    rates: tuple[RateRow, ...]
    points: tuple[Point, ...]
    phases: tuple[Phase, ...]
    trend: Trend

    @property
    def content(self) -> dict[str, object]:
        points = [_point_content(rate, point) for rate, point in zip(self.rates, self.points, strict=True)]
        return {
            "unit": self.unit,
            "comparability": self.comparability.content,
            "points": points,
            "phases": [{**content_of(p), "first": str(p.first), "last": str(p.last)} for p in self.phases],
            "trend": content_of(self.trend),
        }


@dataclass(frozen=True)
class TrendsAnswer:
    """The charts of all units; `step` is how long a point is."""

    asked: Question
    step: PeriodKind
    comparability: Comparability
    rows: tuple[UnitTrend, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        return {
            **self.asked.content,
            "step": self.step.value,
            "chart": CHARTS[self.asked.measure.interval],
            "trend_method": TREND_METHOD,
            "comparability": self.comparability.content,
            "rows": [row.content for row in self.rows],
        }


def trends(asked: Question, step: PeriodKind) -> TrendsAnswer:
    """A chart of every unit that has both counts in some step of the period.

    Raises QueryInvalid for sums that can't be made within a step, and for more points than can be read.
    """
    asked.require_interval()
    steps = steps_of(asked.period, step)
    if not steps:
        detail = f"There is no whole {step.value} in {asked.period}."
        raise QueryInvalid("The period is too short.", [Item("/query/period", "too_short", detail)])
    asked.require_possible_sums(_months(steps[0], steps[0]))
    units = len(asked.places.units)
    if units > MAX_UNITS or len(steps) * units > MAX_POINTS:
        detail = f"{units} units over {len(steps)} steps: name at most {MAX_UNITS}, of {MAX_POINTS} points."
        raise QueryInvalid("There would be too many points.", [Item("/query/unit", "too_many", detail)])
    found = _series(asked, steps)
    gate = judged(asked, [each.counts.facts for series in found.values() for each in series])
    return TrendsAnswer(asked, step, gate, tuple(_unit_trend(asked, *each) for each in found.items()))


def steps_of(period: MonthRange, step: PeriodKind) -> tuple[Period, ...]:
    """The months, whole quarters or whole years of a range, in order."""
    of = {PeriodKind.QUARTER: lambda month: month.quarter, PeriodKind.YEAR: lambda month: Year(month.year)}
    found = dict.fromkeys(of[step](month) if step in of else month for month in period)
    return tuple(each for each in found if period.covers(each))


class Step(NamedTuple):
    """What a unit counted in one step, and its rate."""

    period: Period
    counts: UnitCounts
    rate: RateRow


def _series(asked: Question, steps: Iterable[Period]) -> dict[str, list[Step]]:
    """Of every unit, in order, the steps in which it has both counts."""
    series: dict[str, list[Step]] = {unit: [] for unit in asked.places.units}
    for period in steps:
        found = counts_of(asked, _months(period, period))
        for counts, rate in zip(found.each(), rate_rows(asked.by, found), strict=True):
            series[counts.unit].append(Step(period, counts, rate))
    return {unit: steps_of_unit for unit, steps_of_unit in series.items() if steps_of_unit}


def _months(first: Period, last: Period) -> MonthRange:
    return MonthRange(first.months[0], last.months[-1])


def _unit_trend(asked: Question, unit: str, series: Sequence[Step]) -> UnitTrend:
    points = [_point(asked, step) for step in series]
    chart, phases = charted(asked.measure, points, lambda first, last: _total(asked, unit, first, last))
    last = phases[-1].number if phases else None
    members = [(point, step) for point, step in zip(chart, series, strict=True) if phases and point.phase == last]
    gate = judged(asked, [step.counts.facts for step in series])
    within = judged(asked, [step.counts.facts for _, step in members])
    rates = tuple(step.rate for step in series)
    return UnitTrend(unit, gate, rates, chart, phases, _trend([point for point, _ in members], within))


def _total(asked: Question, unit: str, first: Period, last: Period) -> tuple[float, float] | None:
    """Both counts of a phase: known by its quarters or years, perhaps, where some months are hidden."""
    if not all(indicator.additive_over_time for indicator in asked.indicators):
        return None
    pairs = counts_of(replace(asked, only=(unit,)), _months(first, last)).pairs
    return pairs[0] if pairs else None


def _point(asked: Question, step: Step) -> Point:
    value, counts = step.rate.value, step.counts
    bounds = (value, value) if value is not None else None if counts.obstacle else counts.bounds
    return Point(step.period, counts.shown, counts.denominator.value, bounds, _phase_of(asked, step.period, counts))


def _phase_of(asked: Question, period: Period, counts: UnitCounts) -> int | None:
    """How many breaks of the series lie before the period; None where one lies within."""
    indicators = {indicator.id for indicator in asked.indicators}
    sites = asked.release.sites_of(asked.by, counts.unit)
    breaks = {at.month for site in sites for at in site.series_breaks if at.indicator in indicators}
    if any(period.months[0] < month <= period.months[-1] for month in breaks):
        return None
    return sum(month <= period.months[0] for month in breaks)


def _trend(points: Sequence[Point], gate: Comparability) -> Trend:
    counted = [point for point in points if point.bounds is not None]
    shown = [(point.period, point.counts) for point in counted if point.counts]
    withheld = tuple(_reasons(counted, shown, gate))
    events = [counts[0] for _, counts in shown]
    if len(shown) < 3 or not {*withheld} <= {Withheld.TOO_FEW_POINTS, Withheld.LESS_THAN_A_YEAR}:
        return Trend(Word.WITHHELD, withheld)
    years = [period.months[0].index / 12 for period, _ in shown]
    try:
        slope = log_slope(events, [counts[1] for _, counts in shown], years)
    except ValueError:
        return Trend(Word.WITHHELD, (*withheld, Withheld.EVENTS_AT_ONE_END))
    low, high = slope.interval
    word = Word.RISING if low > 0 else Word.FALLING if high < 0 else Word.NO_CLEAR_CHANGE
    return Trend(
        Word.WITHHELD if withheld else word,
        withheld,
        rate_ratio_per_year=exp(min(slope.value, HIGHEST)),
        interval=(exp(low), exp(high) if high < HIGHEST else None),
        model=slope.model,
        dispersion=slope.dispersion,
    )


def _reasons(counted: Sequence[Point], shown: Sequence[tuple], gate: Comparability) -> Iterable[Withheld]:
    """Why no word is given. A trend over hidden months would be one over the larger ones alone."""
    if len(shown) < len(counted):
        yield Withheld.HIDDEN_COUNTS
    if gate.status is Verdict.REFUSED:
        yield Withheld.NOT_COMPARABLE
    if len(shown) < FEWEST_POINTS:
        yield Withheld.TOO_FEW_POINTS
    months = [period.months for period, _ in shown]
    if not months or months[-1][-1].index - months[0][0].index + 1 < FEWEST_MONTHS:
        yield Withheld.LESS_THAN_A_YEAR
    if sum(counts[0] for _, counts in shown) < FEWEST_EVENTS:
        yield Withheld.TOO_FEW_EVENTS


def _point_content(rate: RateRow, point: Point) -> dict[str, object]:
    told = {name: value for name, value in rate.content.items() if name not in ("unit", "level")}
    limits = list(point.limits) if point.limits else None
    return {"period": str(point.period), **told, "phase": point.phase, "limits": limits, "beyond_limits": point.beyond}
