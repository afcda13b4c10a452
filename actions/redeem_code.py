"""Redeem an authorization code, once. A second time ends what the first gave (RFC 6749 4.1.2, RFC 9700 2.1.1)."""

from __future__ import annotations

from actions.authenticate_client import hash_secret
from actions.hub import Hub
from actions.refresh_access import new_refresh_token
from actions.revoke_access import end_grant
from domain.clients import Client
from store.grants import Code, GivenGrant, add_refresh_token, code_by_hash, grant_by_id, redeem
from store.tenancy import REGISTRAR


def find_code(hub: Hub, text: str, *, client: Client) -> tuple[Code, GivenGrant] | None:
    """The code and the grant it is of, if it is the client's, unused and in time; ends the grant of a used one."""
    with hub.database.read(REGISTRAR) as connection:
        code = code_by_hash(connection, hash_secret(text))
        grant = grant_by_id(connection, code.grant_id) if code else None
    if code is None or grant is None or grant.client != client.id:
        return None
    if code.redeemed_at is not None:
        with hub.database.write(REGISTRAR) as connection:
            end_grant(hub, connection, client.principal, grant, "grant.replay")
        return None
    now = hub.clock()
    return (code, grant) if now < code.expires_at and grant.is_good(now) else None


def redeem_code(hub: Hub, *, client: Client, code: Code, grant: GivenGrant, token_id: str) -> str | None:
    """Spend the code for a refresh token and the access token of this id; None where somebody was faster."""
    now = hub.clock()
    text, refresh = new_refresh_token(grant, now)
    with hub.database.write(REGISTRAR) as connection:
        if not redeem(connection, code.sha256, now):
            end_grant(hub, connection, client.principal, grant, "grant.replay")
            return None
        add_refresh_token(connection, refresh)
        hub.audit(connection, client.principal, "token.issue", f"{grant.id}/{token_id}")
    return text
