"""Query the rows of a release as SDMX does: by the key of a series and by time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from actions.hub import Hub
from actions.open_release import find_readable_release
from actions.query_observations import TOTAL as TOTALS_ONLY
from actions.query_observations import Found, Query, query_observations
from domain.access import Principal
from domain.dictionary import Level
from domain.periods import MonthRange
from formats.sdmx.codes import FREQUENCIES, word_of

NOTHING = Query({"value_status": frozenset()})
_TOTALS = {"LEVEL": Level.ALL.value, "UNIT": Level.ALL.value, "BREAKDOWN": TOTALS_ONLY}
"""How a filter calls the total, where it has a word for it."""


@dataclass(frozen=True)
class SdmxQuery:
    """What to keep: the codes that are admitted in a dimension, and the months in which an observation lies whole.

    `updated_after` keeps a release that was published later, whole, and nothing of any other: a release is published
    at once and never updated.
    """

    key: Mapping[str, frozenset[str]] = field(default_factory=dict)
    period: MonthRange | None = None
    updated_after: datetime | None = None

    @property
    def filters(self) -> Query:
        """The same as filters of the columns of a release."""
        columns = {
            dimension.lower(): frozenset(word_of(code, _TOTALS.get(dimension, "")) for code in codes)
            for dimension, codes in self.key.items()
            if dimension != "FREQ"
        }
        asked = self.key.get("FREQ")
        kinds = None if asked is None else frozenset(kind.value for kind, code in FREQUENCIES.items() if code in asked)
        return Query(columns, self.period, kinds)


def query_sdmx(hub: Hub, *, by: Principal, release: str, query: SdmxQuery) -> Found:
    """The rows that the query admits; raises NotFound, Retracted."""
    found, after = find_readable_release(hub, release), query.updated_after
    filters = query.filters if after is None or found.published_at > after else NOTHING
    return query_observations(hub, by=by, release=found.id, query=filters)
