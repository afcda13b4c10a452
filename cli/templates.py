"""crosstally-hub templates: the empty forms of a report, as files."""

from __future__ import annotations

from pathlib import Path

import click

from domain.load_dictionary import shipped_dictionaries
from formats.reports.templates import KINDS, blank


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def templates(folder: Path) -> None:
    """Write the empty forms of every dictionary into FOLDER, as workbooks and as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in template_files().items():
        (folder / name).write_bytes(content)
        click.echo(folder / name)


def template_files() -> dict[str, bytes]:
    """The content of every template by the name of its file."""
    return {
        f"report-{version}.{kind.name}": blank(version, kind) for version in shipped_dictionaries() for kind in KINDS
    }
