"""Observations as CSV, for pandas and R: one value per column, hidden values empty, status beside.

UTF-8 without a byte order mark, CRLF line ends (RFC 4180), no comment lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter
from sys import intern

from domain.release import COLUMNS, Observation

_PERIOD = COLUMNS.index("period")
_row = attrgetter(*COLUMNS)
MEDIA_TYPE = "text/csv; charset=utf-8; header=present"


def write_observations(observations: Iterable[Observation]) -> bytes:
    """The rows in the order given, after a header of COLUMNS."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, observations))
    return text.getvalue().encode()


def read_observations(content: bytes) -> list[Observation]:
    """The inverse; raises ValueError for another header."""
    return list(_read(content, None))


def read_observations_of(content: bytes, periods: Collection[str]) -> Iterator[Observation]:
    """Of the rows those of some periods, one by one; raises ValueError for another header."""
    return _read(content, periods)


def _read(content: bytes, periods: Collection[str] | None) -> Iterator[Observation]:
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), newline=""))
    if tuple(next(reader)) != COLUMNS:
        raise ValueError("these are not the columns of observations")
    for row in reader:
        if periods is None or row[_PERIOD] in periods:
            yield _observation(row)


def _observation(row: list[str]) -> Observation:
    level, unit, city, operator, period, indicator, breakdown, category = map(intern, row[:8])
    value, lower, upper = map(read_number, (row[8], row[10], row[11]))
    return Observation(
        level, unit, city, operator, period, indicator, breakdown, category, value, intern(row[9]), lower, upper
    )


def read_number(text: str) -> int | float | None:
    """The number in a field; None for an empty one."""
    if not text:
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)
