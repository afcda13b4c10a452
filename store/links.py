"""Single-use links for choosing a password, by the hash of what is secret in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from store.people_tables import links


def replace_link(
    connection: Connection, person: str, sha256: str, *, created_at: datetime, expires_at: datetime
) -> None:
    """Give the person this link; earlier ones end."""
    remove_links_of(connection, person)
    values = {"sha256": sha256, "person": person, "created_at": created_at, "expires_at": expires_at}
    connection.execute(insert(links).values(**values))


def person_of_link(connection: Connection, sha256: str, now: datetime) -> str | None:
    """Whose link this is; None where there is none, or no longer."""
    return connection.scalar(select(links.c.person).where(links.c.sha256 == sha256, links.c.expires_at > now))


def remove_links_of(connection: Connection, person: str) -> None:
    """End the links of the person."""
    connection.execute(delete(links).where(links.c.person == person))
