"""The secrets and keys by which clients prove who they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from domain.clients import Credential
from store.access_tables import client_credentials


def add_credential(connection: Connection, credential: Credential) -> None:
    """Store a new secret or key of a client."""
    connection.execute(insert(client_credentials).values(**vars(credential)))


def credentials_of(connection: Connection, client: str) -> list[Credential]:
    """The secrets and keys of a client, also those that have ended, oldest first."""
    t = client_credentials.c
    rows = connection.execute(select(client_credentials).where(t.client == client).order_by(t.created_at, t.id))
    return [Credential(**row._mapping) for row in rows]


def remove_credential(connection: Connection, client: str, credential: str) -> bool:
    """Forget a secret or key; False where there is none of this id."""
    return connection.execute(delete(client_credentials).where(*_is(client, credential))).rowcount == 1


def mark_credential_used(connection: Connection, client: str, credential: str, at: datetime) -> None:
    """Remember when a secret or key last proved who its client is."""
    connection.execute(update(client_credentials).where(*_is(client, credential)).values(last_used_at=at))


def _is(client: str, credential: str) -> tuple:
    return client_credentials.c.client == client, client_credentials.c.id == credential
