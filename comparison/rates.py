"""Rates and shares of units over a range of months, recomputable by anyone from a release.

The numerator and the denominator of a row are sums over the same site-months, each made of the fewest
published cells. Where one is hidden, the row says what a reader can conclude from the published bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from comparison.gate import Comparability, UnitFacts, Verdict, comparability
from comparison.intervals import METHOD_NAMES, Interval, Stability, interval_of, stability
from comparison.release_view import Coverage, ReleaseView
from comparison.tiling import Tiling, tile
from domain.dictionary import CellName, Dictionary, IntervalMethod, Level, Measure
from domain.periods import MonthRange
from domain.refusals import Item, QueryInvalid

Bounds = tuple[float, float | None]

DIFFERENT_COVERAGE = "different_coverage"
NO_EXPOSURE = "no_exposure"
NUMERATOR_EXCEEDS_DENOMINATOR = "numerator_exceeds_denominator"
SYNTHETIC = "synthetic"


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
        return _content(self)


@dataclass(frozen=True)
class Rate:
    """factor x numerator / denominator, and its interval (None where the measure has none)."""

    numerator: int | float
    denominator: int | float
    value: float
    interval: Interval | None

    @property
    def content(self) -> dict[str, object]:
        return _content(self)


@dataclass(frozen=True)
class RatesAnswer:
    """The rates of a measure, the verdict of the comparability gate, and the pooled rate if there can be one."""

    measure: Measure
    period: MonthRange
    comparability: Comparability
    rows: tuple[RateRow, ...]
    pooled: Rate | None

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        measure = self.measure
        return {
            "measure": {
                "id": measure.id,
                "label": measure.label,
                "factor": measure.factor,
                "interval_method": METHOD_NAMES[measure.interval],
            },
            "period": str(self.period),
            "comparability": self.comparability.content,
            "rows": [row.content for row in self.rows],
            "pooled": self.pooled.content if self.pooled else None,
        }


def rates(
    *, measure: Measure, by: Level, period: MonthRange, release: ReleaseView, dictionary: Dictionary
) -> RatesAnswer:
    """The measure for every unit of the level that has both counts for at least one site-month of the range.

    Raises QueryInvalid where the answer would add up what does not add up, such as persons over months.
    """
    _refuse_impossible_sums(measure, by, period, dictionary)
    pairs = [_pair(measure, by, unit, period, release) for unit in release.units(by)]
    contributing = [pair for pair in pairs if pair is not None]
    facts = [_facts(by, pair, release) for pair in contributing]
    gate = comparability(
        facts,
        must_agree=measure.must_agree,
        should_agree=measure.should_agree,
        indicators={measure.numerator.indicator, measure.denominator.indicator},
    )
    rows = tuple(_row(measure, by, pair, of) for pair, of in zip(contributing, facts, strict=True))
    poolable = gate.status is not Verdict.REFUSED and _adds_up_over_units(measure, dictionary)
    return RatesAnswer(measure, period, gate, rows, _pooled(measure, rows) if poolable else None)


@dataclass(frozen=True)
class _Pair:
    """The two sums of a unit, and the site-months behind each and behind both."""

    unit: str
    numerator: Tiling
    denominator: Tiling
    same_coverage: bool
    coverage: Coverage
    months_expected: int


def _refuse_impossible_sums(measure: Measure, by: Level, period: MonthRange, dictionary: Dictionary) -> None:
    items = []
    for name in (measure.numerator, measure.denominator):
        indicator = dictionary.by_id[name.indicator]
        if period.first != period.last and not indicator.additive_over_time:
            detail = f"{indicator.id} does not add up over months: ask for one month at a time."
            items.append(Item("/query/period", "not_additive", detail))
        if by is not Level.SITE and not indicator.additive_over_units:
            items.append(Item("/query/by", "not_additive", f"{indicator.id} does not add up over sites: ask by=site."))
    if items:
        raise QueryInvalid(f"The measure {measure.id} can't be given for this period and level.", items)


def _adds_up_over_units(measure: Measure, dictionary: Dictionary) -> bool:
    names = (measure.numerator, measure.denominator)
    return all(dictionary.by_id[name.indicator].additive_over_units for name in names)


def _pair(measure: Measure, by: Level, unit: str, period: MonthRange, release: ReleaseView) -> _Pair | None:
    """Both sums of the unit, or None where no site-month has both counts."""
    numerator, above = _sum_with_coverage(measure.numerator, by, unit, period, release)
    denominator, below = _sum_with_coverage(measure.denominator, by, unit, period, release)
    if numerator is None or denominator is None or not above & below:
        return None
    expected = release.months_expected(by, unit, period)
    return _Pair(unit, numerator, denominator, above == below, above & below, expected)


def _sum_with_coverage(
    name: CellName, by: Level, unit: str, period: MonthRange, release: ReleaseView
) -> tuple[Tiling | None, Coverage]:
    tiling = tile(release.series(by, unit, name), period)
    return tiling, release.coverage(by, unit, name, tiling.months if tiling else ())


def _facts(by: Level, pair: _Pair, release: ReleaseView) -> UnitFacts:
    contributing = {site for site, _ in pair.coverage}
    return UnitFacts(
        unit=pair.unit,
        sites=tuple(site for site in release.sites_of(by, pair.unit) if site.id in contributing),
        reports=tuple(release.reports[key] for key in sorted(pair.coverage)),
        months_expected=pair.months_expected,
    )


def _row(measure: Measure, by: Level, pair: _Pair, facts: UnitFacts) -> RateRow:
    obstacle = _obstacle(measure, pair)
    rate = None if obstacle else _rate(measure, pair.numerator.value, pair.denominator.value)
    synthetic = any(site.synthetic for site in facts.sites)
    return RateRow(
        unit=pair.unit,
        level=by,
        numerator=pair.numerator.value,
        denominator=pair.denominator.value,
        value=rate.value if rate else None,
        interval=rate.interval if rate else None,
        stability=stability(rate.numerator if rate else None),
        bounds=None if rate or obstacle else _bounds(measure, pair.numerator, pair.denominator),
        months_contributing=len(pair.coverage),
        months_expected=pair.months_expected,
        warnings=(*([obstacle] if obstacle else []), *([SYNTHETIC] if synthetic else [])),
    )


def _obstacle(measure: Measure, pair: _Pair) -> str | None:
    """The warning that says why no rate exists, whether or not its counts are hidden."""
    most = pair.denominator.high
    if not pair.same_coverage:
        return DIFFERENT_COVERAGE
    if most == 0:
        return NO_EXPOSURE
    if measure.interval is IntervalMethod.BINOMIAL and most is not None and pair.numerator.low > most:
        return NUMERATOR_EXCEEDS_DENOMINATOR
    return None


def _rate(measure: Measure, numerator: float | None, denominator: float | None) -> Rate | None:
    """The rate, or None where one of its counts is hidden."""
    if numerator is None or denominator is None:
        return None
    interval = interval_of(measure.interval, numerator, denominator, measure.factor)
    return Rate(numerator, denominator, measure.factor * numerator / denominator, interval)


def _bounds(measure: Measure, numerator: Tiling, denominator: Tiling) -> Bounds:
    """What the bounds of the counts say of the rate; a share is at most the factor, which is then the whole."""
    low = measure.factor * numerator.low / denominator.high if denominator.high else 0.0
    high = None
    if numerator.high is not None and denominator.low > 0:
        high = measure.factor * numerator.high / denominator.low
    if measure.interval is IntervalMethod.BINOMIAL:
        high = measure.factor if high is None else min(high, measure.factor)
    return low, high


def _pooled(measure: Measure, rows: Sequence[RateRow]) -> Rate | None:
    given = [row for row in rows if row.value is not None]
    if not given:
        return None
    return _rate(measure, sum(row.numerator or 0 for row in given), sum(row.denominator or 0 for row in given))


def _content(of: RateRow | Rate) -> dict[str, object]:
    values = {field.name: getattr(of, field.name) for field in fields(of)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
