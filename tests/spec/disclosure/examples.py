"""The tables of examples.md, by the heading they stand under."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

TEXT = Path(__file__).with_name("examples.md").read_text()
Line = dict[str, str]


def sections() -> dict[str, str]:
    """The text under each heading."""
    parts = TEXT.split("\n## ")[1:]
    return {head: text for head, _, text in (part.partition("\n") for part in parts)}


def tables(heading: str) -> list[list[Line]]:
    """The tables under a heading: each a list of lines, each line its cells by the heads of their columns."""
    lines = sections()[heading].splitlines()
    blocks = (list(block) for is_table, block in groupby(lines, key=lambda line: "|" in line) if is_table)
    return [_parsed([[cell.strip() for cell in line.split("|")] for line in block]) for block in blocks]


def _parsed(block: list[list[str]]) -> list[Line]:
    heads, *lines = block
    return [dict(zip(heads, line, strict=True)) for line in lines]


def named(table: list[Line]) -> str:
    """A table as the name of a test."""
    return " / ".join(" ".join(cell or "-" for cell in line.values()) for line in table)
