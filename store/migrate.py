"""The version of the tables, and the way to the one that this hub needs. The steps are in `migrations`."""

from __future__ import annotations

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


@cache
def _versions() -> tuple[str, ...]:
    """Every version of the tables that this hub knows, the newest first. To read the steps takes longer than to ask."""
    return tuple(script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def configuration(connection: Connection | None = None) -> Config:
    """What Alembic's commands need, to work on this connection where there is one."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    return config
