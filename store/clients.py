"""OAuth clients: who they act for, and the hash of their secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from domain.access import Scope
from store.tables import clients


@dataclass(frozen=True)
class Client:
    """A party that asks for tokens. `operator` is None for the hub's own clients."""

    id: str
    label: str
    secret_sha256: str
    operator: str | None
    sites: frozenset[str]
    scopes: frozenset[Scope]
    expires_at: datetime | None = None
    disabled: bool = False

    def is_good(self, now: datetime) -> bool:
        """Neither disabled nor expired."""
        return not self.disabled and (self.expires_at is None or now < self.expires_at)


def add_client(connection: Connection, client: Client, *, created_at: datetime) -> None:
    """Store a new client."""
    values = {**vars(client), "sites": sorted(client.sites), "scopes": sorted(client.scopes)}
    connection.execute(insert(clients).values(**values, created_at=created_at))


def client_by_id(connection: Connection, client_id: str) -> Client | None:
    """The client, or None."""
    row = connection.execute(select(clients).where(clients.c.id == client_id)).one_or_none()
    if row is None:
        return None
    return Client(
        id=row.id,
        label=row.label,
        secret_sha256=row.secret_sha256,
        operator=row.operator,
        sites=frozenset(row.sites),
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        expires_at=row.expires_at if row.expires_at else None,
        disabled=row.disabled,
    )


def mark_used(connection: Connection, client_id: str, at: datetime) -> None:
    """Remember when the client last got a token."""
    connection.execute(update(clients).where(clients.c.id == client_id).values(last_used_at=at))
