"""The database: one engine, and two kinds of transaction.

    with database.read() as connection:     a snapshot, nothing is written
    with database.write() as connection:    one transaction, durable when the block ends, or not there at all

Writers take turns, on both databases: a write waits at its beginning until no other one is under way, and so
what it reads stands until it ends. Each ends in a line of the audit log, which continues the line before it,
and could not be written beside another anyway. SQLite takes its one lock (BEGIN IMMEDIATE); PostgreSQL is
asked for an advisory lock, which ends with the transaction. Readers wait for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from store import migrate

PATIENCE = 30_000  # milliseconds that a writer waits for its turn
_SQLITE_PRAGMAS = ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL")
_TURN = 7_267_823_119  # the advisory lock of the writers; any number, the same in every process

_READING: dict[str, dict] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
# A stricter level would take its snapshot before it is the writer's turn.
_WRITING: dict[str, dict] = {"sqlite": {}, "postgresql": {"isolation_level": "READ COMMITTED"}}


class Database:
    """The engine behind one database URL; raises ValueError for a database of another kind."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        kind = address.get_backend_name()
        if kind not in _READING:
            raise ValueError(f"The hub keeps its data in {' or '.join(_READING)}, not in {kind}.")
        self.engine = _sqlite_engine(address) if kind == "sqlite" else _postgresql_engine(address)
        self._reader = self.engine.execution_options(**_READING[kind])
        self._writer = self.engine.execution_options(crosstally_writes=True, **_WRITING[kind])

    def create(self) -> None:
        """Make the tables, or bring them to what this hub needs; raises NotReady where a newer one made them."""
        with self.read() as connection:
            if migrate.is_current(connection):
                return
        with self.write() as connection:
            migrate.upgrade(connection)

    def version(self) -> str | None:
        """The version of the tables; None where there are none."""
        with self.read() as connection:
            return migrate.version(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for questions."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one transaction: committed when the block ends, rolled back when it raises."""
        with self._writer.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _sqlite_engine(address: URL) -> Engine:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SQLiteConnection, _record: object) -> None:
    # The driver's own habit of opening transactions late is switched off; _begin_sqlite opens them.
    connection.isolation_level = None
    for pragma in (f"busy_timeout = {PATIENCE}", *_SQLITE_PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _postgresql_engine(address: URL) -> Engine:
    # The server may have closed a pooled connection meanwhile; it is asked before use.
    engine = create_engine(address, pool_pre_ping=True)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    if _writes(connection):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")


def _writes(connection: Connection) -> bool:
    return connection.get_execution_options().get("crosstally_writes", False)
