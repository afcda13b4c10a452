"""crosstally-hub audit."""

from __future__ import annotations

from datetime import datetime

import click

from actions.read_audit import read_audit
from actions.verify_audit import verify_audit
from cli.parameters import DAY
from domain.access import SYSTEM
from domain.audit import AuditFilter
from domain.settings import Settings
from wsgi import build_hub


@click.group()
def audit() -> None:
    """The log of who did what."""


@audit.command("list")
@click.option("--actor", help="Who did it: a client's id, or `user:` and a person's.")
@click.option("--operator", help="About whose things and people.")
@click.option("--action", help="What was done, such as `report.submit`.")
@click.option("--from", "first", type=DAY, help="From this day on (UTC).")
@click.option("--to", "last", type=DAY, help="Up to this day, included (UTC).")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many lines at most.")
@click.pass_obj
def list_(settings: Settings, limit: int, first: datetime | None, last: datetime | None, **named: str | None) -> None:
    """Print the newest lines, the oldest of them first."""
    days = first and first.date(), last and last.date()
    wanted = AuditFilter(named["actor"], named["operator"], named["action"], *days)
    page = read_audit(build_hub(settings), by=SYSTEM, wanted=wanted, limit=limit)
    for line in reversed(page.lines):
        click.echo(f"{line.number}  {line.at}  {line.actor}  {line.action}  {line.subject}  {line.operator or '-'}")


@audit.command()
@click.option("--head", "heads", multiple=True, help="A hash that this command printed before, kept elsewhere.")
@click.pass_obj
def verify(settings: Settings, heads: tuple[str, ...]) -> None:
    """Check every line of the log, beside the releases and the hashes given, and print where it ends.

    Keep what is printed where nobody who can write to the database gets at it. Whoever owns the database can cut
    off what was written since the newest release and the newest hash that is known elsewhere, and nobody can tell.
    """
    verdict = verify_audit(build_hub(settings), by=SYSTEM, heads=heads)
    for fault in verdict.faults:
        click.echo(str(fault))
    if verdict.faults:
        raise click.ClickException(f"{len(verdict.faults)} faults")
    click.echo(f"the chain holds: {verdict.lines} lines, the last {verdict.head.sha256 if verdict.head else 'none'}")
