"""Let a client act for a person: what consent leads to, an authorization code (RFC 6749 4.1.2)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from actions.authenticate_client import hash_secret
from actions.hub import Hub
from domain.access import Principal, Scope
from domain.clients import Client
from domain.refusals import Forbidden
from store.grants import Code, GivenGrant, add_code, add_grant
from store.tenancy import REGISTRAR

CODE_LIFETIME = timedelta(seconds=60)
GRANT_LIFETIME = timedelta(days=90)


def grant_access(
    hub: Hub, *, by: Principal, client: Client, scopes: frozenset[Scope], redirect_uri: str, challenge: str
) -> str:
    """Store what the person consents to, and answer the code that the client redeems; it is kept as a hash alone.

    Raises Forbidden for a scope that the person or the client does not hold: nobody grants more than they hold.
    """
    acting = client.acting_for(by)
    if acting is None or not scopes or not scopes <= acting.scopes:
        raise Forbidden("Nobody grants a scope they do not hold.")
    now, code = hub.clock(), secrets.token_urlsafe(32)
    grant = GivenGrant(secrets.token_urlsafe(12), client.id, by.id, scopes, now, now + GRANT_LIFETIME)
    with hub.database.write(REGISTRAR) as connection:
        add_grant(connection, grant)
        add_code(connection, Code(hash_secret(code), grant.id, redirect_uri, challenge, now + CODE_LIFETIME))
        hub.audit(connection, acting, "grant.give", f"{client.id}/{grant.id}")
    return code
