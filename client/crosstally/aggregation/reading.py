"""The lines of an export, in memory and nowhere else.

Only the columns that the mapping names are kept. Persons become keys by a salt of this run, and what told them apart is
dropped. No exception of here quotes what stands in a line: it names columns and rows.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes

import polars as pl

from crosstally.aggregation.mapping import ColumnMapping, Export

ROW, DAY, AT, PERSON = "row ", "day ", "at ", "person "
"""Columns of ours, besides those of the export; with a blank at the end, no column of an export has their names."""
_WHO = "who "
_TOLD = 10


class WrongExport(ValueError):
    """The export cannot be counted as the mapping says; the words name columns and rows, never what stands there."""


def read_export(path: Path, mapping: ColumnMapping) -> pl.DataFrame:
    """The lines: their row, the columns that are counted by, day and moment at the site, and the key of the person."""
    frame = read_columns(path, mapping.export, mapping.columns)
    frame = frame.with_row_index(ROW, offset=2)
    frame = with_persons(frame, mapping.export.person)
    kept_columns = {c.column for c in mapping.indicators.values()}
    for counting in mapping.indicators.values():
        kept_columns |= {*counting.where, *(by.column for by in counting.by.values())}
    frame = with_days(frame, mapping.export, mapping.site_time_zone)
    return frame.select(ROW, DAY, AT, PERSON, *sorted(kept_columns - {""}))


def read_columns(path: Path, export: Export, wanted: Iterable[str] | None = None) -> pl.DataFrame:
    """The columns of a file as text, all where none are named; raises WrongExport."""
    try:
        frame = _read(path, export, sorted(wanted) if wanted is not None else None)
    except (pl.exceptions.PolarsError, ValueError, RuntimeError) as wrong:
        if isinstance(wrong, WrongExport):
            raise
        # Not chained: what polars says quotes the file.
        raise WrongExport(f"{path.name} cannot be read as a table; look at separator, encoding and sheet.") from None
    return frame


def _read(path: Path, export: Export, wanted: list[str] | None) -> pl.DataFrame:
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        sheet = {"sheet_name": export.sheet} if export.sheet else {"sheet_id": 1}
        frame = pl.read_excel(path, **sheet, infer_schema_length=0, read_options={"dtypes": "string"})
        _require(frame.columns, wanted, path)
        return frame.select(wanted) if wanted is not None else frame
    source = _utf8(path, export.encoding)
    header = pl.read_csv(source, separator=export.separator, infer_schema=False, n_rows=0).columns
    _require(header, wanted, path)
    return pl.read_csv(source, separator=export.separator, infer_schema=False, columns=wanted)


def _utf8(path: Path, encoding: str) -> Path | bytes:
    """The file, or its text in UTF-8 where it is in another encoding."""
    try:
        if codecs.lookup(encoding).name == "utf-8":
            return path
        return path.read_bytes().decode(encoding).encode()
    except (LookupError, UnicodeDecodeError):
        raise WrongExport(f"{path.name} is not text in {encoding}; say in export.encoding what it is.") from None


def _require(there: Iterable[str], wanted: list[str] | None, path: Path) -> None:
    missing = set(wanted or ()) - set(there)
    if missing:
        raise WrongExport(f"{path.name} has no column {', '.join(sorted(missing))}.")


def with_persons(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """The lines with the key of the person, null where a part of what tells persons apart is empty.

    The key is a keyed BLAKE2b (RFC 7693). Its salt is made here and kept nowhere: two runs, or two operators, give a
    person different keys, and nobody who sees a key can try names against it.
    """
    if not columns:
        return frame.with_columns(pl.lit(None, pl.Binary).alias(PERSON))
    parts = [pl.col(column).str.strip_chars().replace("", None) for column in columns]
    frame = frame.with_columns(pl.concat_str(parts, separator="\x1f").alias(_WHO))
    persons, salt = frame[_WHO].drop_nulls().unique(), token_bytes(32)
    keys = [blake2b(who.encode(), digest_size=16, key=salt).digest() for who in persons]
    known = pl.DataFrame({_WHO: persons, PERSON: pl.Series(keys, dtype=pl.Binary)})
    return frame.join(known, on=_WHO, how="left", maintain_order="left").drop(_WHO)


def with_days(frame: pl.DataFrame, export: Export, site_zone: str) -> pl.DataFrame:
    """The lines with day and moment at the site; raises WrongExport for a time that cannot be read."""
    text = pl.col(export.time).str.strip_chars()
    if export.is_day:
        at = text.str.to_date(export.time_format, strict=False).cast(pl.Datetime("us"))
    elif "%z" in export.time_format or "%:z" in export.time_format:
        at = text.str.to_datetime(export.time_format, strict=False, time_zone="UTC").dt.convert_time_zone(site_zone)
    else:
        local = text.str.to_datetime(export.time_format, strict=False, time_unit="us")
        # Of an hour that comes twice when clocks go back the first is meant; both are of one day.
        zoned = local.dt.replace_time_zone(export.time_zone or site_zone, ambiguous="earliest", non_existent="null")
        at = zoned.dt.convert_time_zone(site_zone)
    frame = frame.with_columns(at.alias(AT))
    unread = frame.filter(pl.col(AT).is_null())
    if unread.height:
        raise WrongExport(f"{export.time} is not a time like {export.time_format} in {where(unread)}.")
    return frame.with_columns(pl.col(AT).dt.date().alias(DAY))


def where(lines: pl.DataFrame) -> str:
    """How many lines, and the rows of the first of them, in words."""
    rows = ", ".join(str(row) for row in lines[ROW].head(_TOLD))
    return f"{lines.height} rows: {rows}{' and others' if lines.height > _TOLD else ''}"
