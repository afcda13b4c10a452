"""The audit log: one line per write, each carrying the hash of the one before it (`domain/audit.py`).

A writer sees no line but its operator's own; where the log ends it reads in a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Select, func, insert, select, update

from domain.audit import FIRST, AuditFilter, Head, Line, next_line
from store.prepared import Prepared
from store.tables import audit, audit_head

_HEAD = Prepared(select(audit_head.c.number, audit_head.c.sha256))
_ADD_HEAD = Prepared(insert(audit_head))
_MOVE_HEAD = Prepared(update(audit_head))
_ADD_LINE = Prepared(insert(audit))
_COLUMNS = [audit.c[field.name] for field in fields(Line)]


def record(
    connection: Connection, *, at: datetime, actor: str, action: str, subject: str, operator: str | None = None
) -> None:
    """Add a line, in the transaction of the write it speaks of."""
    head = head_of_log(connection)
    line = next_line(head, at=at.isoformat(), actor=actor, action=action, subject=subject, operator=operator)
    _ADD_LINE.run(connection, vars(line))
    (_MOVE_HEAD if head else _ADD_HEAD).run(connection, {"one": 1, "number": line.number, "sha256": line.sha256})


def head_of_log(connection: Connection) -> Head | None:
    """Where the log ends; None before its first line."""
    row = _HEAD.one_or_none(connection, {})
    return Head(*row) if row else None


def last_hash(connection: Connection) -> str:
    """The hash that the next line will continue."""
    head = head_of_log(connection)
    return head.sha256 if head else FIRST


def all_lines(connection: Connection) -> list[Line]:
    """Every line, the first first."""
    return [Line(**row._mapping) for row in connection.execute(select(*_COLUMNS).order_by(audit.c.number))]


def count_lines(connection: Connection, wanted: AuditFilter) -> int:
    """How many lines are wanted."""
    return connection.scalar(_only(wanted, select(func.count(audit.c.number)))) or 0


def find_lines(connection: Connection, wanted: AuditFilter, *, skip: int, limit: int) -> Sequence[Line]:
    """Some of the wanted lines, the first first. What was skipped stays so: lines are only ever added."""
    query = _only(wanted, select(*_COLUMNS)).order_by(audit.c.number).offset(skip).limit(limit)
    return [Line(**row._mapping) for row in connection.execute(query)]


def subjects_of(connection: Connection, action: str) -> set[str]:
    """The things to which this was ever done."""
    return set(connection.scalars(select(audit.c.subject).where(audit.c.action == action)))


def _only(wanted: AuditFilter, query: Select) -> Select:
    named = ((audit.c.actor, wanted.actor), (audit.c.operator, wanted.operator), (audit.c.action, wanted.action))
    for column, value in named:
        query = query if value is None else query.where(column == value)
    if wanted.first_day:
        query = query.where(audit.c.at >= wanted.first_day.isoformat())
    if wanted.last_day and wanted.last_day < date.max:
        query = query.where(audit.c.at < (wanted.last_day + timedelta(days=1)).isoformat())
    return query
