"""Statements that every request makes: compiled once, and sent without what the toolkit does around each.

    _HEAD = Prepared(select(reports).where(reports.c.site == bindparam("site")))
    row = _HEAD.one_or_none(connection, {"site": "nyc-east"})

They are bound to the transaction's reach as all others are, and the same types write and read their values. What the
toolkit does around a statement takes five times as long as SQLite takes to answer it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Executable, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from store.tenancy import Reach

REACH, GUARD = "crosstally_reach", "crosstally_guard"
"""Execution options of every connection: for whom the transaction runs; who keeps to it where the database can't."""

Processor = Callable[[Any], Any]


class Guard(Protocol):
    """What binds statements to a reach for a database that has no roles of its own."""

    def bound(self, statement: ClauseElement, reach: Reach) -> ClauseElement:
        """The statement as whoever has this reach may make it, whatever its parameters are."""

    def require_own_rows(
        self, connection: Connection, reach: Reach, statement: ClauseElement, rows: Iterable[Mapping]
    ) -> None:
        """Raise where the statement makes a row that is not the operator's."""


@dataclass(frozen=True)
class _Compiled:
    """A statement as one kind of database takes it: its text, its parameters, and how values are written and read."""

    text: str
    fixed: Mapping[str, Any]
    order: Sequence[str] | None
    writers: Mapping[str, Processor]
    row: type | None
    readers: Sequence[tuple[int, Processor]]

    def parameters(self, given: Mapping[str, Any]) -> Sequence | Mapping:
        """As the driver wants them: in order, or by name."""
        values = {**self.fixed, **given}
        for name, write in self.writers.items():
            values[name] = write(values[name])
        return values if self.order is None else [values[name] for name in self.order]

    def read(self, values: Sequence) -> Any:
        """The row of these values, by the names of its columns."""
        told = list(values)
        for place, read in self.readers:
            told[place] = read(told[place])
        assert self.row is not None, "only what selects has rows"
        return self.row(*told)


class Prepared:
    """A statement with parameters; raises what the toolkit raises (IntegrityError ...), without their values."""

    def __init__(self, statement: Executable) -> None:
        self._statement: Any = statement

    def all(self, connection: Connection, parameters: Mapping[str, Any]) -> list:
        """Every row: attributes by the names of the columns."""
        compiled, cursor = self._send(connection, parameters)
        return [compiled.read(values) for values in cursor.fetchall()]

    def one_or_none(self, connection: Connection, parameters: Mapping[str, Any]) -> Any:
        """The row, if there is one; there is never more than one."""
        rows = self.all(connection, parameters)
        assert len(rows) <= 1, "the statement names a key"
        return rows[0] if rows else None

    def run(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Write; answers how many rows that changed or added."""
        return self._send(connection, parameters)[1].rowcount

    def _send(self, connection: Connection, parameters: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        options = connection.get_execution_options()
        reach, guard = options[REACH], options.get(GUARD)
        dialect = connection.dialect
        compiled = _compile(self._statement, dialect, guard, reach if guard else None, tuple(parameters))
        if guard and not isinstance(self._statement, Select):
            guard.require_own_rows(connection, reach, self._statement, [parameters])
        # The toolkit begins a transaction with a connection's first statement; this one does not pass it.
        assert connection.in_transaction()
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.text, compiled.parameters(parameters))
        except dialect.loaded_dbapi.Error as error:
            failure = DBAPIError.instance(compiled.text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True)
            raise failure from error
        return compiled, cursor


# Some ten statements for each of hundreds of operators.
@lru_cache(maxsize=8192)
def _compile(
    statement: Any, dialect: Dialect, guard: Guard | None, reach: Reach | None, names: tuple[str, ...]
) -> _Compiled:
    bound = guard.bound(statement, reach) if guard and reach else statement
    compiled: Any = bound.compile(dialect=dialect, column_keys=list(names))
    columns = list(bound.selected_columns) if isinstance(bound, Select) else []
    processors = [_implementation(column.type, dialect).result_processor(dialect, None) for column in columns]
    writers = {
        name: _implementation(parameter.type, dialect).bind_processor(dialect)
        for name, parameter in compiled.binds.items()
    }
    return _Compiled(
        text=str(compiled),
        fixed=compiled.params,
        order=compiled.positiontup,
        writers={name: write for name, write in writers.items() if write},
        row=namedtuple("Row", [column.name for column in columns]) if columns else None,
        readers=[(place, read) for place, read in enumerate(processors) if read],
    )


def _implementation(kind: TypeEngine, dialect: Dialect) -> TypeEngine:
    return kind.dialect_impl(dialect)
