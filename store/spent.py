"""What must not be used again before it expires: assertions that were used, access tokens that were revoked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from store.access_tables import revoked_tokens, spent_assertions
from store.prepared import Prepared

_REVOKED = Prepared(select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == bindparam("token")))


def is_spent(connection: Connection, client: str, jti: str) -> bool:
    """Whether this assertion of the client was used before."""
    t = spent_assertions.c
    return connection.scalar(select(t.jti).where(t.client == client, t.jti == jti)) is not None


def spend_assertion(connection: Connection, client: str, jti: str, expires_at: datetime) -> None:
    """Remember that an assertion was used; raises IntegrityError where it was before."""
    connection.execute(insert(spent_assertions).values(client=client, jti=jti, expires_at=expires_at))


def is_revoked(connection: Connection, jti: str) -> bool:
    """Whether this access token was revoked."""
    return _REVOKED.one_or_none(connection, {"token": jti}) is not None


def revoke_token(connection: Connection, jti: str, expires_at: datetime) -> bool:
    """Take an access token back; False where it was taken back before."""
    if is_revoked(connection, jti):
        return False
    connection.execute(insert(revoked_tokens).values(jti=jti, expires_at=expires_at))
    return True


def remove_expired(connection: Connection, now: datetime) -> None:
    """Forget what has expired by itself."""
    for table in (spent_assertions, revoked_tokens):
        connection.execute(delete(table).where(table.c.expires_at <= now))
