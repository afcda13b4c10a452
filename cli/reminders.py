"""crosstally-hub reminders."""

from __future__ import annotations

import click

from actions.hub import now
from actions.reminders.send_test import send_test
from domain.settings import Settings


@click.group()
def reminders() -> None:
    """Mails that remind of missing reports; `serve` sends them."""


@reminders.command("test")
@click.option("--to", required=True, help="Who gets it.")
@click.pass_obj
def test(settings: Settings, to: str) -> None:
    """Send a test mail as reminders go, and say what to look at where it does not go out."""
    send_test(settings, to=to, at=now())
    click.echo(f"{settings.smtp_host} has taken a mail to {to}.")
