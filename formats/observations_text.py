"""Rows of a cube as text, CSV or JSON.

Many rows speak of few units, periods and cells. So each of these is written once, and a row is put together from the
pieces: units and what belongs to them, period, cell, and what is told of it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from domain.cube import CODES, STATUSES, Cube, Rows
from domain.release import COLUMNS, Status

Number = int | float | None
_PUBLISHED, _HERE = CODES[Status.PUBLISHED], "\0"
KEYS, TOLD = COLUMNS[:8], COLUMNS[8:]
_UNIT, _PERIOD, _CELL = KEYS[:4], KEYS[4:5], KEYS[5:]


@dataclass(frozen=True)
class Form:
    """How pieces of a row are written: words under their columns; value, status, lower and upper."""

    words: Callable[[Sequence[str], Sequence[str]], str]
    told: Callable[[Number | str, str, Number, Number], str]


class Words(NamedTuple):
    """What every row of a cube begins with, written once for each unit, period and cell."""

    units: list[str]
    periods: list[str]
    cells: list[str]


_WRITTEN: WeakKeyDictionary[Cube, dict[Form, Words]] = WeakKeyDictionary()


def _words(cube: Cube, form: Form) -> Words:
    """A release never changes, so these are kept as long as it is."""
    written = _WRITTEN.setdefault(cube, {})
    if form not in written:
        written[form] = Words(
            [form.words(_UNIT, unit) for unit in cube.units],
            [form.words(_PERIOD, (str(period),)) for period in cube.periods],
            [form.words(_CELL, cell.words) for cell in cube.cells],
        )
    return written[form]


def lines(rows: Rows, form: Form) -> list[str]:
    """Each row as text."""
    units, periods, cells = _words(rows.cube, form)
    # Most rows are published, and differ in nothing but the number.
    before, after = form.told(_HERE, Status.PUBLISHED.value, None, None).split(_HERE)
    told = [f"{before}{value}{after}" for value in rows.values]
    for number in np.flatnonzero(rows.codes != _PUBLISHED).tolist():
        status = STATUSES[rows.codes[number] - 1].value
        told[number] = form.told(None, status, *rows.bounds.get(number, (None, None)))
    columns = rows.units.tolist(), rows.periods.tolist(), rows.cells.tolist(), told
    return [f"{units[u]}{periods[p]}{cells[c]}{text}" for u, p, c, text in zip(*columns, strict=True)]


# ---- CSV ----------------------------------------------------------------------------------------------


def write_csv(blocks: Iterable[Rows]) -> Iterator[bytes]:
    """A header of COLUMNS, then the rows, block by block, as formats/observations_csv.py writes them."""
    yield (",".join(COLUMNS) + "\r\n").encode()
    for rows in blocks:
        yield "".join(lines(rows, _CSV)).encode()


def _csv_words(_columns: Sequence[str], words: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=",").writerow(words)
    return text.getvalue() if any(words) or len(words) > 1 else ","


def _csv_told(value: Number | str, status: str, lower: Number, upper: Number) -> str:
    return f"{_shown(value)},{status},{_shown(lower)},{_shown(upper)}\r\n"


def _shown(number: Number | str) -> Number | str:
    return "" if number is None else number


# ---- JSON ---------------------------------------------------------------------------------------------


def write_json(blocks: Iterable[Rows]) -> str:
    """A list of objects, whose members are in the order of COLUMNS."""
    return f"[{', '.join([line for rows in blocks for line in lines(rows, _JSON)])}]"


def _json_words(columns: Sequence[str], words: Sequence[str]) -> str:
    text = json.dumps(dict(zip(columns, words, strict=True)))[1:-1]
    return f"{'{' if columns is _UNIT else ''}{text}, "


def _json_told(value: Number | str, status: str, lower: Number, upper: Number) -> str:
    told = f'"value": {_json(value)}, "value_status": "{status}"'
    return f'{told}, "lower": {_json(lower)}, "upper": {_json(upper)}}}'


def _json(number: Number | str) -> Number | str:
    return "null" if number is None else number


_CSV = Form(_csv_words, _csv_told)
_JSON = Form(_json_words, _json_told)
