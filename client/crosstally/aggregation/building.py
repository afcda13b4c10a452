"""The mapping, built by asking: once for each kind of export, and kept as a file.

What is shown of the export are the names of its columns, and the values of those that are chosen for categories or
filters, where these are few. The file keeps these values and no line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Protocol

import polars as pl
import tomli_w

from crosstally._hub.domain.dictionary import Binding, Dictionary, DisclosureClass, Indicator, Kind
from crosstally.aggregation.mapping import DAYS, GIVEN, LINES, PERSONS, SUM, WAYS, plain

FORMATS = (
    "%Y-%m-%dT%H:%M:%S%:z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M",
)
FEW = 40
"""A column with more values than this is not one of categories; its values are not shown."""
_LOOKED_AT = 10_000
_WAYS = {DisclosureClass.PERSONS: PERSONS, DisclosureClass.DAYS: DAYS, DisclosureClass.HOURS: GIVEN}
_NOT_COUNTED = "not_collected"


class Asking(Protocol):
    """How a question is put: the words, the answer where nothing is typed, what can be answered (None: anything)."""

    def __call__(self, words: str, default: str, choices: Sequence[str] | None = None) -> str:
        """The answer, one of the choices where there are any."""


def build(frame: pl.DataFrame, dictionary: Dictionary, ask: Asking, export: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a mapping for an export with these columns; `export` says how the file was read."""
    columns = frame.columns
    time = ask("Column with the moment of each line", _guess(columns, ("time", "date", "at")), columns)
    format_ = ask("Its format", _format_of(frame[time]), None)
    site_zone = ask("Time zone of the site", "America/New_York", None)
    export_zone = ask("Time zone of these times, where they do not say it", site_zone, None)
    told = ask(
        "Columns that tell persons apart, with commas (empty: none)",
        _guess(columns, ("participant", "person", "client")),
        None,
    )
    person = [name.strip() for name in told.split(",") if name.strip()]
    return {
        "dictionary": dictionary.version,
        "site_time_zone": site_zone,
        "export": {**export, "time": time, "time_format": format_, "time_zone": export_zone, "person": person},
        "about": {name: _about(dictionary, name, ask) for name in _ABOUT},
        "indicators": {i.id: _indicator(frame, i, ask) for i in _wanted(dictionary, ask)},
    }


_ABOUT = ("visit_basis", "unique_method", "unique_scope", "ems_policy", "overdose_definition")


def written(content: Mapping[str, Any]) -> str:
    """The mapping as the text of its file."""
    return tomli_w.dumps(content)


def _about(dictionary: Dictionary, name: str, ask: Asking) -> str:
    return ask(name, "unknown", dictionary.code_list(name))


def _wanted(dictionary: Dictionary, ask: Asking) -> list[Indicator]:
    core = [indicator for indicator in dictionary.indicators if indicator.core]
    others = [indicator.id for indicator in dictionary.indicators if not indicator.core]
    told = ask(f"Others that you report, with commas ({', '.join(others)})", "", None)
    chosen = {name.strip() for name in told.split(",")}
    return core + [indicator for indicator in dictionary.indicators if indicator.id in chosen and not indicator.core]


def _indicator(frame: pl.DataFrame, indicator: Indicator, ask: Asking) -> dict[str, Any]:
    """How one indicator is counted."""
    words = f"{indicator.id}: {indicator.definition}\n  How is it counted"
    way = ask(words, _WAYS.get(indicator.disclosure_class, LINES), (*WAYS, _NOT_COUNTED))
    if way == _NOT_COUNTED:
        return {"status": way}
    if way == GIVEN:
        return {"count": way}
    counting: dict[str, Any] = {"count": way}
    if way == SUM:
        counting["column"] = ask("  Column to add up", "", frame.columns)
    column = ask("  Only some lines? Column that tells which (empty: all lines)", "", ("", *frame.columns))
    if column:
        there = _values(frame[column])
        told = ask(f"  Values that count, with commas ({', '.join(there)})", "", None)
        counting["where"] = {column: [value.strip() for value in told.split(",")]}
    by = {} if way == DAYS else _breakdowns(frame, indicator, ask)
    return {**counting, **({"by": by} if by else {})}


def _breakdowns(frame: pl.DataFrame, indicator: Indicator, ask: Asking) -> dict[str, Any]:
    found = {}
    for binding in indicator.bindings:
        id = binding.breakdown.id
        column = ask(f"  Column for its breakdown {id} (empty: leave it out)", "", ("", *frame.columns))
        if column:
            found[id] = _breakdown(frame[column], binding, ask)
    return found


def _breakdown(column: pl.Series, binding: Binding, ask: Asking) -> dict[str, Any]:
    is_multi = binding.kind is Kind.MULTI
    separator = ask("  What separates several values in one cell (empty: there is one)", ";" if is_multi else "", None)
    there = _values(column.str.split(separator).explode() if separator else column)
    values: dict[str, list[str]] = {}
    for value in there:
        code = ask(f"    {value} is", _like(value, binding), ("", *binding.breakdown.codes))
        if code:
            values.setdefault(code, []).append(value)
    block = {"column": column.name, "values": values}
    return {**block, **({"separator": separator} if separator else {})}


def _values(column: pl.Series) -> list[str]:
    """The values of a column where they are few; none where they could tell of persons."""
    values = sorted({value.strip() for value in column.drop_nulls().unique().to_list()} - {""})
    return values if len(values) <= FEW else []


def _like(value: str, binding: Binding) -> str:
    """The code that a value most likely means, by its code or label; empty for none."""
    names = {plain(category.code): category.code for category in binding.breakdown.categories}
    names |= {plain(category.label): category.code for category in binding.breakdown.categories}
    near = get_close_matches(plain(value), names, 1, 0.75)
    return names[near[0]] if near else ""


def _guess(columns: Sequence[str], words: Sequence[str]) -> str:
    return next((column for word in words for column in columns if word in column.lower()), "")


def _format_of(column: pl.Series) -> str:
    """The first known format in which all of the first lines are times."""
    some = column.head(_LOOKED_AT).drop_nulls().str.strip_chars()
    readers: Sequence[Callable[[str], pl.Series]] = (
        lambda known: some.str.to_datetime(known, strict=False, time_zone="UTC" if "z" in known else None),
        lambda known: some.str.to_date(known, strict=False),
    )
    for known in FORMATS:
        read = readers["%H" not in known and "%I" not in known]
        if some.len() and not read(known).null_count():
            return known
    return FORMATS[2]
