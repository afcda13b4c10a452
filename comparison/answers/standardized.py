"""Units as they would compare with the same mix of a breakdown.

The standard are all the units compared together, so that every answer stands by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from comparison.answers.content import content_of
from comparison.answers.rates import RateRow, rate_rows
from comparison.methods.intervals import Interval
from comparison.methods.standardization import Standardized, Stratum, direct, expected_events, indirect
from comparison.reading.counts import Counts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import NOT_ADDITIVE, Question
from comparison.reading.tiling import Number
from domain.dictionary import Dictionary, IntervalMethod, Kind, Measure
from domain.refusals import Item, QueryInvalid

HIDDEN_STRATUM, EMPTY_STRATUM, MISSING_STRATUM = "hidden_stratum", "empty_stratum", "missing_stratum"


class Way(StrEnum):
    """Direct: the unit's rates in the standard's mix. Indirect: its events beside those at the standard's rates."""

    DIRECT = "direct"
    INDIRECT = "indirect"


METHODS = {
    Way.DIRECT: "direct standardization, interval of Dobson et al. (exact for the sum), 95 %",
    Way.INDIRECT: "indirect standardization, exact Poisson interval of the observed events, 95 %",
}


@dataclass(frozen=True)
class StandardizedRow:
    """A unit: its crude rate, and the standardized one; `expected` and `ratio` to the standard where it is indirect."""

    rate: RateRow
    value: float | None
    interval: Interval | None
    expected: float | None
    ratio: float | None
    ratio_interval: Interval | None
    warnings: tuple[str, ...]

    @property
    def content(self) -> dict[str, object]:
        told = content_of(self)
        crude = told.pop("rate")
        return {"unit": crude["unit"], "level": crude["level"], "crude": crude, **told}


