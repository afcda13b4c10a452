"""Register a client; its secret is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from actions.add_credential import key_credentials, make_secret, require_equal
from actions.hub import Hub, managing
from domain.access import Principal, Scope
from domain.clients import Client, require_sound
from domain.refusals import Conflict, Forbidden
from store.clients import add_client
from store.credentials import add_credential
from store.directory import all_sites


def register_client(hub: Hub, *, by: Principal, client: Client, jwks: Mapping[str, Any] | None = None) -> str | None:
    """Store a new client and answer its first secret, which is kept nowhere; None for one that has keys instead.

    Raises Forbidden for a scope that `by` does not hold, RuleBroken where scopes, operator, sites, limits and keys
    are not sound, Conflict where the client exists.
    """
    require_grantable(by, client)
    with hub.database.read(managing(by)) as connection:
        own = [site.id for site in all_sites(connection) if site.operator == client.operator]
    require_sound(client, own)
    secret, first = make_secret(client.id, hub.clock())
    credentials = [first] if jwks is None else key_credentials(client.id, jwks, hub.clock())
    try:
        with hub.database.write(managing(by)) as connection:
            add_client(connection, client, created_at=hub.clock())
            for credential in credentials:
                add_credential(connection, credential)
            hub.audit(connection, by, "client.register", client.id)
    except IntegrityError:
        raise Conflict(f"There is a client {client.id} already, or no operator {client.operator}.") from None
    return secret if jwks is None else None


def require_grantable(by: Principal, client: Client) -> None:
    """Raise ScopeMissing or Forbidden unless `by` may give this client what it is to have."""
    by.require(Scope.CLIENTS_MANAGE)
    if by.operator not in (None, client.operator):
        raise Forbidden("An operator's admin manages the clients of that operator.")
    require_equal(by, client)
    if client.introspects and Scope.OPERATORS_ADMIN not in by.scopes:
        raise Forbidden("Only a hub admin lets a client ask about the tokens of others.")
