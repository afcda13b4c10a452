"""A report back from its JSON content, as stored; what was checked on the way in is not checked again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from domain.report import About, Bounded, Cell, Gap, Missing, PartialMonth, Report, Reported, Tally


def report_from_content(content: Mapping) -> Report:
    """The inverse of `Report.content`."""
    return Report(
        dictionary=content["dictionary"],
        about=_about(content["about"]),
        indicators={name: _tally(tally) for name, tally in content["indicators"].items()},
        closed=content.get("closed"),
        revision_reason=content.get("revision_reason"),
        acknowledged=tuple((entry["rule"], entry["reason"]) for entry in content.get("acknowledged", [])),
    )


def recalled_report(content: bytes, breakdowns: frozenset[tuple[str, str]]) -> Report:
    """A stored report as other months are judged by it: totals, and of the breakdowns (indicator, breakdown) these."""
    report: dict = json.loads(content)
    for indicator, tally in report["indicators"].items():
        tally["by"] = {name: cells for name, cells in tally.get("by", {}).items() if (indicator, name) in breakdowns}
    return report_from_content(report)


@lru_cache(maxsize=1024)
def reported_count(value: int) -> Reported:
    """The cell of a count. Most are small, and equal ones may as well be one object; raises ValueError."""
    return Reported(value)


def cell_from_content(content: object) -> Cell:
    """31, {"lt": 5} or {"status": "not_collected"} as a cell; raises ValueError for anything else."""
    if type(content) is int:
        return reported_count(content)
    match content:
        case int() | float():
            return Reported(_number(content))
        case {"lt": int() | float() as lt, **rest} if not rest and lt == int(lt):
            return Bounded(int(_number(lt)))
        case {"status": str(status), **rest} if not rest:
            return Missing(Gap(status))
    raise ValueError("a cell is a number, a bound or a status")


def _number(value: int | float) -> int | float:
    """5 for 5.0, so that equal counts are equal bytes; raises ValueError for true and false."""
    if isinstance(value, bool):
        raise ValueError("true and false are no counts")
    return int(value) if value == int(value) else value


def _tally(content: Mapping) -> Tally:
    by = {
        breakdown: {code: cell_from_content(cell) for code, cell in cells.items()}
        for breakdown, cells in content.get("by", {}).items()
    }
    return Tally(cell_from_content(content["total"]), by)


def _about(content: Mapping) -> About:
    partial = content["partial_month"]
    return About(**{**content, "partial_month": PartialMonth(**partial) if partial else None})
