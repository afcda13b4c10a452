"""What begins in one request and ends in another: kept for minutes, and handed out once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from store.people_tables import ceremonies


def begin_ceremony(
    connection: Connection, sha256: str, content: dict[str, Any], *, now: datetime, expires_at: datetime
) -> None:
    """Keep the content under this hash, instead of what was there; and forget what nobody came back for."""
    connection.execute(delete(ceremonies).where((ceremonies.c.sha256 == sha256) | (ceremonies.c.expires_at <= now)))
    connection.execute(insert(ceremonies).values(sha256=sha256, content=content, expires_at=expires_at))


def look_at_ceremony(connection: Connection, sha256: str, now: datetime) -> dict[str, Any] | None:
    """What was kept under the hash, which stays; None where there is nothing, or no longer."""
    fresh = (ceremonies.c.sha256 == sha256) & (ceremonies.c.expires_at > now)
    return connection.scalar(select(ceremonies.c.content).where(fresh))


def end_ceremony(connection: Connection, sha256: str, now: datetime) -> dict[str, Any] | None:
    """What was kept under the hash, once; None where there is nothing, or no longer."""
    content = look_at_ceremony(connection, sha256, now)
    connection.execute(delete(ceremonies).where(ceremonies.c.sha256 == sha256))
    return content
