"""crosstally-hub releases: cut, publish, list."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress

from actions.cut_release import cut_release
from actions.publish_release import publish_release
from actions.read_release import list_releases
from domain.access import SYSTEM
from domain.settings import Settings
from wsgi import build_hub


@click.group()
def releases() -> None:
    """Cut and publish releases."""


@releases.command()
@click.option("--publish", is_flag=True, help="Publish at once when the attack finds nothing; else keep a draft.")
@click.pass_obj
def cut(settings: Settings, publish: bool) -> None:
    """Cut a release of every accepted report."""
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Protecting and attacking", total=1.0)
        release = cut_release(
            build_hub(settings), by=SYSTEM, publish=publish, progress=lambda done: bar.update(task, completed=done)
        )
    click.echo(f"{release} {'published' if publish else 'cut, not published'}")


@releases.command()
@click.argument("release")
@click.pass_obj
def publish(settings: Settings, release: str) -> None:
    """Publish the draft RELEASE."""
    click.echo(f"{publish_release(build_hub(settings), by=SYSTEM, release=release).id} published")


@releases.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """List the releases, newest first."""
    for release in list_releases(build_hub(settings)):
        click.echo(f"{release.id}  {release.published_at:%Y-%m-%d %H:%M}  {release.sha256}")
