"""Change a refresh token for a new one and an access token. A used one ends all of its family (RFC 9700 4.14.2)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from actions.authenticate_client import hash_secret
from actions.hub import Hub
from actions.revoke_access import end_grant
from domain.clients import Client
from store.grants import (
    GivenGrant,
    RefreshToken,
    add_refresh_token,
    grant_by_id,
    refresh_token_by_hash,
    use_refresh_token,
)
from store.tenancy import REGISTRAR

REFRESH_LIFETIME = timedelta(days=14)


def find_refresh_token(hub: Hub, text: str, *, client: Client) -> tuple[RefreshToken, GivenGrant] | None:
    """The token and the grant it is of, if it is the client's, unused and in time; ends the grant of a used one."""
    found = look_up_refresh_token(hub, text)
    if found is None or found[1].client != client.id:
        return None
    token, grant = found
    if token.used_at is not None:
        with hub.database.write(REGISTRAR) as connection:
            end_grant(hub, connection, client.principal, grant, "grant.replay")
        return None
    now = hub.clock()
    return found if now < token.expires_at and grant.is_good(now) else None


def look_up_refresh_token(hub: Hub, text: str) -> tuple[RefreshToken, GivenGrant] | None:
    """The token and the grant it is of, in whatever state."""
    with hub.database.read(REGISTRAR) as connection:
        token = refresh_token_by_hash(connection, hash_secret(text))
        grant = grant_by_id(connection, token.grant_id) if token else None
    return (token, grant) if token and grant else None


def refresh_access(hub: Hub, *, client: Client, token: RefreshToken, grant: GivenGrant, token_id: str) -> str | None:
    """Use the token up for a new one and the access token of this id; None where somebody was faster."""
    now = hub.clock()
    text, successor = new_refresh_token(grant, now)
    with hub.database.write(REGISTRAR) as connection:
        if not use_refresh_token(connection, token.sha256, now):
            end_grant(hub, connection, client.principal, grant, "grant.replay")
            return None
        add_refresh_token(connection, successor)
        hub.audit(connection, client.principal, "token.issue", f"{grant.id}/{token_id}")
    return text


def new_refresh_token(grant: GivenGrant, now: datetime) -> tuple[str, RefreshToken]:
    """A new token of the family, and what is kept of it; it never outlives the grant."""
    text = secrets.token_urlsafe(32)
    return text, RefreshToken(hash_secret(text), grant.id, min(now + REFRESH_LIFETIME, grant.expires_at))
