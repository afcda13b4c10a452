"""The database: one engine, and two kinds of transaction, each of which says for whom it runs.

    with database.read(reach) as connection:     a snapshot, nothing is written
    with database.write(reach) as connection:    one transaction, durable when the block ends, or not there at all

    with database.quick_read(reach) ...              the same, for prepared statements alone (`store/prepared.py`):
    with database.quick_write(reach) ...             what every request does, without what the toolkit does around it

There is no other way in, and no reach is the default: `store/tenancy.py` says which there are.

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
from threading import RLock
from typing import cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError

from domain.refusals import NotReady
from store import migrate, sqlite_guard
from store.changes import Changes
from store.prepared import GUARD, REACH, Bare, as_the_toolkit
from store.row_security import guard_tables
from store.tables import metadata
from store.tenancy import MIGRATION, WHOEVER_LOGGED_IN, Reach

PATIENCE = 30_000  # milliseconds that a writer waits for its turn
_SQLITE_PRAGMAS = ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL")
_WRITES = "crosstally_writes"
_TURN = 7_267_823_119  # the advisory lock of the writers; any number, the same in every process

_READING: dict[str, dict] = {
    "sqlite": {GUARD: sqlite_guard},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
# By the codes that PostgreSQL gives: who logged in may not do it, and there is no such role.
_HELP = {
    "42501": "The tables are not of this version; upgrade them as their migrator: crosstally-hub database upgrade.",
    "22023": "The database lacks the hub's roles; let its administrator run what crosstally-hub database roles prints.",
}

guard_tables(metadata)

# A stricter level would take its snapshot before it is the writer's turn.
_WRITING: dict[str, dict] = {"sqlite": {GUARD: sqlite_guard}, "postgresql": {"isolation_level": "READ COMMITTED"}}


class Database:
    """The engine behind one database URL; raises ValueError for a database of another kind."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        kind = address.get_backend_name()
        if kind not in _READING:
            raise ValueError(f"The hub keeps its data in {' or '.join(_READING)}, not in {kind}.")
        self.engine = _sqlite_engine(address) if kind == "sqlite" else _postgresql_engine(address)
        self._reading = _READING[kind]
        self._writing = {_WRITES: True, **_WRITING[kind]}
        self._turn = RLock() if kind == "sqlite" else None
        self.changes = Changes(self.engine)

    def create(self) -> None:
        """Make the tables, or bring them to what this hub needs.

        Raises NotReady where a newer hub made them, and in PostgreSQL where who logged in may not make them.
        """
        with _explained():
            with self.read(WHOEVER_LOGGED_IN) as connection:
                if migrate.is_current(connection):
                    return
            with self._own_turn(), self.engine.connect() as connection, migrate.with_tables_free(connection):
                with connection.execution_options(**{REACH: MIGRATION}, **self._writing).begin():
                    migrate.upgrade(connection)

    def version(self) -> str | None:
        """The version of the tables; None where there are none."""
        with _explained(), self.read(WHOEVER_LOGGED_IN) as connection:
            return migrate.version(connection)

    @contextmanager
    def read(self, reach: Reach) -> Iterator[Connection]:
        """A connection for questions."""
        with self.engine.connect() as connection:
            # It is rolled back when the connection is given back: nothing is kept of what a reader writes.
            connection.execution_options(**{REACH: reach}, **self._reading).begin()
            yield connection

    @contextmanager
    def write(self, reach: Reach) -> Iterator[Connection]:
        """A connection in one transaction: committed when the block ends, rolled back when it raises."""
        with self._own_turn(), self.engine.connect() as connection:
            with connection.execution_options(**{REACH: reach}, **self._writing).begin():
                yield connection

    @contextmanager
    def quick_read(self, reach: Reach) -> Iterator[Connection]:
        """As `read`, for prepared statements alone."""
        with self._bare(reach, "BEGIN") if self._turn else self.read(reach) as connection:
            yield connection

    @contextmanager
    def quick_write(self, reach: Reach) -> Iterator[Connection]:
        """As `write`, for prepared statements alone."""
        if self._turn is None:
            with self.write(reach) as connection:
                yield connection
            return
        with self._own_turn(), self._bare(reach, "BEGIN IMMEDIATE") as connection:
            yield connection
            with as_the_toolkit(connection.dialect, "COMMIT"):
                connection.connection.commit()

    @contextmanager
    def _bare(self, reach: Reach, begin: str) -> Iterator[Connection]:
        """A connection of SQLite in a transaction, which is rolled back unless it was committed."""
        pooled = self.engine.raw_connection()
        try:
            with as_the_toolkit(self.engine.dialect, begin):
                pooled.cursor().execute(begin)
            yield cast(Connection, Bare(self.engine.dialect, pooled, {REACH: reach, **self._reading}))
        finally:
            # It is rolled back when it is given back.
            pooled.close()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        """Wait for the writers of this process: SQLite lets who waits for its lock sleep, this wakes them at once."""
        held = self._turn is not None and self._turn.acquire(timeout=PATIENCE / 1000)
        try:
            yield
        finally:
            if self._turn and held:
                self._turn.release()

    def close(self) -> None:
        """Close every pooled connection."""
        self.changes.close()
        self.engine.dispose()


@contextmanager
def _explained() -> Iterator[None]:
    """Say what an administrator has to do where PostgreSQL lacks the roles, or who logged in has not theirs."""
    try:
        yield
    except DBAPIError as error:
        words = _HELP.get(getattr(error.orig, "sqlstate", None) or "")
        if words is None:
            raise
        raise NotReady(words) from None


def _sqlite_engine(address: URL) -> Engine:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_execute", sqlite_guard.bind_to_reach, retval=True)
    return engine


def _prepare_sqlite(connection: SQLiteConnection, _record: object) -> None:
    # The driver's own habit of opening transactions late is switched off; _begin_sqlite opens them.
    connection.isolation_level = None
    for pragma in (f"busy_timeout = {PATIENCE}", *_SQLITE_PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    begin = "BEGIN IMMEDIATE" if _writes(connection) else "BEGIN"
    with as_the_toolkit(connection.dialect, begin):
        connection.connection.cursor().execute(begin)


def _postgresql_engine(address: URL) -> Engine:
    # The server may have closed a pooled connection meanwhile; it is asked before use.
    engine = create_engine(address, pool_pre_ping=True)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    reach: Reach = connection.get_execution_options()[REACH]
    # Both end with the transaction, however it ends; the role goes last, as it may be one that can't take others.
    connection.execute(
        select(
            func.set_config("app.operator", reach.operator or "", True),
            func.set_config("role", reach.role or "none", True),
        )
    )
    if _writes(connection):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")


def _writes(connection: Connection) -> bool:
    return connection.get_execution_options().get(_WRITES, False)
