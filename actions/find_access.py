"""What stands behind an access token now: its client and grant, if both are still good."""

from __future__ import annotations

from dataclasses import dataclass

from actions.hub import Hub
from domain.clients import Client
from store.clients import client_by_id
from store.grants import GivenGrant, grant_by_id
from store.spent import is_revoked
from store.tenancy import REGISTRAR


@dataclass(frozen=True)
class Access:
    """The client of a token, and what a person granted it; None where it acts for itself."""

    client: Client
    grant: GivenGrant | None


def find_access(hub: Hub, *, client_id: str, token_id: str, grant_id: str | None) -> Access | None:
    """What stands behind the token; None where it was revoked, or the client or the grant has ended.

    Asked for every request, so that access stops with the next one.
    """
    now = hub.clock()
    with hub.database.quick_read(REGISTRAR) as connection:
        client = client_by_id(connection, client_id)
        grant = grant_by_id(connection, grant_id) if grant_id else None
        revoked = is_revoked(connection, token_id)
    if revoked or client is None or not client.is_good(now):
        return None
    if grant_id and (grant is None or grant.client != client.id or not grant.is_good(now)):
        return None
    return Access(client, grant)
