"""crosstally-hub generate: the files that are made from the code and committed, so that their changes are seen."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from cli.access_page import access_page
from cli.examples_page import examples_page
from cli.reports_page import reports_page
from cli.sdmx_structures import structure_files
from cli.settings_page import settings_page
from cli.templates import template_files
from domain.settings import Settings
from wsgi import create_app

CONTRACT = "openapi/v1.json"
SETTINGS = "docs/settings.md"
ACCESS = "docs/scopes-and-roles.md"
REPORTS = "docs/reports.md"
EXAMPLES = {"docs/disclosure-examples.md": "disclosure", "docs/rules.md": "rules"}
"""The pages of what is specified by example."""
TEMPLATES = Path("docs/templates")


@click.command()
def generate() -> None:
    """Write the generated files below the current folder."""
    for name, content in generated_files().items():
        Path(name).write_text(content)
        click.echo(name)
    TEMPLATES.mkdir(exist_ok=True)
    for name, workbook in template_files().items():
        (TEMPLATES / name).write_bytes(workbook)
        click.echo(TEMPLATES / name)


def generated_files() -> dict[str, str]:
    """The content of every generated file by its path."""
    examples = {page: examples_page(name) for page, name in EXAMPLES.items()}
    pages = {SETTINGS: settings_page(), ACCESS: access_page(), REPORTS: reports_page()}
    return {CONTRACT: _contract(), **pages, **examples, **structure_files()}


def _contract() -> str:
    with TemporaryDirectory() as folder:
        base = Path(folder)
        settings = Settings(
            database_url=f"sqlite:///{base}/hub.db", keys_dir=base / "keys", releases_dir=base / "releases"
        )
        app = create_app(settings)
        app.extensions["crosstally"].database.close()
        return app.extensions["crosstally.api"].document
