"""The pages of what is specified by example: tables in the source tree, each of which is a test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

SPECIFICATIONS = Path(__file__).parents[1] / "tests/spec"
"""Words, and tables of cells with a bar between them. They are part of the source tree alone."""


def examples_page(name: str) -> str:
    """The page of one specification, its tables in Markdown."""
    lines = (SPECIFICATIONS / name / "examples.md").read_text().splitlines()
    blocks = ((is_table, list(block)) for is_table, block in groupby(lines, key=lambda line: "|" in line))
    return "\n".join(line for is_table, block in blocks for line in (_table(block) if is_table else block)) + "\n"


def _table(block: list[str]) -> Iterator[str]:
    heads, *lines = ([cell.strip().replace("*", "\\*") for cell in line.split("|")] for line in block)
    yield _line(heads)
    yield "|" + "---|" * len(heads)
    yield from map(_line, lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
