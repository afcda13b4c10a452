"""Observations as Parquet, and files of observations read into columns.

The columns are those of the CSV; words are coded, numbers are doubles and empty where the CSV has nothing. The schema
says what each column means, and from which release and under which terms the rows are. Parquet is small and quick to
read, which the hub's own reading rests on; CSV files are read for releases that have no other.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyarrow import csv, parquet

from domain.cube import KEYS, NUMBERS, Coded, Columns
from domain.release import COLUMNS, Observation
from formats.description import COLUMNS_TOLD, Kind, Source

MEDIA_TYPE = "application/vnd.apache.parquet"
_WORDS = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    pa.field(
        column.name,
        pa.float64() if column.kind is Kind.NUMBER else _WORDS,
        nullable=column.kind is Kind.NUMBER,
        metadata={"description": column.description},
    )
    for column in COLUMNS_TOLD
)
_ROWS_OF_A_GROUP = 250_000


def write_parquet(observations: Iterable[Observation], source: Source) -> bytes:
    """The rows in the order given; the same rows are the same bytes under one version of the library."""
    file, kept = io.BytesIO(), tuple(observations)
    with parquet.ParquetWriter(file, _SCHEMA.with_metadata(source.facts), compression="zstd") as writer:
        for begin in range(0, len(kept), _ROWS_OF_A_GROUP):
            writer.write_table(_table(kept[begin : begin + _ROWS_OF_A_GROUP]))
    return file.getvalue()


def read_parquet(content: bytes) -> Iterator[Columns]:
    """The rows in batches; raises ValueError for another file."""
    with parquet.ParquetFile(io.BytesIO(content)) as file:
        _require_columns(file.schema_arrow.names)
        for batch in file.iter_batches(_ROWS_OF_A_GROUP, use_threads=False):
            yield _columns(pa.Table.from_batches([batch]))
    # What the library holds on to would stay with a process that reads a release once.
    pa.default_memory_pool().release_unused()


def read_csv(content: bytes) -> Iterator[Columns]:
    """The same from a CSV; raises ValueError for another file."""
    convert = csv.ConvertOptions(column_types=_SCHEMA, strings_can_be_null=False, null_values=[""])
    with csv.open_csv(pa.BufferReader(content), convert_options=convert) as reader:
        _require_columns(reader.schema.names)
        for batch in reader:
            yield _columns(pa.Table.from_batches([batch]))


def _require_columns(names: list[str]) -> None:
    if tuple(names) != COLUMNS:
        raise ValueError("these are not the columns of observations")


def _table(rows: tuple[Observation, ...]) -> pa.Table:
    columns = [pa.array([getattr(row, field.name) for row in rows], field.type) for field in _SCHEMA]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _columns(table: pa.Table) -> Columns:
    table = table.unify_dictionaries().combine_chunks()
    words = {name: table[name].combine_chunks() for name in KEYS}
    numbers = {name: table[name].to_numpy() for name in NUMBERS}
    return Columns({name: _coded(column) for name, column in words.items()}, numbers)


def _coded(column: pa.DictionaryArray | pa.ChunkedArray) -> Coded:
    array = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    return Coded(array.indices.to_numpy(), array.dictionary.to_pylist())
