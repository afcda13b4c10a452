"""Which units can be compared for a measure, pair by pair, and in what they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from comparison.answers.content import content_of
from comparison.reading.counts import counts_of, judged
from comparison.reading.gate import DISAGREEMENTS, Comparability, UnitFacts, agree_on
from comparison.reading.question import Question
from domain.refusals import Item, QueryInvalid

MAX_UNITS = 100


@dataclass(frozen=True)
class UnitVerdict:
    """Whether the numbers of one unit are values of one rate."""

    unit: str
    comparability: Comparability


@dataclass(frozen=True)
class PairVerdict:
    """Two units: the verdict, and which codes of the about block agree and differ, whether the measure asks or not."""

    units: tuple[str, str]
    comparability: Comparability
    agrees: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True)
class ComparabilityAnswer:
    """The verdict on all units together, on each by itself, and on each pair."""

    asked: Question
    comparability: Comparability
    units: tuple[UnitVerdict, ...]
    pairs: tuple[PairVerdict, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values."""
        measure = self.asked.measure
        return {
            **self.asked.content,
            "must_agree": list(measure.must_agree),
            "should_agree": list(measure.should_agree),
            "comparability": self.comparability.content,
            "units": [{"unit": verdict.unit, **verdict.comparability.content} for verdict in self.units],
            "pairs": [_pair_content(pair) for pair in self.pairs],
        }


def compare_pairs(asked: Question) -> ComparabilityAnswer:
    """Of all units that have both counts; raises QueryInvalid for more pairs than can be read."""
    found = counts_of(asked).facts
    if len(found) > MAX_UNITS:
        detail = f"Of {len(found)} units there are too many pairs: name at most {MAX_UNITS}."
        raise QueryInvalid("There would be too many pairs.", [Item("/query/unit", "too_many", detail)])
    return ComparabilityAnswer(
        asked,
        judged(asked, found),
        tuple(UnitVerdict(facts.unit, judged(asked, [facts])) for facts in found),
        tuple(_pair(asked, pair) for pair in combinations(found, 2)),
    )


def _pair(asked: Question, pair: Sequence[UnitFacts]) -> PairVerdict:
    first, second = pair
    agrees = {code: agree_on(code, pair) for code in DISAGREEMENTS}
    return PairVerdict(
        (first.unit, second.unit),
        judged(asked, pair),
        tuple(code for code, is_so in agrees.items() if is_so),
        tuple(code for code, is_so in agrees.items() if not is_so),
    )


def _pair_content(pair: PairVerdict) -> dict[str, object]:
    told = content_of(pair)
    return {"units": told["units"], **told["comparability"], "agrees": told["agrees"], "differs": told["differs"]}
