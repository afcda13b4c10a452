"""What a form of a report says, and where it says it: the one way from any form to the content that is checked.

A reader hands what it finds to a Gathering, piece by piece, each with its place in the file. What comes out is a
Sheet: the report as JSON values, not checked yet, and for every JSON pointer into them the place it came from. What
can't be content at all, an empty cell among them, is a fault.

What is left empty is never zero. An optional indicator, or a breakdown, of which nothing is filled in is left out;
as soon as one of its cells is filled in, every other one is a fault until it has a number or a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.checks import CONFIRMATION_NEEDED, WARNING
from domain.dictionary import CellName, Dictionary, Indicator
from domain.refusals import Item
from formats.reports.fields import FIELDS

MAX_FAULTS = 1000


@dataclass(frozen=True)
class Sheet:
    """What a file says: the content of a report, where each part of it stands, and what can't be read.

    `site` and `month` are for which report the file says that it is, at the places `heads`; empty where it does not.
    `acknowledging` says how a warning of `{rule}` is acknowledged in such a file.
    """

    content: Mapping[str, Any]
    places: Mapping[str, str]
    faults: tuple[Item, ...] = ()
    site: str = ""
    month: str = ""
    heads: tuple[str, str] = ("", "")
    acknowledging: str = ""

    def place_of(self, pointer: str) -> str:
        """Where the pointer's value stands, or the nearest thing around it; empty where neither is known."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, "")

    def placed(self, findings: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        """Findings about the content, each with its place where the file has places, and with what to do in it."""
        return [self._placed(finding) for finding in findings]

    def _placed(self, finding: Mapping[str, str]) -> dict[str, str]:
        place = self.place_of(finding["pointer"])
        told = {**finding, **({"place": place} if place else {})}
        if self.acknowledging and self._is_open(finding):
            told["detail"] += " " + self.acknowledging.format(rule=finding["rule"])
        return told

    def _is_open(self, finding: Mapping[str, str]) -> bool:
        """Whether it is a warning that the report does not acknowledge and could."""
        acknowledged = {entry["rule"] for entry in self.content.get("acknowledged", ())}
        is_one = finding["level"] == WARNING and finding["code"] != CONFIRMATION_NEEDED
        return is_one and finding["rule"] not in acknowledged


@dataclass(frozen=True)
class Origin:
    """Of which report a content is, and since when it stands; what a file says of this, it says at its head."""

    site: str
    month: str
    at: datetime


@dataclass
class Gathering:
    """Collects what a file says. `dictionaries` are those whose version the file can name."""

    dictionaries: Mapping[str, Dictionary]
    acknowledging: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    cells: dict[CellName, Any] = field(default_factory=dict)
    where: dict[CellName, str] = field(default_factory=dict)
    acknowledged: list[dict[str, str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[Item] = field(default_factory=list)

    def fault(self, pointer: str, code: str, detail: str, place: str) -> None:
        """Note what is wrong at a place."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Item(pointer, code, detail, place=place))

    def state(self, name: str, text: str, place: str) -> None:
        """Note a field of the report that is no count; nothing where the text is empty."""
        known = FIELDS.get(name)
        if known is None:
            self.fault("/about", "unknown", "There is no such field of a report; the template lists them.", place)
            return
        self._remember(known.pointer, place)
        if not text:
            return
        if name in self.fields:
            self.fault(known.pointer, "twice", "This field is given more than once; keep one.", place)
            return
        try:
            self.fields[name] = known.read(text)
        except ValueError as wrong:
            self.fault(known.pointer, "invalid", str(wrong), place)

    def acknowledge(self, rule: str, reason: str, place: str, place_of_reason: str = "") -> None:
        """Note that a warning was looked at; nothing where both are empty."""
        if rule or reason:
            pointer = f"/acknowledged/{len(self.acknowledged)}"
            self.places |= {pointer: place, f"{pointer}/reason": place_of_reason or place}
            self.acknowledged.append({"rule": rule, "reason": reason})

    def count(self, name: CellName, cell: Any, place: str) -> None:
        """Note a cell: its JSON value, or None where it is empty."""
        if name in self.cells:
            self.fault(name.pointer, "twice", "This cell is given more than once; keep one.", place)
            return
        self.cells[name], self.where[name] = cell, place

    def misread(self, name: CellName, code: str, detail: str, place: str) -> None:
        """Note a cell that is filled in with what can't be read."""
        self.count(name, _MISREAD, place)
        self.fault(name.pointer, code, detail, place)

    def sheet(self, *, site: str = "", month: str = "", heads: tuple[str, str] = ("", "")) -> Sheet:
        """What has been collected, put together."""
        content = self._head()
        dictionary = self.dictionaries.get(content.get("dictionary", ""))
        if dictionary:
            self._sort_out_unknown(dictionary)
            content["indicators"] = self._indicators(dictionary)
        return Sheet(content, self.places, tuple(self.faults), site, month, heads, self.acknowledging)

    def _remember(self, pointer: str, place: str) -> None:
        """A pointer's place, which is also where to look for the breakdown and the indicator around it."""
        self.places.setdefault(pointer, place)
        while (pointer := pointer.rpartition("/")[0]).count("/") > 1:
            self.places.setdefault(pointer, place)

    def _head(self) -> dict[str, Any]:
        content: dict[str, Any] = {"about": {"partial_month": None}}
        for name, value in self.fields.items():
            *above, last = FIELDS[name].path
            target = content
            for step in above:
                target[step] = target.get(step) or {}
                target = target[step]
            target[last] = value
        if self.acknowledged:
            content["acknowledged"] = self.acknowledged
        return content

    def _sort_out_unknown(self, dictionary: Dictionary) -> None:
        for name in [name for name in self.cells if not _is_known(name, dictionary)]:
            del self.cells[name]
            detail = f"Dictionary {dictionary.version} has no cell of that name; correct its codes."
            self.fault("/indicators", "unknown", detail, self.where[name])
        blocks: dict[str, list[str]] = {}
        for name in self.cells:
            self._remember(name.pointer, self.where[name])
            if name.breakdown:
                blocks.setdefault(name.pointer.rpartition("/")[0], []).append(self.where[name])
        self.places.update({pointer: _from_to(places[0], places[-1]) for pointer, places in blocks.items()})

    def _indicators(self, dictionary: Dictionary) -> dict[str, Any]:
        given: dict[str, dict[CellName, Any]] = {}
        for name, cell in self.cells.items():
            given.setdefault(name.indicator, {})[name] = cell
        made = {i: self._tally(dictionary.by_id[i], cells) for i, cells in given.items()}
        return {i: tally for i, tally in made.items() if tally is not None}

    def _tally(self, indicator: Indicator, cells: Mapping[CellName, Any]) -> dict[str, Any] | None:
        """An indicator's total and breakdowns; None where an optional one is left out."""
        if not indicator.core and all(cell is None for cell in cells.values()):
            return None
        blocks: dict[str, dict[CellName, Any]] = {}
        for name, cell in cells.items():
            blocks.setdefault(name.breakdown, {})[name] = cell
        total = list(self._block(blocks.pop("", {})).values())
        filled = {b: block for b, block in blocks.items() if any(cell is not None for cell in block.values())}
        by = {b: {n.category: cell for n, cell in self._block(block).items()} for b, block in filled.items()}
        return {**({"total": total[0]} if total else {}), **({"by": by} if by else {})}

    def _block(self, cells: Mapping[CellName, Any]) -> dict[CellName, Any]:
        """Cells that are filled in, each other one a fault."""
        for name, cell in cells.items():
            if cell is None:
                detail = _EMPTY_LINE if name.breakdown else _EMPTY
                self.fault(name.pointer, "empty", detail, self.where[name])
        return {name: cell for name, cell in cells.items() if cell is not None and cell is not _MISREAD}


_MISREAD = object()
_EMPTY = "The cell is empty, which is not zero: give a number, 0 included, or a status."
_EMPTY_LINE = (
    "The cell is empty, which is not zero: give a number, 0 included, or a status. Where one line of a breakdown is "
    "filled in, all of them are; to leave the breakdown out, clear all of its lines."
)


def _from_to(first: str, last: str) -> str:
    """The place of all that stands from one to the other: `lines 12 to 17`, `sheet Counts, cells B14 to B19`."""
    before, _, end = last.rpartition(" ")
    return f"{before}s {first.removeprefix(before).strip()} to {end}" if first != last else first


def _is_known(name: CellName, dictionary: Dictionary) -> bool:
    indicator = dictionary.by_id.get(name.indicator)
    if indicator is None or not name.breakdown:
        return indicator is not None and not name.category
    binding = indicator.binding(name.breakdown)
    return binding is not None and name.category in binding.breakdown.codes


def cells_of(content: Mapping[str, Any]) -> Iterable[tuple[CellName, Any]]:
    """Every cell of a report's content with its JSON value, totals before their breakdowns."""
    for indicator, tally in content["indicators"].items():
        yield CellName(indicator), tally["total"]
        for breakdown, cells in tally.get("by", {}).items():
            for category, cell in cells.items():
                yield CellName(indicator, breakdown, category), cell
