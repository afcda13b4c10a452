"""crosstally-hub keys: the keys that sign tokens and releases. Private keys stay in their files."""

from __future__ import annotations

import click

from actions.note_event import note_event
from auth.keys import KeyRing, release_keys, token_keys
from domain.access import SYSTEM
from domain.settings import Settings
from wsgi import build_hub

RINGS = {"tokens": token_keys, "releases": release_keys}

which_ring = click.argument("which", type=click.Choice(list(RINGS)), default="tokens")


@click.group()
def keys() -> None:
    """The keys that sign tokens and releases."""


@keys.command()
@which_ring
@click.pass_obj
def rotate(settings: Settings, which: str) -> None:
    """Sign with a new key from now on; what older keys signed still verifies. Running hubs need no restart."""
    hub = build_hub(settings)
    new = RINGS[which](settings).rotate()
    note_event(hub, by=SYSTEM, action="key.rotate", subject=f"{which}/{new}")
    click.echo(f"new {which} key {new}")


@keys.command("list")
@which_ring
@click.pass_obj
def list_keys(settings: Settings, which: str) -> None:
    """List the keys that verify, the one that signs first; only what is public of them."""
    ring: KeyRing = RINGS[which](settings)
    for key in ring.kept():
        if key.retired_at is None:
            click.echo(f"{key.kid}  signs")
        else:
            until = key.verifies_until.isoformat(timespec="seconds") if key.verifies_until else "for ever"
            click.echo(f"{key.kid}  retired {key.retired_at.isoformat(timespec='seconds')}  verifies until {until}")
