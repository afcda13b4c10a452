"""A cell as it is written where there are a value, a status and an upper bound beside one another.

| cell                        | value | value_status           | upper |
|-----------------------------|-------|------------------------|-------|
| 31                          | 31    | reported (or empty)    |       |
| {"lt": 5}                   |       | suppressed_at_source   | 4     |
| {"status": "not_collected"} |       | not_collected          |       |

Typed by hand, the value may also be `<5`, a status, `n/c` (not_collected) or `n/r` (not_reported). `n/a` is refused:
to some it says not applicable, to others not available.
"""

from __future__ import annotations

import re
from typing import Any

from domain.report import Gap

REPORTED, HIDDEN = "reported", "suppressed_at_source"
GAPS = tuple(gap.value for gap in Gap)
STATUSES = (REPORTED, HIDDEN, *GAPS)
UNKNOWN_STATUS = "unknown_status"
SHORT = {"n/c": Gap.NOT_COLLECTED.value, "n/r": Gap.NOT_REPORTED.value}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)


class Misread(Exception):
    """What is written in a cell says nothing for sure."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def cell_of(value: str, status: str = "", upper: str = "", *, comma: bool = False) -> Any:
    """The JSON value of a cell, or None for an empty one; raises Misread. `comma`: decimals may follow a comma."""
    typed, status = value.lower(), status.lower()
    if status not in ("", *STATUSES):
        raise Misread(UNKNOWN_STATUS, f"A status is one of {', '.join(STATUSES)}.")
    if typed.startswith("<"):
        return _bounded(typed[1:].strip(), _only(status, HIDDEN), upper, past=0)
    if typed in GAPS or typed in SHORT:
        named = SHORT.get(typed, typed)
        return _missing(_only(status, named) or named, "", upper)
    if status in GAPS:
        return _missing(status, value, upper)
    if status == HIDDEN:
        return _bounded(upper, status, value, past=1)
    if upper:
        raise Misread("upper_without_status", f"An upper bound goes with the status {HIDDEN} and no value.")
    if not _only(status, REPORTED) or value:
        return number_of(value, comma=comma) if value else None
    raise Misread("empty", "The status says that there is a count; give it, 0 included, or another status.")


def columns_of(cell: Any) -> tuple[str, str, str]:
    """Value, status and upper bound of a cell's JSON value."""
    match cell:
        case {"lt": lt}:
            return "", HIDDEN, str(lt - 1)
        case {"status": status}:
            return "", status, ""
    return str(cell), REPORTED, ""


def number_of(text: str, *, comma: bool = False) -> int | float:
    """A number, without separators of thousands; raises Misread."""
    if text.lower() in ("n/a", "na"):
        raise Misread("ambiguous", "n/a can mean two things; write not_applicable or not_reported.")
    plain = text.replace(",", ".") if comma else text
    if not _NUMBER.fullmatch(plain):
        raise Misread(
            "not_a_number",
            "Write a number in digits alone (hours with a point: 248.5), or <5 for a hidden count, or a status.",
        )
    return float(plain) if "." in plain else int(plain)


def _only(status: str, allowed: str) -> str:
    if status not in ("", allowed):
        raise Misread("contradiction", "The value and the status contradict each other; keep one.")
    return status


def _bounded(bound: str, status: str, other: str, *, past: int) -> dict[str, int]:
    """`past` is how far the bound lies from what the count is below."""
    if other:
        raise Misread("contradiction", "A hidden count has its upper bound and no value.")
    if not re.fullmatch(r"[0-9]{1,15}", bound, re.ASCII):
        raise Misread("bound_missing", "A hidden count needs its bound: upper 4, or <5 as the value, for fewer than 5.")
    return {"lt": int(bound) + past}


def _missing(status: str, value: str, upper: str) -> dict[str, str]:
    if value or upper:
        raise Misread("contradiction", "The value and the status contradict each other; keep one.")
    return {"status": status}
