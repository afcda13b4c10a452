"""Units that differ, and what they have in common all the same."""

from __future__ import annotations

from dataclasses import dataclass

from comparison.answers.content import content_of
from comparison.answers.rates import RateRow, rate_rows
from comparison.methods.intervals import Interval
from comparison.methods.random_effects import RandomEffects, random_effects
from comparison.reading.counts import counts_of, judged
from comparison.reading.gate import Comparability, Verdict
from comparison.reading.question import Question

METHOD = "random effects: Paule-Mandel tau², Hartung-Knapp-Röver interval, prediction interval of Higgins et al., 95 %"


@dataclass(frozen=True)
class HeterogeneityAnswer:
    """The random-effects rate of the units with published counts, None where refused or of fewer than two."""

    asked: Question
    comparability: Comparability
    pooled: RandomEffects | None
    left_out: tuple[str, ...]
    rows: tuple[RateRow, ...]

    @property
    def content(self) -> dict[str, object]:
        """The answer as JSON values; tau² is on the scale of logarithms, or of log odds for a share."""
        return {
            **self.asked.content,
            "method": METHOD,
            "comparability": self.comparability.content,
            "pooled": self._pooled_content(),
            "left_out": list(self.left_out),
            "rows": [row.content for row in self.rows],
        }

    def _pooled_content(self) -> dict[str, object] | None:
        if self.pooled is None:
            return None
        factor = self.asked.measure.factor

        def scaled(interval: Interval | None) -> list[float] | None:
            return [factor * end for end in interval] if interval else None

        ends = {"interval": scaled(self.pooled.interval), "prediction": scaled(self.pooled.prediction)}
        return {**content_of(self.pooled), "value": factor * self.pooled.value, **ends}


def heterogeneity(asked: Question) -> HeterogeneityAnswer:
    """How much units differ in the measure; nothing is added up over units, so persons of one month may be asked for.

    Raises QueryInvalid for sums that can't be made.
    """
    asked.require_interval()
    found = counts_of(asked)
    gate = judged(asked, found.facts)
    shown = [pair for pair in found.pairs if pair]
    can_be = gate.status is not Verdict.REFUSED and len(shown) > 1
    return HeterogeneityAnswer(
        asked,
        gate,
        random_effects(shown, asked.measure.interval) if can_be else None,
        found.left_out,
        rate_rows(asked.by, found),
    )
