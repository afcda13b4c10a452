"""How often somebody guessed wrong, by the hash of what was guessed at and of where the guess came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from store.people_tables import failures


@dataclass(frozen=True)
class Failures:
    """So many in a row, the last one then."""

    number: int
    last_at: datetime


def failures_at(connection: Connection, sha256: str) -> Failures | None:
    """The failures so far, if any."""
    row = connection.execute(
        select(failures.c.number, failures.c.last_at).where(failures.c.sha256 == sha256)
    ).one_or_none()
    return Failures(**row._mapping) if row else None


def set_failures(connection: Connection, sha256: str, number: int, at: datetime) -> None:
    """Remember that there were so many."""
    forget_failures(connection, sha256)
    connection.execute(insert(failures).values(sha256=sha256, number=number, last_at=at))


def take_back_failure(connection: Connection, sha256: str) -> None:
    """Remember one less: what was counted turned out right."""
    counted = (failures.c.sha256 == sha256) & (failures.c.number > 0)
    connection.execute(update(failures).where(counted).values(number=failures.c.number - 1))


def forget_failures(connection: Connection, sha256: str) -> None:
    """Start counting again."""
    connection.execute(delete(failures).where(failures.c.sha256 == sha256))


def forget_failures_before(connection: Connection, moment: datetime) -> None:
    """Forget those who last failed before this moment."""
    connection.execute(delete(failures).where(failures.c.last_at < moment))
