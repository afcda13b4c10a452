"""Why hidden cells are hidden, packed small: it is kept with every release and seldom read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping

from domain.canonical import canonical_json
from domain.dictionary import CellName, Level
from domain.periods import parse_period
from domain.release import CellKey, Reason


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
