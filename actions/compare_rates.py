"""Compare a rate or share between sites, cities, or all sites, from one release."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from actions.hub import Hub
from actions.open_release import find_readable_release, open_release
from comparison.rates import RatesAnswer, rates
from comparison.release_view import ReleaseView
from domain.dictionary import Level
from domain.periods import MonthRange, RelativePeriod, resolve_period
from store.artefacts import ArtefactStore


def compare_rates(
    hub: Hub, *, measure: str, by: Level, period: MonthRange | RelativePeriod, release: str | date
) -> tuple[str, RatesAnswer]:
    """(release id, answer); raises NotFound and Retracted, and QueryInvalid for sums that can't be made."""
    published = find_readable_release(hub, release)
    view = _view(hub.artefacts, published.id)
    dictionary = hub.dictionaries[max(hub.dictionaries)]
    answer = rates(
        measure=dictionary.measures_by_id[measure],
        by=by,
        period=resolve_period(period, view),
        release=view,
        dictionary=dictionary,
    )
    return published.id, answer


@lru_cache(maxsize=4)
def _view(artefacts: ArtefactStore, release: str) -> ReleaseView:
    return ReleaseView.read(*open_release(artefacts, release))
