"""crosstally login: who one is to a hub, tried and kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from crosstally.calls import reports
from crosstally.clients import Client
from crosstally.commands.session import Session, pass_session
from crosstally.problems import Forbidden
from crosstally.profiles import Profile, save

SECRET = "CROSSTALLY_CLIENT_SECRET"


@click.command()
@click.argument("address", metavar="HUB")
@click.option("--client-id", required=True, help="The id of the client, as the hub's administrator told it.")
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A private key (PEM or JWK) to sign with.",
)
@pass_session
def login(session: Session, address: str, client_id: str, key: Path | None) -> None:
    """Keep who you are to HUB, such as https://hub.example, after it was tried.

    The secret is asked for, or read from the standard input where that is no terminal, or from the environment variable
    CROSSTALLY_CLIENT_SECRET. It is no option, since options can be seen by others on the machine.
    """
    profile = Profile(
        hub=address.rstrip("/"),
        client_id=client_id,
        client_secret="" if key else _secret(),
        private_key=str(key.resolve()) if key else "",
    )
    with Client(profile.hub, profile.credentials) as client:
        try:
            client.run(reports())
        except Forbidden:
            pass  # A reader has no reports; the credentials were good.
    path = save(session.name, profile)
    click.echo(f"Signed in to {profile.hub} as {client_id}; kept in {path}, for your eyes alone.")


def _secret() -> str:
    if told := os.environ.get(SECRET):
        return told
    if sys.stdin.isatty():
        return str(click.prompt("Client secret", hide_input=True))
    told = sys.stdin.readline().strip()
    if not told:
        raise click.UsageError("There is no secret: type it, send it to the standard input, or use --key.")
    return told
