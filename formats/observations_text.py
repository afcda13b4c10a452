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

from domain.cube import CODES, STATUSES, Rows
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


def lines(rows: Rows, form: Form) -> Iterator[str]:
    """Each row as text."""
    cube, bounds, nothing = rows.cube, rows.bounds, (None, None)
    units = {n: form.words(_UNIT, cube.units[n]) for n in _distinct(rows.units)}
    periods = {n: form.words(_PERIOD, (str(cube.periods[n]),)) for n in _distinct(rows.periods)}
    cells = {n: form.words(_CELL, cube.cells[n].words) for n in _distinct(rows.cells)}
    statuses = [status.value for status in STATUSES]
    # Most rows are published, and differ in nothing but the number.
    before, after = form.told(_HERE, Status.PUBLISHED.value, None, None).split(_HERE)
    columns = (rows.units.tolist(), rows.periods.tolist(), rows.cells.tolist(), rows.values, rows.codes.tolist())
    for number, (unit, period, cell, value, code) in enumerate(zip(*columns, strict=True)):
        if code == _PUBLISHED:
            yield f"{units[unit]}{periods[period]}{cells[cell]}{before}{value}{after}"
        else:
            told = form.told(value, statuses[code - 1], *bounds.get(number, nothing))
            yield f"{units[unit]}{periods[period]}{cells[cell]}{told}"


def _distinct(numbers) -> list[int]:  # type: ignore[no-untyped-def]
    return list(dict.fromkeys(numbers.tolist()))


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
    return f"[{', '.join(line for rows in blocks for line in lines(rows, _JSON))}]"


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