@dataclass(frozen=True)
class StandardizedAnswer:
    """The standardized rates; None everywhere where the gate refuses."""

    asked: Question
    breakdown: str
    way: Way
    comparability: Comparability
    standard: Mapping[str, Stratum]
    rows: tuple[StandardizedRow, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        standard = [
            {"category": code, "numerator": of.events, "denominator": of.exposure} for code, of in self.standard.items()
        ]
        return {
            **self.asked.content,
            "breakdown": self.breakdown,
            "method": METHODS[self.way],
            "comparability": self.comparability.content,
            "standard": standard,
            "rows": [row.content for row in self.rows],
        }


def standardized(asked: Question, breakdown: str, way: Way) -> StandardizedAnswer:
    """The measure of every unit, standardized by a breakdown that both its counts have.

    Raises QueryInvalid for a breakdown that doesn't cut both counts whole, and for sums that can't be made.
    """
    _refuse_unfit(asked, breakdown)
    found = counts_of(asked)
    gate, strata = judged(asked, found.facts), _strata(asked, breakdown, found)
    whole = [strata_of for strata_of in strata if isinstance(strata_of, dict)]
    standard = {} if gate.status is Verdict.REFUSED else _standard(whole)
    rates = zip(rate_rows(asked.by, found), strata, strict=True)
    rows = tuple(_row(asked.measure, *rate, standard, way) for rate in rates)
    return StandardizedAnswer(asked, breakdown, way, gate, standard, rows)


def standardizable(measure: Measure, dictionary: Dictionary) -> tuple[str, ...]:
    """The breakdowns by which a measure can be standardized: both totals are the sums of their categories."""
    if measure.interval is not IntervalMethod.POISSON or measure.numerator.breakdown or measure.denominator.breakdown:
        return ()
    of = [
        {
            binding.breakdown.id
            for binding in dictionary.by_id[name.indicator].bindings
            if binding.kind is Kind.PARTITION
        }
        for name in (measure.numerator, measure.denominator)
    ]
    return tuple(sorted(of[0] & of[1]))


def _refuse_unfit(asked: Question, breakdown: str) -> None:
    if not asked.adds_up_over_units:
        detail = "The standard would be a sum over sites of what does not add up."
        raise QueryInvalid("There is no common standard.", [Item("/query/measure", NOT_ADDITIVE, detail)])
    if breakdown not in standardizable(asked.measure, asked.dictionary):
        can_be = [
            f"{measure.id} by {', '.join(fit)}"
            for measure in asked.dictionary.measures
            if (fit := standardizable(measure, asked.dictionary))
        ]
        detail = f"{asked.measure.id} is no rate of which {breakdown} cuts both counts whole. Those are: " + "; ".join(
            can_be
        )
        raise QueryInvalid(
            "The measure can't be standardized by this.", [Item("/query/breakdown", "unfit", detail + ".")]
        )


def _strata(asked: Question, breakdown: str, of: Counts) -> list[dict[str, Stratum] | str]:
    """Of each unit both counts of each category, over the site-months of the totals, or the warning why not."""
    found: list[dict[str, Stratum] | str] = [{} for _ in of.units]
    for code in asked.dictionary.by_id[asked.measure.numerator.indicator].codes(breakdown):
        part = counts_of(_within(asked, breakdown, code))
        pairs = dict(zip(part.units, zip(part.numerator.values, part.denominator.values, strict=True), strict=True))
        is_whole = dict(zip(part.units, part.same_coverage & part.months.agrees(of.months)[part.at], strict=True))
        for place, unit in enumerate(of.units):
            strata = found[place]
            if isinstance(strata, dict):
                found[place] = _with_stratum(strata, code, pairs[unit]) if is_whole.get(unit) else MISSING_STRATUM
    return found


def _with_stratum(strata: dict[str, Stratum], code: str, pair: tuple[Number | None, Number | None]) -> dict | str:
    above, below = pair
    return HIDDEN_STRATUM if above is None or below is None else {**strata, code: Stratum(above, below)}


def _within(asked: Question, breakdown: str, code: str) -> Question:
    measure = asked.measure
    above, below = (replace(n, breakdown=breakdown, category=code) for n in (measure.numerator, measure.denominator))
    return replace(asked, measure=replace(measure, numerator=above, denominator=below))


def _standard(units: Sequence[Mapping[str, Stratum]]) -> dict[str, Stratum]:
    """All units together, category by category."""
    return {
        code: Stratum(sum(unit[code].events for unit in units), sum(unit[code].exposure for unit in units))
        for code in (units[0] if units else ())
    }


def _row(
    measure: Measure, crude: RateRow, strata: dict[str, Stratum] | str, standard: Mapping[str, Stratum], way: Way
) -> StandardizedRow:
    if isinstance(strata, str) or not standard or crude.value is None:
        warning = (strata,) if isinstance(strata, str) else ()
        return StandardizedRow(crude, None, None, None, None, None, (*crude.warnings, *warning))
    try:
        make = _direct if way is Way.DIRECT else _indirect
        return make(measure, crude, tuple(strata.values()), tuple(standard.values()))
    except ValueError:
        return StandardizedRow(crude, None, None, None, None, None, (*crude.warnings, EMPTY_STRATUM))


def _direct(
    measure: Measure, crude: RateRow, strata: Sequence[Stratum], standard: Sequence[Stratum]
) -> StandardizedRow:
    rate = _scaled(measure.factor, direct(strata, [of.exposure for of in standard]))
    return StandardizedRow(crude, rate.value, rate.interval, None, None, None, crude.warnings)


def _indirect(
    measure: Measure, crude: RateRow, strata: Sequence[Stratum], standard: Sequence[Stratum]
) -> StandardizedRow:
    expected = expected_events(strata, standard)
    if not expected:
        return StandardizedRow(crude, None, None, expected, None, None, crude.warnings)
    ratio = indirect(sum(of.events for of in strata), expected)
    of_all = measure.factor * sum(of.events for of in standard) / sum(of.exposure for of in standard)
    rate = _scaled(of_all, ratio)
    return StandardizedRow(crude, rate.value, rate.interval, expected, ratio.value, ratio.interval, crude.warnings)


def _scaled(factor: float, rate: Standardized) -> Standardized:
    low, high = rate.interval
    return Standardized(factor * rate.value, (factor * low, factor * high))
