"""What people let clients do in their name, and the codes and refresh tokens that come from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from domain.access import Scope
from store.access_tables import authorization_codes, grants, refresh_tokens
from store.prepared import Prepared


@dataclass(frozen=True)
class GivenGrant:
    """One consent: `person` is the id of a principal. Everything that comes from it ends with it."""

    id: str
    client: str
    person: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True)
class Code:
    """An authorization code: known by its hash, redeemed once."""

    sha256: str
    grant_id: str
    redirect_uri: str
    challenge: str
    expires_at: datetime
    redeemed_at: datetime | None = None


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token: known by its hash, used once."""

    sha256: str
    grant_id: str
    expires_at: datetime
    used_at: datetime | None = None


def add_grant(connection: Connection, grant: GivenGrant) -> None:
    """Store a new grant."""
    connection.execute(insert(grants).values(**{**vars(grant), "scopes": sorted(grant.scopes)}))


def grant_by_id(connection: Connection, grant_id: str) -> GivenGrant | None:
    """The grant, or None."""
    return _GRANT.one_or_none(connection, {"grant": grant_id})


def revoke_grant(connection: Connection, grant_id: str, at: datetime) -> bool:
    """End a grant and all that comes from it; False where it had ended so before."""
    still = (grants.c.id == grant_id, grants.c.revoked_at.is_(None))
    return connection.execute(update(grants).where(*still).values(revoked_at=at)).rowcount == 1


def revoke_grants_of(connection: Connection, person: str, at: datetime) -> None:
    """End every grant of a person, by the id of their principal."""
    still = (grants.c.person == person, grants.c.revoked_at.is_(None))
    connection.execute(update(grants).where(*still).values(revoked_at=at))


def add_code(connection: Connection, code: Code) -> None:
    """Store a new code."""
    connection.execute(insert(authorization_codes).values(**vars(code)))


def code_by_hash(connection: Connection, sha256: str) -> Code | None:
    """The code, or None."""
    row = connection.execute(select(authorization_codes).where(authorization_codes.c.sha256 == sha256)).one_or_none()
    return Code(**row._mapping) if row else None


def redeem(connection: Connection, sha256: str, at: datetime) -> bool:
    """Mark a code as redeemed; False where it was already."""
    t = authorization_codes.c
    unused = (t.sha256 == sha256, t.redeemed_at.is_(None))
    return connection.execute(update(authorization_codes).where(*unused).values(redeemed_at=at)).rowcount == 1


def add_refresh_token(connection: Connection, token: RefreshToken) -> None:
    """Store a new refresh token."""
    connection.execute(insert(refresh_tokens).values(**vars(token)))


def refresh_token_by_hash(connection: Connection, sha256: str) -> RefreshToken | None:
    """The refresh token, or None."""
    row = connection.execute(select(refresh_tokens).where(refresh_tokens.c.sha256 == sha256)).one_or_none()
    return RefreshToken(**row._mapping) if row else None


def use_refresh_token(connection: Connection, sha256: str, at: datetime) -> bool:
    """Mark a refresh token as used; False where it was already."""
    t = refresh_tokens.c
    unused = (t.sha256 == sha256, t.used_at.is_(None))
    return connection.execute(update(refresh_tokens).where(*unused).values(used_at=at)).rowcount == 1


def remove_ended(connection: Connection, now: datetime) -> None:
    """Forget what is over: grants with all that came from them, codes that nobody redeemed, refresh tokens.

    A code that was redeemed stays as long as its grant, so that a replay is seen as one.
    """
    codes, tokens = authorization_codes.c, refresh_tokens.c
    connection.execute(delete(grants).where(grants.c.expires_at <= now))
    connection.execute(delete(authorization_codes).where(codes.expires_at <= now, codes.redeemed_at.is_(None)))
    connection.execute(delete(refresh_tokens).where(tokens.expires_at <= now))


def _given(row: Any) -> GivenGrant:
    return GivenGrant(**{**row._asdict(), "scopes": frozenset(map(Scope, row.scopes))})


_GRANT = Prepared(select(grants).where(grants.c.id == bindparam("grant")), make=_given)
