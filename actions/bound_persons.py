"""Tell between how many different persons there were over months and sites, from one release."""

from __future__ import annotations

from datetime import date

from actions.hub import Hub
from actions.open_comparison import open_view
from comparison.answers.persons import PersonsAnswer, persons
from domain.dictionary import Level
from domain.periods import MonthRange, RelativePeriod, resolve_period


def bound_persons(
    hub: Hub, *, indicator: str, by: Level, period: MonthRange | RelativePeriod, release: str | date
) -> tuple[str, PersonsAnswer]:
    """(release id, answer); raises NotFound and Retracted, and QueryInvalid for what does not count persons."""
    published, view = open_view(hub, release)
    dictionary = hub.dictionaries[max(hub.dictionaries)]
    counted = dictionary.by_id[indicator]
    return published, persons(
        indicator=counted, by=by, period=resolve_period(period, view), release=view, dictionary=dictionary
    )
