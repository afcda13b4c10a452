"""What differs between two revisions of a report: where, and never what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.refusals import Item
from domain.report import Report

MOST_ITEMS = 50
"""As many places are named; who finds more of them reads the report again anyway."""

_DETAILS = {
    "changed": "This differs from the revision you name; read the current one.",
    "added": "The revision you name does not give this; the current one does.",
    "removed": "The revision you name gives this; the current one does not.",
}


def changes(before: Report, now: Report) -> tuple[Item, ...]:
    """The places that differ, as JSON pointers, those of the current revision first; at most MOST_ITEMS and one."""
    found = list(_changes(_places(before), _places(now)))
    if len(found) > MOST_ITEMS:
        more = Item("", "more_changes", "More differs than is named here; read the current revision.")
        return (*found[:MOST_ITEMS], more)
    return tuple(found)


def _changes(before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[Item]:
    for pointer, value in now.items():
        if pointer not in before:
            yield Item(pointer, "added", _DETAILS["added"])
        elif before[pointer] != value:
            yield Item(pointer, "changed", _DETAILS["changed"])
    for pointer in sorted(before.keys() - now.keys()):
        yield Item(pointer, "removed", _DETAILS["removed"])


def _places(report: Report) -> dict[str, object]:
    """What the report says, by JSON pointer: each cell is one place, whatever it holds."""
    cells = {name.pointer: cell for name, cell in report.cells()}
    about = {f"/about/{name}": value for name, value in vars(report.about).items()}
    others = {f"/{name}": value for name, value in report.content.items() if name not in ("about", "indicators")}
    return {**others, **about, **cells}
