"""What must be hidden, what is sensitive, and what is agreed: the policy, as small rules.

See the disclosure policy in the manifest of every release. A count of persons, of events that happen to
persons, or of uses is *small* below k and then hidden, zeros with the others; from 1 to k-1 it is
*sensitive*: nobody may learn it within k. Sentinel counts follow agreements made in advance, never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.dictionary import DisclosureClass, Indicator, Level
from domain.periods import PeriodKind
from domain.release import CellKey
from domain.report import Operator

_AGREEMENTS = {"none": 0, "all_year": 1, "site_year": 2, "site_month": 3}


@dataclass(frozen=True)
class Policy:
    """The hub's k, and the operators with their stricter ones and their sentinel agreements."""

    k: int
    operators: Mapping[str, Operator]

    def k_for(self, operators: Iterable[str]) -> int:
        """The strictest k of the hub and of the operators that contribute."""
        own = (self.operators[operator].k for operator in operators if operator in self.operators)
        return max([self.k, *(k for k in own if k is not None)])

    def sentinel_of(self, operator: str) -> str:
        """What an operator agreed to of its sentinel counts."""
        return self.operators[operator].sentinel if operator in self.operators else "none"

    def agree_to_sentinel(self, operators: Iterable[str], level: Level, period: PeriodKind) -> bool:
        """Whether every operator agreed in advance to sentinel counts at this level and period."""
        needed = _AGREEMENTS[_agreement_needed(level, period)]
        return all(_AGREEMENTS[self.sentinel_of(operator)] >= needed for operator in operators)


def _agreement_needed(level: Level, period: PeriodKind) -> str:
    if period is not PeriodKind.YEAR:
        return "site_month"
    return "all_year" if level is Level.ALL else "site_year"


def shows_zero(indicator: Indicator, key: CellKey) -> bool:
    """Whether a zero in this row is always shown: totals of a year, and totals of uses (a closed month)."""
    if key.name.breakdown or not indicator.disclosure_class.is_protected:
        return False
    return key.period.kind is PeriodKind.YEAR or indicator.disclosure_class is DisclosureClass.USE_EVENTS
