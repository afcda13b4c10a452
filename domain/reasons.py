"""Why hidden cells are hidden: in words, and packed small, since it is kept with every release and seldom read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from enum import StrEnum

from domain.canonical import canonical_json
from domain.dictionary import CellName, Level
from domain.periods import parse_period
from domain.release import CellKey, Reason

WORDS = {
    "small": "It is small.",
    "sent_as_bound": "Its operator sent a bound instead of a count.",
    "one_category": "It would say that everybody is of one category.",
    "correction": "It moved a little in a correction, which would tell of the persons that it was about.",
    "hidden_before": "It was hidden in an earlier release.",
    "complement": "To protect a small one: with this it could be worked out.",
    "held_back": "The report cannot be protected as it is; a release would leave it out.",
    "not_planned": "The publication plan, or what its operator agreed to, does not publish it.",
}
"""The reasons in words; the last two are why a whole report, or a count of it, is not in a release at all."""


class Fate(StrEnum):
    """What becomes of a count of a report."""

    PUBLISHED = "published"
    SUPPRESSED = "suppressed"
    NOT_PUBLISHED = "not_published"


class Unforeseen(StrEnum):
    """Why it is not told what would become of a report's counts."""

    ERRORS = "errors"
    CONTRADICTION = "contradiction"
    TOO_LONG = "too_long"
    BUSY = "busy"

    @property
    def detail(self) -> str:
        """The same in words, with what to do."""
        return _UNFORESEEN[self]


_UNFORESEEN = {
    Unforeseen.ERRORS: "The report has errors, see the findings; with them corrected there is a preview.",
    Unforeseen.CONTRADICTION: "The counts contradict each other, or what releases told already; look at their sums.",
    Unforeseen.TOO_LONG: "It took too long, the waiting included. The findings are complete; ask again later.",
    Unforeseen.BUSY: "Others are being answered. The findings are complete; ask again later for the preview.",
}


def pack_reasons(reasons: Mapping[CellKey, Reason]) -> bytes:
    """The reasons as few bytes, the same for the same reasons in the same order."""
    lines = [
        [key.level, key.unit, str(key.period), key.name.indicator, key.name.breakdown, key.name.category, reason]
        for key, reason in reasons.items()
    ]
    return zlib.compress(canonical_json(lines))


def unpack_reasons(packed: bytes) -> Iterator[tuple[CellKey, Reason]]:
    """The inverse, pair by pair."""
    for level, unit, period, indicator, breakdown, category, reason in json.loads(zlib.decompress(packed)):
        name = CellName(indicator, breakdown, category)
        yield CellKey(Level(level), unit, parse_period(period), name), Reason(reason)
