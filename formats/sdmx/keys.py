"""What a query of data names: a data flow, a key of dimensions, times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from domain.periods import FIRST_YEAR, LAST_YEAR, Month, MonthRange, parse_period
from domain.refusals import Item, NotFound, QueryInvalid
from formats.sdmx.codes import AGENCY, FLOW, KEY, VERSION

_VERSIONS = {VERSION, "latest", "all", "*", "+"}
_MONTHS = {"S": 6, "Q": 3, "M": 1}


def require_flow(text: str) -> None:
    """Raise NotFound unless it is our data flow: its id, or `AGENCY,ID` or `AGENCY,ID,VERSION`, whatever the agency."""
    parts = text.split(",")
    flow = parts[0] if len(parts) == 1 else parts[1]
    version = parts[2] if len(parts) > 2 else "latest"
    if flow not in (FLOW, "all") or version not in _VERSIONS or len(parts) > 3:
        raise NotFound(f"There is one data flow, {AGENCY},{FLOW},{VERSION}.")


def parse_key(text: str) -> Mapping[str, frozenset[str]]:
    """The codes that are asked for, by dimension, `M..nyc+sf...`; what is left empty is not there, and `all` is all.

    Raises QueryInvalid for another number of dimensions.
    """
    if text in ("", "all"):
        return {}
    parts = text.split(".")
    if len(parts) != len(KEY):
        names = ".".join(dimension.id for dimension in KEY)
        detail = f"A key has {len(KEY)} parts, {names}, of which any may be empty; this one has {len(parts)}."
        raise QueryInvalid(detail, [Item("/path/key", "invalid", detail)])
    asked = {dimension.id: frozenset(part.split("+")) for dimension, part in zip(KEY, parts, strict=True) if part}
    return {name: codes for name, codes in asked.items() if codes != {"*"}}


def parse_times(start: str | None, end: str | None) -> MonthRange | None:
    """The months from the first of the start to the last of the end; None where neither is given.

    Periods are `2026`, `2026-S1`, `2026-Q2`, `2026-05`, `2026-M05`, or a day. Raises QueryInvalid.
    """
    if start is None and end is None:
        return None
    first = _months("startPeriod", start)[0] if start else Month(FIRST_YEAR, 1)
    last = _months("endPeriod", end)[1] if end else Month(LAST_YEAR, 12)
    if last < first:
        raise _wrong("endPeriod", "endPeriod is before startPeriod.")
    return MonthRange(first, last)


def _months(name: str, text: str) -> tuple[Month, Month]:
    """The first month that begins in the period or after, and the last that ends in it or before."""
    try:
        day = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:.]+(Z|[+-][0-9:]+)?)?", text, re.ASCII)
        if day:
            return _around(date.fromisoformat(day[1]))
        part = re.fullmatch(r"([0-9]{4})-([SQM])([0-9]{1,2})", text, re.ASCII)
        if part:
            end = int(part[3]) * _MONTHS[part[2]]
            return Month(int(part[1]), end - _MONTHS[part[2]] + 1), Month(int(part[1]), end)
        months = parse_period(text.removesuffix("-A1")).months
    except (ValueError, OverflowError):
        raise _wrong(name, "A period is written like 2026, 2026-Q2, 2026-05 or 2026-05-01.") from None
    return months[0], months[-1]


def _around(day: date) -> tuple[Month, Month]:
    month, following = Month.of(day), Month.of(day + timedelta(days=1))
    return month if day.day == 1 else month.next, month if following != month else month.before


def _wrong(name: str, detail: str) -> QueryInvalid:
    return QueryInvalid(detail, [Item(f"/query/{name}", "invalid", detail)])
