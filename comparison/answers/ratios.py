"""Units beside each other: the ratio of two rates, or of the odds of two shares, where they can be compared at all.

Each pair passes the gate by itself, so that one site that counts otherwise does not keep the others apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from comparison.answers.content import content_of
from comparison.methods.ratio_tests import OpenInterval, Ratio, holm, odds_ratio, rate_ratio
from comparison.reading.counts import Bounds, UnitCounts, counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import NOT_ADDITIVE, Question
from comparison.reading.tiling import Number
from domain.dictionary import IntervalMethod, Measure
from domain.refusals import Item, QueryInvalid

MAX_UNITS = 40
REST = "rest"
ADJUSTMENT = "Holm"
STATISTICS = {
    IntervalMethod.POISSON: ("rate_ratio", "exact conditional binomial, 95 %"),
    IntervalMethod.BINOMIAL: ("odds_ratio", "exact conditional (Fisher), 95 %"),
    IntervalMethod.NONE: ("ratio", "none"),
}


class Contrast(StrEnum):
    """What each unit is set beside: every other, or all others together."""

    PAIRS = "pairs"
    REST = "rest"


class Standing(StrEnum):
    """Whether a ratio is given; withheld where a count is hidden or missing, refused where the gate says so."""

    GIVEN = "given"
    WITHHELD = "withheld"
    REFUSED = "refused"


@dataclass(frozen=True)
class RatioRow:
    """`unit` over `reference`.

    `value` is None where the reference has no events; an end of the interval is None where it is open. `p_adjusted` is
    adjusted for the number of comparisons in the answer. `bounds` stand where a count is hidden.
    """

    unit: str
    reference: str
    status: Standing
    value: float | None
    interval: OpenInterval | None
    p_value: float | None
    p_adjusted: float | None
    bounds: Bounds | None
    comparability: Comparability
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class RatiosAnswer:
    """The ratios, the verdict on all together (refused only where no ratio is given), and what was adjusted for."""

    asked: Question
    contrast: Contrast
    comparability: Comparability
    rows: tuple[RatioRow, ...]
    left_out: tuple[str, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        statistic, method = STATISTICS[self.asked.measure.interval]
        return {
            **self.asked.content,
            "statistic": statistic,
            "method": method,
            "contrast": self.contrast.value,
            "adjustment": {"method": ADJUSTMENT, "comparisons": sum(row.p_value is not None for row in self.rows)},
            "comparability": self.comparability.content,
            "left_out": list(self.left_out),
            "rows": [content_of(row) for row in self.rows],
        }


def ratios(asked: Question, contrast: Contrast) -> RatiosAnswer:
    """Every pair of units, or every unit and the others together.

    Against the rest, only units whose counts are published take part; the others are in `left_out`. Raises QueryInvalid
    for sums that can't be made, and for more pairs than can be read.
    """
    counts = counts_of(asked)
    found = counts.each()
    if contrast is Contrast.PAIRS:
        _refuse_many(found)
        rows = [_row(asked, a, b, judged(asked, (a.facts, b.facts))) for a, b in combinations(found, 2)]
        gate = _verdict_on_pairs(judged(asked, counts.facts), rows)
        return RatiosAnswer(asked, contrast, gate, _adjusted(rows), ())
    _refuse_sums(asked)
    shown = [counts for counts in found if counts.shown]
    gate = judged(asked, [counts.facts for counts in shown])
    rows = [_row(asked, counts, rest, gate) for counts, rest in _against_the_rest(shown, counts.together)]
    return RatiosAnswer(asked, contrast, gate, _adjusted(rows), counts.left_out)


def _refuse_many(found: Sequence[UnitCounts]) -> None:
    if len(found) > MAX_UNITS:
        detail = f"Of {len(found)} units there are too many pairs: name at most {MAX_UNITS}, or ask contrast=rest."
        raise QueryInvalid("There would be too many pairs.", [Item("/query/unit", "too_many", detail)])


def _refuse_sums(asked: Question) -> None:
    if not asked.adds_up_over_units:
        detail = "The others together would be a sum over sites of what does not add up: ask contrast=pairs."
        raise QueryInvalid("The rest can't be added up.", [Item("/query/contrast", NOT_ADDITIVE, detail)])


def _against_the_rest(
    shown: Sequence[UnitCounts], together: tuple[Number, Number]
) -> Iterable[tuple[UnitCounts, UnitCounts]]:
    """Each unit, and the others as one; the sums are those of all, less the unit's own."""
    for counts in shown if len(shown) > 1 else ():
        above, below = counts.shown or (0, 0)
        rest = together[0] - above, together[1] - below
        yield counts, counts._replace(facts=counts.facts._replace(unit=REST), shown=rest)


def _row(asked: Question, first: UnitCounts, second: UnitCounts, gate: Comparability) -> RatioRow:
    measure = asked.measure
    warnings = tuple(dict.fromkeys((*first.warnings, *second.warnings)))
    is_refused = gate.status is Verdict.REFUSED
    ratio = None if is_refused else _ratio(measure, first, second)
    has_bounds = not is_refused and not ratio and not (first.obstacle or second.obstacle)
    return RatioRow(
        unit=first.unit,
        reference=second.unit,
        status=Standing.REFUSED if is_refused else Standing.GIVEN if ratio else Standing.WITHHELD,
        value=ratio.value if ratio else None,
        interval=ratio.interval if ratio else None,
        p_value=ratio.p_value if ratio else None,
        p_adjusted=None,
        bounds=_bounds(measure, first, second) if has_bounds else None,
        comparability=gate,
        warnings=warnings,
    )


def _ratio(measure: Measure, first: UnitCounts, second: UnitCounts) -> Ratio | None:
    a, b = first.shown, second.shown
    if a is None or b is None:
        return None
    if measure.interval is IntervalMethod.POISSON:
        return rate_ratio(a, b)
    if measure.interval is IntervalMethod.BINOMIAL:
        return odds_ratio(a, b)
    return Ratio((a[0] / a[1]) / (b[0] / b[1]) if b[0] else None, None, None)


def _bounds(measure: Measure, first: UnitCounts, second: UnitCounts) -> Bounds:
    """The least and the greatest ratio over what the published bounds allow."""
    (low, high), (over_low, over_high) = (_on_scale(measure, counts.bounds) for counts in (first, second))
    least = low / over_high if over_high else 0.0
    return least, high / over_low if high is not None and over_low > 0 else None


def _on_scale(measure: Measure, bounds: Bounds) -> Bounds:
    """The bounds of a rate as they are, those of a share as odds."""
    if measure.interval is not IntervalMethod.BINOMIAL:
        return bounds
    low, high = (None if end is None or end >= measure.factor else end / (measure.factor - end) for end in bounds)
    return low or 0.0, high


def _verdict_on_pairs(gate: Comparability, rows: Sequence[RatioRow]) -> Comparability:
    """That of all units together, but refused only where every pair is."""
    if gate.status is Verdict.REFUSED and any(row.status is not Standing.REFUSED for row in rows):
        return Comparability(Verdict.CAUTION, gate.reasons)
    return gate


def _adjusted(rows: Sequence[RatioRow]) -> tuple[RatioRow, ...]:
    p_values = [row.p_value for row in rows if row.p_value is not None]
    adjusted = iter(holm(p_values))
    return tuple(row if row.p_value is None else replace(row, p_adjusted=next(adjusted)) for row in rows)
