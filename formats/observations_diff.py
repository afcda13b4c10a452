"""What differs between the observations of two releases, found in their CSV files.

Releases are long and mostly alike. Lines that are in both files are put aside as they are; only the others are read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from domain.release import COLUMNS
from formats.observations_csv import read_number

KEY = ("level", "unit", "city", "period", "indicator", "breakdown", "category")
STATE = ("value", "value_status", "lower", "upper")
_key = itemgetter(*(COLUMNS.index(name) for name in KEY))
_state_of = itemgetter(*(COLUMNS.index(name) for name in STATE))
_HEADER = ",".join(COLUMNS)

Change = tuple[str | None, str | None]


@dataclass(frozen=True)
class Difference:
    """How many rows were added, removed, changed; and the lines before and after of each, None where there was none.

    Rows of the later release come first, in its order; then those that it no longer has, in the earlier one's.
    """

    added: int
    removed: int
    changed: int
    changes: Sequence[Change]

    def items(self, start: int, limit: int) -> list[dict]:
        """Some changes as `{"level", ..., "category", "before": {"value", ...} or None, "after"}`."""
        changes = self.changes[start : start + limit]
        rows = dict(_parsed({line for change in changes for line in change if line is not None}))
        return [_item(rows.get(before or ""), rows.get(after or "")) for before, after in changes]


def difference(before: bytes, after: bytes) -> Difference:
    """What changed from one file of observations to another; raises ValueError where one is none."""
    earlier, later = _lines(before), _lines(after)
    known, still_there = set(earlier), set(later)
    gone = {_key(row): (line, _state(row)) for line, row in _parsed(i for i in earlier if i not in still_there)}
    changes: list[Change] = []
    added = 0
    for line, row in _parsed(i for i in later if i not in known):
        old, state = gone.pop(_key(row), (None, None))
        if state != _state(row):
            changes.append((old, line))
            added += old is None
    changed = len(changes) - added
    changes += [(line, None) for line, _ in gone.values()]
    return Difference(added, len(gone), changed, changes)


def _lines(content: bytes) -> list[str]:
    header, *lines = content.decode().split("\r\n")
    if header != _HEADER or not lines or lines.pop() != "":
        raise ValueError("this is no file of observations")
    return lines


def _parsed(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Each line and its fields."""
    chosen = list(lines)
    return zip(chosen, csv.reader(chosen, strict=True), strict=True)


def _state(row: Sequence[str]) -> tuple:
    value, status, lower, upper = _state_of(row)
    return read_number(value), status, read_number(lower), read_number(upper)


def _item(before: Sequence[str] | None, after: Sequence[str] | None) -> dict:
    key = dict(zip(KEY, _key(after or before or ()), strict=True))
    return {**key, "before": _told(before), "after": _told(after)}


def _told(row: Sequence[str] | None) -> dict | None:
    return dict(zip(STATE, _state(row), strict=True)) if row else None
