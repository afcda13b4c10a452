"""Counting the lines of one month, indicator by indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from crosstally._hub.domain.dictionary import Indicator, Kind
from crosstally._hub.domain.periods import Month
from crosstally.aggregation.mapping import DAYS, GIVEN, PERSONS, SUM, Breakdown, ColumnMapping, Counting, kind_of, plain
from crosstally.aggregation.reading import AT, DAY, PERSON, ROW, where

_CODE = "code "

Told = Callable[[str, float, float], None]


@dataclass
class Counts:
    """The indicators of a report as JSON values, and what stands in the way of sending them.

    `problems` must be solved; `notes` are worth knowing. Neither quotes what stands in a line.
    """

    indicators: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def months_of(lines: pl.DataFrame) -> dict[str, int]:
    """How many lines there are of each month at the site."""
    months = lines.select(pl.col(DAY).dt.strftime("%Y-%m").alias("month")).group_by("month").len().sort("month")
    return dict(months.iter_rows())


def count(
    lines: pl.DataFrame, mapping: ColumnMapping, month: Month, given: Mapping[str, float], told: Told = lambda *_: None
) -> Counts:
    """Every indicator of the mapping in the lines of a month. `given` are the counts that no line has."""
    first, following = date(month.year, month.number, 1), month.next
    lines = lines.filter(pl.col(DAY).is_between(first, date(following.year, following.number, 1), closed="left"))
    counts = Counts()
    for done, (id, counting) in enumerate(mapping.indicators.items()):
        told(id, done, len(mapping.indicators))
        if counting.status:
            counts.indicators[id] = {"total": {"status": counting.status}}
        elif counting.count == GIVEN:
            _give(counts, id, given)
        else:
            _tally(counts, mapping.dictionary.by_id[id], counting, lines)
    told("", 1, 1)
    return counts


def _give(counts: Counts, id: str, given: Mapping[str, float]) -> None:
    if id in given:
        counts.indicators[id] = {"total": given[id]}
    else:
        counts.problems.append(f"{id} is told with each report: --given {id}=NUMBER")


def _tally(counts: Counts, indicator: Indicator, counting: Counting, lines: pl.DataFrame) -> None:
    chosen = _chosen(lines, counting)
    if counting.count == PERSONS and (nameless := chosen.filter(pl.col(PERSON).is_null())).height:
        counts.notes.append(f"{indicator.id}: nobody is counted for lines that do not say who: {where(nameless)}")
    if counting.count == SUM:
        chosen = _with_numbers(counts, indicator, counting, chosen)
    tally: dict[str, Any] = {"total": _measured(chosen, counting, indicator)}
    by = {id: _broken_down(counts, indicator, counting, id, chosen) for id in counting.by}
    counts.indicators[indicator.id] = {**tally, **({"by": by} if by else {})}


def _chosen(lines: pl.DataFrame, counting: Counting) -> pl.DataFrame:
    for column, values in counting.where.items():
        lines = lines.filter(_plain(pl.col(column)).is_in([plain(value) for value in values]))
    return lines


def _plain(column: pl.Expr) -> pl.Expr:
    return column.str.strip_chars().str.to_lowercase()


def _with_numbers(counts: Counts, indicator: Indicator, counting: Counting, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with the column to add up as numbers; an empty cell adds nothing, and something else is a problem."""
    text = pl.col(counting.column).str.strip_chars().replace("", None)
    number = text.cast(pl.Float64, strict=False)
    is_number = (number.is_finite() & (number >= 0)).fill_null(False)
    unread = lines.filter(text.is_not_null() & ~is_number)
    if unread.height:
        counts.problems.append(f"{indicator.id}: {counting.column} is no number of 0 or more in {where(unread)}")
    return lines.with_columns(pl.when(is_number).then(number).alias(f"{counting.column} number "))


def _measured(lines: pl.DataFrame, counting: Counting, indicator: Indicator) -> int | float:
    if counting.count == PERSONS:
        return lines[PERSON].drop_nulls().n_unique()
    if counting.count == DAYS:
        return lines[DAY].n_unique()
    if counting.count == SUM:
        return _number(float(lines[f"{counting.column} number "].sum()))
    return lines.height


