"""The version of the tables, and the way to the one that this hub needs. The steps are in `migrations`."""

from __future__ import annotations

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
    scripts = ScriptDirectory.from_config(configuration(connection))
    found = version(connection)
    if found not in {None, *(script.revision for script in scripts.walk_revisions())}:
        raise NotReady(f"The tables are of version {found}, which this hub does not know; run a newer one.")
    return found == scripts.get_current_head()


def upgrade(connection: Connection) -> None:
    """Make the tables or bring them to the newest version, in the transaction of the connection."""
    command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "store:migrations")
    return config
