"""The version of the tables, and the way to the one that this hub needs. The steps are in `migrations`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from domain.refusals import NotReady


def version(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(connection: Connection) -> bool:
    """Whether the tables are what this hub needs; raises NotReady where a newer hub made them."""
    known = _versions()
    found = version(connection)
    if found not in (None, *known):
        raise NotReady(f"The tables are of version {found}, which this hub does not know; run a newer one.")
    return found == known[0]


def upgrade(connection: Connection) -> None:
    """Make the tables or bring them to the newest version, in the transaction of the connection."""
    command.upgrade(configuration(connection), "head")
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if lost:
            raise RuntimeError(f"A row of {lost[0]} would refer to one of {lost[2]} that is not there.")


@contextmanager
def with_tables_free(connection: Connection) -> Iterator[None]:
    """Let migrations change tables that others refer to, on a connection on which no transaction has begun yet.

    SQLite changes a table by dropping it for a new one, which it does not do while rows refer to it; within a
    transaction it does not look away. `upgrade` looks at all references when it is done.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys = ON")


@cache
def _versions() -> tuple[str, ...]:
    """Every version of the tables that this hub knows, the newest first. To read the steps takes longer than to ask."""
    return tuple(script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def configuration(connection: Connection | None = None) -> Config:
    """What Alembic's commands need, to work on this connection where there is one."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    return config
