"""Data as SDMX-CSV 1.0: a row for each observation, a column for each dimension and attribute."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from domain.cube import Rows
from formats.sdmx.codes import AGENCY, ATTRIBUTES, DIMENSIONS, FLOW, MEASURE, VERSION
from formats.sdmx.message import Message, told
from formats.sdmx.series import Arrangement, Words, arranged, series

MEDIA_TYPE = "application/vnd.sdmx.data+csv;version=1.0.0"
_FLOW = f"{AGENCY}:{FLOW}({VERSION})"


def write_csv(message: Message, blocks: Iterable[Rows], how: Arrangement) -> Iterator[bytes]:
    """A header, then the rows. Where no values are asked for, a row is a series and has its key alone."""
    words = Words(message.cube)
    yield _lines([("DATAFLOW", *_columns(how))])
    for rows in arranged(words, blocks, how):
        keys = _keys(words, rows) if how.has_values else (key for key, _ in series(words, rows, how))
        yield _lines((_FLOW, *row) for row in (_rows(keys, rows, how) if how.has_values else keys))


def _columns(how: Arrangement) -> tuple[str, ...]:
    if not how.has_values:
        return how.key
    return *DIMENSIONS, MEASURE, *(ATTRIBUTES if how.has_attributes else ())


def _keys(words: Words, rows: Rows) -> Iterator[tuple[str, ...]]:
    """The codes of each row."""
    columns = ([words.distinct[name][n] for n in words.of(name, rows).tolist()] for name in DIMENSIONS)
    return zip(*columns, strict=True)


def _rows(keys: Iterable[tuple[str, ...]], rows: Rows, how: Arrangement) -> Iterator[tuple]:
    for key, said in zip(keys, told(rows), strict=True):
        yield *key, said.value, *(said.attributes if how.has_attributes else ())


def _lines(rows: Iterable[tuple]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
