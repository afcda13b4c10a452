"""crosstally-hub clients."""

from __future__ import annotations

import json
from datetime import datetime
from typing import IO, Any

import click

from actions.add_credential import add_keys, add_secret
from actions.change_client import change_client
from actions.read_clients import list_clients, read_client
from actions.register_client import register_client
from actions.remove_credential import remove_credential
from cli.parameters import ANY_STATE, given, in_utc, print_facts
from domain.access import SYSTEM, Scope
from domain.clients import Client, Grant
from domain.directory_content import client_content
from domain.settings import Settings
from wsgi import build_hub

SCOPE = click.Choice([str(scope) for scope in Scope])
KINDS: dict[str, Any] = {"scopes": lambda names: frozenset(map(Scope, names)), "sites": frozenset, "expires_at": in_utc}


@click.group()
def clients() -> None:
    """The clients that ask for tokens."""


@clients.command("add")
@click.argument("client")
@click.option("--label", required=True, help="Who or what it is.")
@click.option("--scope", "scopes", multiple=True, required=True, type=SCOPE,
              help="A scope it may have; give the option once for each.")  # fmt: skip
@click.option("--operator", help="The operator it acts for.")
@click.option("--site", "sites", multiple=True, help="A site it is bound to; give the option once for each.")
@click.option("--grant", "grants", multiple=True, type=click.Choice([str(g) for g in Grant]),
              default=[str(Grant.CLIENT_CREDENTIALS)], show_default=True, help="How it comes to tokens.")  # fmt: skip
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where people go back to; compared exactly.")
@click.option("--network", "networks", multiple=True, help="From where it may come, such as 192.0.2.0/24.")
@click.option("--introspects", is_flag=True, help="It may ask about tokens that others hold.")
@click.option("--expires", "expires_at", type=click.DateTime(), help="When it ends, in UTC.")
@click.option("--jwks", type=click.File("rb"), help="A JWK Set of its public keys, instead of a secret.")
@click.pass_obj
def add_client(settings: Settings, client: str, jwks: IO[bytes] | None, **facts: Any) -> None:
    """Register CLIENT and print its secret, once; or register its public keys."""
    made = Client(
        id=client,
        label=facts["label"],
        operator=facts["operator"],
        sites=frozenset(facts["sites"]),
        scopes=frozenset(map(Scope, facts["scopes"])),
        expires_at=in_utc(facts["expires_at"]),
        grants=frozenset(map(Grant, facts["grants"])),
        redirect_uris=facts["redirect_uris"],
        networks=facts["networks"],
        introspects=facts["introspects"],
    )
    secret = register_client(build_hub(settings), by=SYSTEM, client=made, jwks=_read_jwks(jwks))
    click.echo(secret or "registered with its keys")


def _read_jwks(file: IO[bytes] | None) -> Any:
    try:
        return file and json.load(file)
    except ValueError:
        raise click.ClickException("--jwks: that is not JSON") from None


@clients.command("list")
@click.option("--operator", help="Only the clients of this operator.")
@click.pass_obj
def clients_list(settings: Settings, operator: str | None) -> None:
    """List the clients."""
    for client in list_clients(build_hub(settings), by=SYSTEM):
        if operator in (None, client.operator):
            state = "  disabled" if client.disabled else ""
            click.echo(f"{client.id}  {client.operator or '-'}  {' '.join(sorted(client.scopes))}{state}")


@clients.command("show")
@click.argument("client")
@click.pass_obj
def show_client(settings: Settings, client: str) -> None:
    """Print what CLIENT is limited to, and its secrets and keys, but for themselves."""
    found = read_client(build_hub(settings), by=SYSTEM, client_id=client)
    print_facts(client_content(found.client))
    for one in found.credentials:
        kind = "key" if one.jwk else "secret"
        used = one.last_used_at.date() if one.last_used_at else "never"
        click.echo(f"{kind} {one.id}: made {one.created_at.date()}, used {used}, ends {one.expires_at.date()}")


@clients.command("change")
@click.argument("client")
@click.option("--label", help="Who or what it is.")
@click.option("--scope", "scopes", multiple=True, type=SCOPE, help="A scope it may have, instead of those it has.")
@click.option("--site", "sites", multiple=True, help="A site it is bound to, instead of those it is.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where people go back to, instead of elsewhere.")
@click.option("--network", "networks", multiple=True, help="From where it may come, instead of from elsewhere.")
@click.option("--expires", "expires_at", type=click.DateTime(), help="When it ends, in UTC.")
@click.pass_obj
def clients_change(settings: Settings, client: str, **facts: Any) -> None:
    """Change what is given about CLIENT, with effect on its next request."""
    changes = {name: KINDS.get(name, lambda value: value)(value) for name, value in given(facts).items()}
    _change(settings, client, **changes)


@clients.command("disable")
@click.argument("client")
@click.pass_obj
def disable_client(settings: Settings, client: str) -> None:
    """Let CLIENT in no longer, from its next request on."""
    _change(settings, client, disabled=True)


@clients.command("enable")
@click.argument("client")
@click.pass_obj
def enable_client(settings: Settings, client: str) -> None:
    """Let CLIENT in again."""
    _change(settings, client, disabled=False)


@clients.command("add-credential")
@click.argument("client")
@click.option("--jwks", type=click.File("rb"), help="A JWK Set of further public keys, instead of a secret.")
@click.option("--expires", "expires_at", type=click.DateTime(), help="When it ends, in UTC; within a year.")
@click.pass_obj
def add_credential(settings: Settings, client: str, jwks: IO[bytes] | None, expires_at: datetime | None) -> None:
    """Give CLIENT a further secret, printed once, or further keys, so that it can change over without a break."""
    hub, end = build_hub(settings), in_utc(expires_at)
    if jwks:
        for key in add_keys(hub, by=SYSTEM, client_id=client, jwks=_read_jwks(jwks), expires_at=end):
            click.echo(key)
    else:
        click.echo(add_secret(hub, by=SYSTEM, client_id=client, expires_at=end))


@clients.command("remove-credential")
@click.argument("client")
@click.argument("credential")
@click.pass_obj
def remove(settings: Settings, client: str, credential: str) -> None:
    """Take CREDENTIAL, a secret or key that `clients show` lists, from CLIENT."""
    remove_credential(build_hub(settings), by=SYSTEM, client_id=client, credential_id=credential)


def _change(settings: Settings, client: str, **changes: Any) -> None:
    change_client(build_hub(settings), by=SYSTEM, client_id=client, changes=changes, preconditions=ANY_STATE)
