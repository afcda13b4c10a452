"""The audit log: one line per write, each carrying the hash of the one before it (`domain/audit.py`).

A writer sees no line but its operator's own; where the log ends it reads in a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Select, insert, select, update

from domain.audit import FIRST, Head, Line, next_line
from store.tables import audit, audit_head

_COLUMNS = [audit.c[field.name] for field in fields(Line)]


@dataclass(frozen=True)
class AuditFilter:
    """Which lines: of whom, about whose things, of which kind, from one day to another, both included (UTC)."""

    actor: str | None = None
    operator: str | None = None
    action: str | None = None
    first_day: date | None = None
    last_day: date | None = None

    def of(self, query: Select) -> Select:
        """The query, for these lines alone."""
        named = ((audit.c.actor, self.actor), (audit.c.operator, self.operator), (audit.c.action, self.action))
        for column, wanted in named:
            query = query if wanted is None else query.where(column == wanted)
        if self.first_day:
            query = query.where(audit.c.at >= self.first_day.isoformat())
        if self.last_day and self.last_day < date.max:
            query = query.where(audit.c.at < (self.last_day + timedelta(days=1)).isoformat())
        return query


def record(
    connection: Connection, *, at: datetime, actor: str, action: str, subject: str, operator: str | None = None
) -> None:
    """Add a line, in the transaction of the write it speaks of."""
    head = head_of_log(connection)
    line = next_line(head, at=at.isoformat(), actor=actor, action=action, subject=subject, operator=operator)
    connection.execute(insert(audit).values(**vars(line)))
    values = {"number": line.number, "sha256": line.sha256}
    connection.execute(update(audit_head).values(**values) if head else insert(audit_head).values(one=1, **values))


def head_of_log(connection: Connection) -> Head | None:
    """Where the log ends; None before its first line."""
    row = connection.execute(select(audit_head.c.number, audit_head.c.sha256)).one_or_none()
    return Head(*row) if row else None


def last_hash(connection: Connection) -> str:
    """The hash that the next line will continue."""
    head = head_of_log(connection)
    return head.sha256 if head else FIRST


def all_lines(connection: Connection) -> list[Line]:
    """Every line, the first first."""
    return [Line(**row._mapping) for row in connection.execute(select(*_COLUMNS).order_by(audit.c.number))]


def find_lines(connection: Connection, wanted: AuditFilter, *, skip: int, limit: int) -> Sequence[Line]:
    """Some of the wanted lines, the first first. What was skipped stays so: lines are only ever added."""
    query = wanted.of(select(*_COLUMNS)).order_by(audit.c.number).offset(skip).limit(limit)
    return [Line(**row._mapping) for row in connection.execute(query)]


def subjects_of(connection: Connection, action: str) -> set[str]:
    """The things to which this was ever done."""
    return set(connection.scalars(select(audit.c.subject).where(audit.c.action == action)))
