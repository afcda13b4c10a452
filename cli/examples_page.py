"""The page docs/disclosure-examples.md: the tables of the disclosure specification, each of which is a test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

SPECIFICATION = Path(__file__).parents[1] / "tests/spec/disclosure/examples.md"
"""Words, and tables of cells with a bar between them. It is part of the source tree alone."""


def examples_page() -> str:
    """The page, its tables in Markdown."""
    lines = SPECIFICATION.read_text().splitlines()
    blocks = ((is_table, list(block)) for is_table, block in groupby(lines, key=lambda line: "|" in line))
    return "\n".join(line for is_table, block in blocks for line in (_table(block) if is_table else block)) + "\n"


def _table(block: list[str]) -> Iterator[str]:
    heads, *lines = ([cell.strip().replace("*", "\\*") for cell in line.split("|")] for line in block)
    yield _line(heads)
    yield "|" + "---|" * len(heads)
    yield from map(_line, lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
