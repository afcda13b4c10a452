"""Observations as CSV, for pandas and R: one value per column, hidden values empty, status beside.

UTF-8 without a byte order mark, CRLF line ends (RFC 4180), no comment lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from domain.dictionary import CellName, Level
from domain.periods import Period, parse_period
from domain.release import COLUMNS, CellKey, Observation, Status

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"


def write_observations(observations: Iterable[Observation]) -> bytes:
    """The rows in the order given, after a header of COLUMNS."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(astuple(observation) for observation in observations)
    return text.getvalue().encode()


def read_observations(content: bytes) -> list[Observation]:
    """The inverse; raises ValueError for another header."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    if tuple(next(reader)) != COLUMNS:
        raise ValueError("these are not the columns of observations")
    return [_observation(dict(zip(COLUMNS, row, strict=True))) for row in reader]


def read_statuses(content: bytes) -> dict[CellKey, Status]:
    """What each row says of its cell, without the numbers."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    next(reader)
    periods: dict[str, Period] = {}
    statuses = {}
    for level, unit, _, _, period, indicator, breakdown, category, _, status, *_ in reader:
        if period not in periods:
            periods[period] = parse_period(period)
        key = CellKey(Level(level), unit, periods[period], CellName(indicator, breakdown, category))
        statuses[key] = Status(status)
    return statuses


def _observation(row: dict[str, str]) -> Observation:
    numbers: dict[str, Any] = {name: read_number(row[name]) for name in ("value", "lower", "upper")}
    return Observation(**{**row, **numbers})


def read_number(text: str) -> int | float | None:
    """The number in a field; None for an empty one."""
    if not text:
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)
