"""The rules of `store/tenancy.py` for SQLite, which has neither roles nor policies of its own.

Every statement passes here before it is sent, whoever wrote it. What its role may not do is refused; where it runs
for an operator each guarded table stands for the operator's own rows, wherever in the statement it is named; and
new rows must be the operator's own. SQL as plain text can't be bound to anybody, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    TableClause,
    TextClause,
    Update,
    bindparam,
    literal,
    select,
)
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import AliasedReturnsRows, SelectBase
from sqlalchemy.sql.util import ClauseAdapter

from store.people_tables import users
from store.prepared import REACH, Prepared
from store.tables import clients, sites
from store.tenancy import APP, OWNER, RULES, Guard, Reach

VERBS: Mapping[type[UpdateBase], str] = {Insert: "INSERT", Update: "UPDATE", Delete: "DELETE"}

_IS_OPERATORS = {
    key: Prepared(select(table.c.id).where(table.c.id == bindparam("named"), table.c.operator == bindparam("whose")))
    for key, table in {"site": sites, "client": clients, "person": users}.items()
}
_KNOWN = "crosstally_sites"


class NotAllowed(Exception):
    """The transaction runs for somebody who may not do this: a bug of the hub's, as it is in PostgreSQL."""


def bind_to_reach(
    connection: Connection, statement: ClauseElement, many: Sequence[Mapping], one: Mapping, _options: Mapping
) -> tuple[ClauseElement, Sequence[Mapping], Mapping]:
    """The statement as the transaction may make it; raises NotAllowed. Called by the engine before each."""
    reach: Reach = connection.get_execution_options()[REACH]
    allowed = bound(statement, reach)
    if isinstance(statement, UpdateBase):
        require_own_rows(connection, reach, statement, [*many, one])
    return allowed, many, one


def bound(statement: ClauseElement, reach: Reach) -> ClauseElement:
    """The statement as whoever has this reach may make it, whatever its parameters are; raises NotAllowed."""
    if reach.role == OWNER:
        return statement
    _require_plain(statement)
    if isinstance(statement, SelectBase):
        _require_readable(reach, statement, _tables(statement))
        return _own_rows_alone(reach, statement)
    if isinstance(statement, UpdateBase):
        return _bound_write(reach, statement)
    raise NotAllowed("SQL as plain text can't be bound to an operator.")


def _require_plain(statement: ClauseElement) -> None:
    """Raise NotAllowed for what could name a table without naming it."""
    for part in visitors.iterate(statement):
        is_text = isinstance(part, TextClause) or (
            isinstance(part, ColumnClause) and part.is_literal and str(part) != "*"
        )
        if is_text or (isinstance(part, TableClause) and not isinstance(part, Table)):
            raise NotAllowed("SQL as plain text can't be bound to an operator.")
        if isinstance(part, AliasedReturnsRows) and isinstance(part.element, Table):
            raise NotAllowed("A table under another name can't be bound to an operator.")


def _tables(statement: ClauseElement) -> set[Table]:
    return {part for part in visitors.iterate(statement) if isinstance(part, Table)}


def _require(reach: Reach, verb: str, table: Table) -> Sequence[str]:
    """The columns to which the verb is limited; raises NotAllowed."""
    if table.name == "alembic_version" and verb == "SELECT":
        return ()
    privileges = RULES[table].grants.get(reach.role, {})
    if verb not in privileges:
        raise NotAllowed(f"{reach.role or 'nobody'} has no {verb} on {table}.")
    return privileges[verb]


def _columns_read(statement: ClauseElement) -> Iterator[ColumnElement]:
    """Every column that a statement names or answers, at any depth."""
    for part in visitors.iterate(statement):
        if isinstance(part, ColumnElement):
            yield part
        elif isinstance(part, Select):
            for column in part.selected_columns:
                yield from (named for named in visitors.iterate(column) if isinstance(named, ColumnElement))


def _require_readable(reach: Reach, statement: ClauseElement, tables: Iterable[Table]) -> None:
    columns = set(_columns_read(statement))
    for table in tables:
        allowed = _require(reach, "SELECT", table)
        read = {c.name for c in columns if isinstance(c, ColumnClause) and (c.table is table or c.is_literal)}
        if allowed and not read <= set(allowed):
            raise NotAllowed(f"{reach.role} reads no more of {table} than {', '.join(allowed)}.")


def _guards(reach: Reach, tables: Iterable[Table]) -> Iterator[tuple[Table, Guard]]:
    """The tables of which the reach has only the rows of its operator."""
    for table in tables:
        rule = RULES.get(table)
        if reach.role == APP and isinstance(rule, Guard):
            yield table, rule


def _own_rows_alone(reach: Reach, statement: Any) -> Any:
    for table, guard in _guards(reach, _tables(statement)):
        own = select(table).where(guard.own(table, literal(reach.operator))).subquery(table.name)
        statement = ClauseAdapter(own).traverse(statement)
    return statement


def _bound_write(reach: Reach, statement: Any) -> Any:
    table = statement.table
    allowed = _require(reach, next(verb for kind, verb in VERBS.items() if isinstance(statement, kind)), table)
    if allowed and not _columns(statement) <= set(allowed):
        raise NotAllowed(f"{reach.role} changes no more of {table} than {', '.join(allowed)}.")
    others = _tables(statement) - {table}
    _require_readable(reach, statement, others)
    if dict(_guards(reach, others)):
        raise NotAllowed("A write that reads other guarded tables can't be bound; read them first.")
    for _, guard in _guards(reach, [table]):
        if not isinstance(statement, Insert):
            statement = statement.where(guard.own(table, literal(reach.operator)))
    return statement


def require_own_rows(connection: Connection, reach: Reach, statement: Any, rows: Iterable[Mapping]) -> None:
    """Raise NotAllowed where the statement makes a row that is not the operator's."""
    for _, guard in _guards(reach, [statement.table]):
        _require_own(connection, reach, guard, _new_values(statement, guard, rows))


def _columns(statement: Any) -> set[str]:
    """The columns that an update sets."""
    return {getattr(column, "name", column) for column in statement._values or {}}


def _new_values(statement: Any, guard: Guard, rows: Iterable[Mapping]) -> set[str | None]:
    """Whose rows the statement makes."""
    if isinstance(statement, Delete):
        return set()
    if isinstance(statement, Insert) and (statement.select is not None or statement._multi_values):
        raise NotAllowed("A guarded table takes new rows as parameters alone.")
    told = {**(statement._values or {})}
    fixed = [value.value for column, value in told.items() if getattr(column, "name", column) == guard.key]
    found = {*fixed, *(row[guard.key] for row in rows if guard.key in row)}
    return found or ({None} if isinstance(statement, Insert) else set())


def _require_own(connection: Connection, reach: Reach, guard: Guard, values: set[str | None]) -> None:
    if guard.key == "operator":
        is_own = values <= ({reach.operator} if reach.operator or guard.takes_nobodys else set())
    else:
        is_own = all(_is_operators(connection, guard.key or "", value, reach.operator) for value in values)
    if not is_own:
        raise NotAllowed(f"A row of another {guard.key} than the transaction runs for.")


def _is_operators(connection: Connection, key: str, named: str | None, operator: str | None) -> bool:
    """Whether a site, client or person is the operator's. Whose a site is never changes, and is asked once."""
    known: set = connection.info.setdefault(_KNOWN, set()) if key == "site" else set()
    if (named, operator) not in known:
        if not _IS_OPERATORS[key].all(connection, {"named": named, "whose": operator}):
            return False
        known.add((named, operator))
    return True
