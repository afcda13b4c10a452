"""What is printed: tables and bars for people, JSON for programs. NO_COLOR and pipes get plain text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from crosstally.models import Finding

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON, for programs.")


def console() -> Console:
    """The standard output; wide enough for tables where it is no terminal."""
    found = Console(highlight=False, soft_wrap=False)
    if not found.is_terminal:
        found.width = max(found.width, 160)
    return found


def print_json(value: Any) -> None:
    """Print a value as JSON, dataclasses as objects."""
    click.echo(json.dumps(value, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def print_table(columns: Iterable[str], rows: Iterable[Iterable[object]], title: str = "") -> None:
    """Print rows under their columns; what they say is text, not markup."""
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    console().print(table)


def print_findings(findings: Iterable[Finding]) -> None:
    """Print what rules found, errors first; nothing where there is nothing."""
    ordered = sorted(findings, key=lambda finding: not finding.is_error)
    if ordered:
        rows = ((f.level, f.rule, f.place or f.pointer, f.detail) for f in ordered)
        print_table(("level", "rule", "where", "what"), rows)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, float, float], None]]:
    """A progress bar on the standard error; what tells it is given a word, what is done, and of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[word]}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(escape(title), total=None, word="")
        yield lambda word, done, of: bar.update(task, completed=done, total=of, word=escape(word))
