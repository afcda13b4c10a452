"""Statements that every request makes: compiled once, and sent without what the toolkit does around each.

    _HEAD = Prepared(select(reports).where(reports.c.site == bindparam("site")))
    row = _HEAD.one_or_none(connection, {"site": "nyc-east"})

    _SITE = Prepared(select(sites).where(sites.c.id == bindparam("site")), make=_site)
    site = _SITE.one_or_none(connection, {"site": "nyc-east"})

They are bound to the transaction's reach as all others are, and the same types write and read their values. What the
toolkit does around a statement takes five times as long as SQLite takes to answer it. Where rows are made into things
that never change, equal rows are made once.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Executable, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from store.tenancy import Reach

REACH, GUARD = "crosstally_reach", "crosstally_guard"
"""Execution options of every connection: for whom the transaction runs; who keeps to it where the database can't."""

MOST_MADE = 1024
"""Of how many rows of a statement is remembered what was made of them."""

_SOMEBODY = "the operator of the reach"
"""Stands for an operator in what is compiled once for all of them."""

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
    """A statement as one kind of database takes it: its text, its parameters, and how values are written and read.

    `whose` are the parameters that are the operator of the reach.
    """

    text: str
    fixed: Mapping[str, Any]
    whose: Sequence[str]
    order: Sequence[str] | None
    writers: Mapping[str, Processor]
    row: type | None
    readers: Sequence[tuple[int, Processor]]

    def parameters(self, given: Mapping[str, Any], operator: str | None) -> Sequence | Mapping:
        """As the driver wants them: in order, or by name."""
        values = {**self.fixed, **given}
        for name in self.whose:
            values[name] = operator
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


@dataclass(frozen=True)
class Bare:
    """As much of a connection in a transaction as prepared statements need."""

    dialect: Dialect
    connection: Any
    options: Mapping[str, Any]

    @property
    def info(self) -> dict:
        return self.connection.info

    def get_execution_options(self) -> Mapping[str, Any]:
        return self.options

    def in_transaction(self) -> bool:
        return True


class Prepared:
    """A statement with parameters; raises what the toolkit raises (IntegrityError ...), without their values.

    `make` makes a thing that never changes of a row; else a row is what the toolkit's are, with its columns' names.
    """

    def __init__(self, statement: Executable, make: Callable[[Any], Any] | None = None) -> None:
        self._statement: Any = statement
        self._make = make
        self._made: dict[tuple, Any] = {}

    def all(self, connection: Connection, parameters: Mapping[str, Any]) -> list:
        """Every row, or what is made of it."""
        compiled, cursor = self._send(connection, parameters)
        read = compiled.read if self._make is None else partial(self._thing, compiled)
        return [read(values) for values in cursor.fetchall()]

    def _thing(self, compiled: _Compiled, values: Sequence) -> Any:
        assert self._make is not None
        try:
            return self._made[values]  # type: ignore[index]
        except KeyError:
            if len(self._made) >= MOST_MADE:
                self._made.clear()
            return self._made.setdefault(tuple(values), self._make(compiled.read(values)))
        except TypeError:  # a driver that reads JSON itself
            return self._make(compiled.read(values))

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
        whose = (reach.role, reach.operator is not None) if guard else None
        compiled = _compile(self._statement, dialect, guard, whose, tuple(parameters))
        if guard and not isinstance(self._statement, Select):
            guard.require_own_rows(connection, reach, self._statement, [parameters])
        # The toolkit begins a transaction with a connection's first statement; this one does not pass it.
        assert connection.in_transaction()
        cursor = connection.connection.cursor()
        with as_the_toolkit(dialect, compiled.text):
            cursor.execute(compiled.text, compiled.parameters(parameters, reach.operator))
        return compiled, cursor


@contextmanager
def as_the_toolkit(dialect: Dialect, statement: str) -> Iterator[None]:
    """Raise the errors of the driver as the toolkit raises them."""
    kind = dialect.loaded_dbapi.Error
    try:
        yield
    except kind as error:
        raise DBAPIError.instance(statement, None, error, kind, hide_parameters=True) from error


@lru_cache(maxsize=1024)
def _compile(
    statement: Any, dialect: Dialect, guard: Guard | None, whose: tuple[str, bool] | None, names: tuple[str, ...]
) -> _Compiled:
    """The statement for whoever has the role, for an operator or for none."""
    bound = guard.bound(statement, Reach(whose[0], _SOMEBODY if whose[1] else None)) if guard and whose else statement
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
        whose=[name for name, value in compiled.params.items() if value == _SOMEBODY],
        order=compiled.positiontup,
        writers={name: write for name, write in writers.items() if write},
        row=namedtuple("Row", [column.name for column in columns]) if columns else None,
        readers=[(place, read) for place, read in enumerate(processors) if read],
    )


def _implementation(kind: TypeEngine, dialect: Dialect) -> TypeEngine:
    return kind.dialect_impl(dialect)
