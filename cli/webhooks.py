"""crosstally-hub webhooks."""

from __future__ import annotations

from typing import Any

import click

from actions.webhooks.change_webhook import change_webhook
from actions.webhooks.read_webhooks import list_deliveries, list_webhooks, read_webhook
from actions.webhooks.register_webhook import register_webhook
from actions.webhooks.remove_webhook import remove_webhook
from actions.webhooks.rotate_secret import rotate_secret
from actions.webhooks.send_test import send_test
from cli.parameters import ANY_STATE, given, print_facts
from domain.access import SYSTEM
from domain.settings import Settings
from domain.webhooks import Event
from wsgi import build_hub

EVENT = click.Choice([str(event) for event in Event])
SHOWN = 50


@click.group()
def webhooks() -> None:
    """Addresses that are told of returned and accepted reports and of releases."""


@webhooks.command("add")
@click.option("--url", required=True, help="Where to send to, over https.")
@click.option("--label", required=True, help="What it is.")
@click.option("--event", "events", multiple=True, required=True, type=EVENT,
              help="What it is told of; give the option once for each.")  # fmt: skip
@click.option("--operator", help="Of whose reports; without, it is told of releases alone.")
@click.pass_obj
def add_webhook(settings: Settings, operator: str | None, events: tuple[str, ...], **facts: str) -> None:
    """Register a webhook; prints its id, and its secret, once."""
    told = tuple(event for event in Event if event in events)
    made, secret = register_webhook(build_hub(settings), by=SYSTEM, operator=operator, events=told, **facts)
    click.echo(f"{made.id}\n{secret}")


@webhooks.command("list")
@click.pass_obj
def webhooks_list(settings: Settings) -> None:
    """List the webhooks."""
    for webhook in list_webhooks(build_hub(settings), by=SYSTEM):
        state = f"  disabled: {webhook.disabled_for}" if webhook.disabled else ""
        click.echo(f"{webhook.id}  {webhook.operator or '-'}  {' '.join(webhook.events)}  {webhook.url}{state}")


@webhooks.command("show")
@click.argument("webhook")
@click.pass_obj
def show_webhook(settings: Settings, webhook: str) -> None:
    """Print what is known of WEBHOOK, but for its secret."""
    print_facts(vars(read_webhook(build_hub(settings), by=SYSTEM, webhook=webhook)))


@webhooks.command("change")
@click.argument("webhook")
@click.option("--url", help="Where to send to, over https.")
@click.option("--label", help="What it is.")
@click.option("--event", "events", multiple=True, type=EVENT, help="What it is told of, instead of what it was.")
@click.pass_obj
def webhooks_change(settings: Settings, webhook: str, **facts: Any) -> None:
    """Change what is given about WEBHOOK."""
    changes = given(facts)
    if "events" in changes:
        changes["events"] = tuple(event for event in Event if event in changes["events"])
    _change(settings, webhook, **changes)


@webhooks.command("disable")
@click.argument("webhook")
@click.pass_obj
def disable_webhook(settings: Settings, webhook: str) -> None:
    """Send nothing to WEBHOOK any longer."""
    _change(settings, webhook, disabled=True)


@webhooks.command("enable")
@click.argument("webhook")
@click.pass_obj
def enable_webhook(settings: Settings, webhook: str) -> None:
    """Tell WEBHOOK again of what happens from now on."""
    _change(settings, webhook, disabled=False)


@webhooks.command("remove")
@click.argument("webhook")
@click.pass_obj
def remove(settings: Settings, webhook: str) -> None:
    """Forget WEBHOOK and its deliveries."""
    remove_webhook(build_hub(settings), by=SYSTEM, webhook=webhook)


@webhooks.command("rotate")
@click.argument("webhook")
@click.option("--at-once", is_flag=True, help="The old secret ends now; else it is good for another day.")
@click.pass_obj
def rotate(settings: Settings, webhook: str, at_once: bool) -> None:
    """Give WEBHOOK another secret and print it, once."""
    click.echo(rotate_secret(build_hub(settings), by=SYSTEM, webhook=webhook, at_once=at_once))


@webhooks.command("test")
@click.argument("webhook")
@click.pass_obj
def test(settings: Settings, webhook: str) -> None:
    """Have the worker of `serve` send WEBHOOK a test."""
    click.echo(send_test(build_hub(settings), by=SYSTEM, webhook=webhook))


@webhooks.command("deliveries")
@click.argument("webhook")
@click.pass_obj
def print_deliveries(settings: Settings, webhook: str) -> None:
    """List what was last sent to WEBHOOK, the newest first."""
    found = list_deliveries(build_hub(settings), by=SYSTEM, webhook=webhook, start=0, limit=SHOWN)
    for one in found:
        what, came = one.announcement, " ".join(str(part) for part in (one.status, one.failure) if part)
        click.echo(f"{what.at:%Y-%m-%d %H:%M}  {what.event}  {what.id}  {one.state}  tried {one.attempts}  {came}")


def _change(settings: Settings, webhook: str, **changes: Any) -> None:
    change_webhook(build_hub(settings), by=SYSTEM, webhook=webhook, changes=changes, preconditions=ANY_STATE)