def _number(value: float) -> int | float:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _broken_down(
    counts: Counts, indicator: Indicator, counting: Counting, id: str, lines: pl.DataFrame
) -> dict[str, int | float]:
    """The categories of a breakdown: every code of its list, also those that nothing counts."""
    kind, breakdown = kind_of(indicator, id), counting.by[id]
    label = f"{indicator.id} by {id}"
    coded = _coded(counts, label, breakdown, lines, kind, indicator.codes(id))
    if counting.count == PERSONS:
        coded = coded.drop_nulls(PERSON)
    if kind is not Kind.MULTI:
        coded = _one_each(counts, label, coded, counting)
    groups = {code: group for (code,), group in coded.partition_by(_CODE, as_dict=True).items()}
    empty = coded.clear()
    return {code: _measured(groups.get(code, empty), counting, indicator) for code in indicator.codes(id)}


def _one_each(counts: Counts, label: str, coded: pl.DataFrame, counting: Counting) -> pl.DataFrame:
    """Where categories add up, a person has the one that was said last in the month, and a line has one."""
    if counting.count == PERSONS:
        return coded.sort(AT, ROW).unique(PERSON, keep="last", maintain_order=True)
    several = coded.filter(pl.col(ROW).is_duplicated()).unique(ROW, maintain_order=True)
    if several.height:
        counts.problems.append(f"{label}: each line has one category, and several stand in {where(several)}")
    return coded


def _coded(
    counts: Counts, label: str, breakdown: Breakdown, lines: pl.DataFrame, kind: Kind, known: tuple[str, ...]
) -> pl.DataFrame:
    """The lines once for each code that they have; what has none is told."""
    value = pl.col(breakdown.column)
    if breakdown.separator:
        lines = lines.with_columns(value.str.split(breakdown.separator)).explode(breakdown.column)
        nothing = (_plain(value) == "").fill_null(False)
        # A value between two separators that is empty is none; a line of which all are, has an empty one.
        lines = lines.filter(~nothing | (pl.col(ROW).is_first_distinct() & nothing.all().over(ROW)))
    values = _plain(value).fill_null("")
    code = values.replace_strict(breakdown.codes, default=None, return_dtype=pl.String)
    lines = lines.with_columns(code.alias(_CODE), values.alias(breakdown.column))
    is_empty = (pl.col(breakdown.column) == "") & pl.col(_CODE).is_null()
    empty = breakdown.empty or ("unknown" if "unknown" in known else None)
    lines = lines.with_columns(pl.when(is_empty).then(pl.lit(empty)).otherwise(pl.col(_CODE)).alias(_CODE))
    lines = _report_unmapped(counts, label, breakdown, lines)
    if empty is None and kind is Kind.PARTITION and (left := lines.filter(is_empty)).height:
        counts.problems.append(f"{label}: {breakdown.column} is empty, and no code is named for that, in {where(left)}")
    return lines.drop_nulls(_CODE).unique([ROW, _CODE], maintain_order=True)


def _report_unmapped(counts: Counts, label: str, breakdown: Breakdown, lines: pl.DataFrame) -> pl.DataFrame:
    """Values in no list of the mapping: counted as the code that it names for them, or a problem."""
    is_unmapped = pl.col(_CODE).is_null() & (pl.col(breakdown.column) != "")
    unmapped = lines.filter(is_unmapped)
    if not unmapped.height:
        return lines
    values = unmapped[breakdown.column].n_unique()
    words = f"{label}: {values} values of {breakdown.column} are in no list of the mapping, in {where(unmapped)}"
    if breakdown.unmapped:
        counts.notes.append(f"{words}; counted as {breakdown.unmapped}")
        fallback = pl.when(is_unmapped).then(pl.lit(breakdown.unmapped)).otherwise(pl.col(_CODE))
        return lines.with_columns(fallback.alias(_CODE))
    counts.problems.append(words)
    return lines
