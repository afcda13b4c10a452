"""Take back an access token, or a grant with everything that came from it (RFC 7009)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from actions.hub import Hub
from domain.access import Principal
from domain.clients import Client
from store.grants import GivenGrant
from store.grants import revoke_grant as mark_revoked
from store.spent import revoke_token
from store.tenancy import REGISTRAR


def revoke_grant(hub: Hub, *, client: Client, grant: GivenGrant) -> None:
    """End the grant: its codes, refresh tokens and access tokens are refused from the next request on."""
    with hub.database.write(REGISTRAR) as connection:
        end_grant(hub, connection, client.principal, grant, "grant.revoke")


def revoke_access_token(hub: Hub, *, client: Client, token_id: str, expires_at: datetime) -> None:
    """Refuse this access token from the next request on."""
    with hub.database.write(REGISTRAR) as connection:
        if revoke_token(connection, token_id, expires_at):
            hub.audit(connection, client.principal, "token.revoke", token_id)


def end_grant(hub: Hub, connection: Connection, by: Principal, grant: GivenGrant, action: str) -> None:
    """End the grant within a transaction, and say why in the audit log, once."""
    if mark_revoked(connection, grant.id, hub.clock()):
        hub.audit(connection, by, action, f"{grant.client}/{grant.id}")
