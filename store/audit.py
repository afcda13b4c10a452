"""The audit log: one line per write, each carrying the hash of the one before it.

A line says who did what to which thing; never a count, never a secret.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from domain.canonical import canonical_json, sha256_of
from store.tables import audit

FIRST = "0" * 64


def record(connection: Connection, *, at: datetime, actor: str, action: str, subject: str) -> None:
    """Add a line, in the transaction of the write it speaks of."""
    last = connection.execute(select(audit).order_by(audit.c.number.desc()).limit(1)).one_or_none()
    line = {"number": last.number + 1 if last else 1, "at": at.isoformat(), "actor": actor, "action": action}
    line["subject"] = subject
    connection.execute(insert(audit).values(**line, sha256=_digest(last.sha256 if last else FIRST, line)))


def first_broken_line(connection: Connection) -> int | None:
    """The number of the first line that was altered, moved or removed; None when the chain holds."""
    previous = FIRST
    for expected, row in enumerate(connection.execute(select(audit).order_by(audit.c.number)), start=1):
        line = {name: value for name, value in row._mapping.items() if name != "sha256"}
        if row.number != expected or row.sha256 != _digest(previous, line):
            return expected
        previous = row.sha256
    return None


def subjects_of(connection: Connection, action: str) -> set[str]:
    """The things to which this was ever done."""
    return set(connection.scalars(select(audit.c.subject).where(audit.c.action == action)))


def _digest(previous: str, line: dict) -> str:
    return sha256_of(previous.encode() + canonical_json(line))
