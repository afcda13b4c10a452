"""What every comparison begins with: a release that may be read, and the question put to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from actions.hub import Hub
from actions.open_release import find_readable_release, open_release
from comparison.reading.question import Question
from comparison.reading.release_view import ReleaseView
from domain.dictionary import Level
from domain.periods import MonthRange, RelativePeriod, resolve_period
from store.artefacts import ArtefactStore


def put_question(
    hub: Hub,
    *,
    measure: str,
    by: Level,
    period: MonthRange | RelativePeriod,
    release: str | date,
    unit: Collection[str] = (),
) -> tuple[str, Question]:
    """(release id, question); raises NotFound and Retracted, and QueryInvalid for units that are not there."""
    published, view = open_view(hub, release)
    dictionary = hub.dictionaries[max(hub.dictionaries)]
    months = resolve_period(period, view)
    return published, Question(dictionary.measures_by_id[measure], by, months, view, dictionary, frozenset(unit))


def open_view(hub: Hub, release: str | date) -> tuple[str, ReleaseView]:
    """(release id, the release as comparisons read it); raises NotFound and Retracted."""
    published = find_readable_release(hub, release)
    return published.id, _view(hub.artefacts, published.id)


@lru_cache(maxsize=4)
def _view(artefacts: ArtefactStore, release: str) -> ReleaseView:
    return ReleaseView.read(*open_release(artefacts, release))
