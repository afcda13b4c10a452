"""What is asked of a release: a measure, for which units, over which months."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comparison.methods.intervals import METHOD_NAMES
from comparison.reading.release_view import Places, ReleaseView
from domain.dictionary import Dictionary, DisclosureClass, Indicator, IntervalMethod, Level, Measure
from domain.periods import MonthRange, PeriodKind
from domain.refusals import Item, QueryInvalid

NOT_ADDITIVE = "not_additive"
UNIQUE = "participants_unique"
"""The persons whom the indicators of a quarter or a year count over their window."""
PERSONS_PATH = "/v1/comparisons/persons"


@dataclass(frozen=True)
class Question:
    """A measure by units of a level over a range of months, in one release; `only` names some of the units.

    Raises QueryInvalid for a unit that the release does not have.
    """

    measure: Measure
    by: Level
    period: MonthRange
    release: ReleaseView
    dictionary: Dictionary
    only: Collection[str] = ()

    def __post_init__(self) -> None:
        unknown = sorted(set(self.only) - set(self.release.units(self.by))) if self.only else ()
        if unknown:
            detail = f"There is no {self.by.value} {', '.join(unknown)} in this release."
            raise QueryInvalid("Some units are not known.", [Item("/query/unit", "unknown", detail)])

    @cached_property
    def places(self) -> Places:
        """The units asked for, in order."""
        places = self.release.places(self.by)
        return places.only(self.only) if self.only else places

    @property
    def indicators(self) -> tuple[Indicator, Indicator]:
        """The indicators above and below the line."""
        measure = self.measure
        return self.dictionary.by_id[measure.numerator.indicator], self.dictionary.by_id[measure.denominator.indicator]

    @property
    def adds_up_over_units(self) -> bool:
        return all(indicator.additive_over_units for indicator in self.indicators)

    @property
    def content(self) -> Mapping[str, Any]:
        """The measure and the period as every answer repeats them."""
        measure = self.measure
        return {
            "measure": {
                "id": measure.id,
                "label": measure.label,
                "factor": measure.factor,
                "interval_method": METHOD_NAMES[measure.interval],
            },
            "period": str(self.period),
        }

    def require_interval(self) -> None:
        """Raise QueryInvalid for a measure that has no distribution, and so no interval."""
        if self.measure.interval is IntervalMethod.NONE:
            detail = f"{self.measure.id} is a ratio of counts without an interval: see /v1/comparisons/rates."
            raise QueryInvalid("This measure has no interval.", [Item("/query/measure", "no_interval", detail)])

    def require_possible_sums(self, over: MonthRange | None = None) -> None:
        """Raise QueryInvalid where counts would be added up that do not add up, such as persons over months.

        They are added up over these months, or else over the whole period.
        """
        months = over or self.period
        indicators = {indicator.id: indicator for indicator in self.indicators}
        found = (self._impossible(indicator, months) for indicator in indicators.values())
        items = [item for some in found for item in some]
        if items:
            raise QueryInvalid(f"The measure {self.measure.id} can't be given for this period and level.", items)

    def _impossible(self, indicator: Indicator, months: MonthRange) -> list[Item]:
        items = []
        if months.first != months.last and not indicator.additive_over_time:
            detail = f"{indicator.id} does not add up over months: ask for one month at a time."
            items.append(Item("/query/period", NOT_ADDITIVE, detail + _instead(indicator, self.dictionary)))
        if self.by is not Level.SITE and not indicator.additive_over_units:
            detail = f"{indicator.id} does not add up over sites: ask by=site."
            items.append(Item("/query/by", NOT_ADDITIVE, detail + _instead(indicator, self.dictionary)))
        return items


def window_counts(indicator: Indicator, dictionary: Dictionary) -> dict[PeriodKind, Indicator]:
    """The indicators in which operators count the same persons over a quarter or a year, by how long."""
    if indicator.id != UNIQUE:
        return {}
    return {other.window: other for other in dictionary.indicators if other.window is not PeriodKind.MONTH}


def _instead(indicator: Indicator, dictionary: Dictionary) -> str:
    """What can be had in place of a sum of persons."""
    if indicator.disclosure_class is not DisclosureClass.PERSONS:
        return ""
    own = " or ".join(window.id for window in window_counts(indicator, dictionary).values())
    words = f" How many different persons there were: {PERSONS_PATH}?indicator={indicator.id} gives bounds"
    return words + (f", and {own} where the operator itself counted." if own else ".")
