"""The sections of examples.md: a rule's text, and its tables, each with what is found in the report that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

from domain.checks import Finding, check_report
from domain.dictionary import Dictionary
from domain.periods import Month
from domain.report import PartialMonth, Report, Tally
from tests.domain.examples import DICTIONARY, MONTH, SITE, TODAY, report

PATH = Path(__file__).with_name("examples.md")
LEFT_OUT = "left out"
_MONTH = re.compile(r"\d{4}-\d{2}")
_CELL = re.compile(r"(?P<indicator>\w+)(?: by (?P<breakdown>\w+), (?P<category>\w+))?")


@dataclass(frozen=True)
class Example:
    """A table: its columns, by their heads, and the lines under it that say what is found."""

    rule: str
    columns: Mapping[str, Mapping[str, str]]
    findings: tuple[str, ...]

    def found(self, head: str, dictionary: Dictionary = DICTIONARY) -> tuple[Finding, ...]:
        """What the rules find in the report of a column."""
        column, months = self.columns[head], {Month.parse(h): c for h, c in self.columns.items() if _MONTH.match(h)}
        month = Month.parse(column["month"]) if column.get("month") else MONTH
        first = column.get("dictionary in force from")
        return check_report(
            _report(column),
            replace(dictionary, in_force_from=Month.parse(first)) if first else dictionary,
            site=SITE,
            month=month,
            today=date.fromisoformat(column["today"]) if column.get("today") else TODAY,
            earlier={other: _report(given) for other, given in months.items() if other < month},
            following=next((_report(given) for other, given in months.items() if other == month.next), None),
        )


def said(finding: Finding) -> str:
    """A finding as a line of the page."""
    _, kind, *rest = finding.pointer.split("/") if finding.pointer else ("", "")
    if kind == "indicators":
        indicator, _, *by = rest
        place = f"{indicator} by {', '.join(by)}" if by else indicator
    else:
        place = ", ".join([kind, *rest])
    return f"- {finding.level.capitalize()}{f' at {place}' if place else ''}: {finding.detail}"


def sections() -> dict[str, str]:
    """The text under each heading, by rule."""
    parts = PATH.read_text().split("\n## ")[1:]
    return {part[:3]: part.partition("\n")[2] for part in parts}


def examples() -> Iterator[Example]:
    """Every table of the page."""
    for rule, text in sections().items():
        blocks = [
            (is_table, list(lines)) for is_table, lines in groupby(text.splitlines(), key=lambda line: "|" in line)
        ]
        for (is_table, table), (_, after) in zip(blocks, [*blocks[1:], (False, [])], strict=True):
            if is_table:
                yield Example(rule, _columns(table), _findings(after))


def _columns(table: list[str]) -> Mapping[str, Mapping[str, str]]:
    heads, *lines = ([entry.strip() for entry in line.split("|")] for line in table)
    return {head: {line[0]: line[place] for line in lines} for place, head in enumerate(heads) if head}


def _findings(lines: list[str]) -> tuple[str, ...]:
    """The items of the list, which may run over several lines."""
    text = "\n".join(lines).strip().split("\n\n")[0]
    items = [" ".join(item.split()) for item in re.split(r"^- ", text, flags=re.MULTILINE) if item.strip()]
    return tuple(f"- {item}" for item in items) if text.startswith("- ") else ()


def _report(column: Mapping[str, str]) -> Report:
    given = {row: value for row, value in column.items() if value and row not in ("month", "today")}
    about: dict[str, object] = {name: given[name] for name in ("ems_policy",) if name in given}
    if "partial_month" in given:
        first, last, reason = re.fullmatch(r"(\d+) to (\d+), (\w+)", given["partial_month"]).groups()  # type: ignore
        about["partial_month"] = PartialMonth(int(first), int(last), reason)
    fields = {name: given[name] for name in ("closed", "revision_reason") if name in given}
    whole = report(_counts(given), about=about, **fields)
    return replace(whole, indicators=_without(whole.indicators, given))


def _counts(given: Mapping[str, str]) -> str:
    """The rows of counts as `tests.domain.examples` writes them."""
    rows = [(_CELL.fullmatch(row), value) for row, value in given.items() if value != LEFT_OUT]
    return ", ".join(
        f"{'.'.join(filter(None, row.groups()))} {value}"
        for row, value in rows
        if row and row["indicator"] in DICTIONARY.by_id
    )


def _without(tallies: Mapping[str, Tally], given: Mapping[str, str]) -> dict[str, Tally]:
    return {indicator: tally for indicator, tally in tallies.items() if given.get(indicator) != LEFT_OUT}
