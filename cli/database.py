"""crosstally-hub database."""

from __future__ import annotations

from contextlib import closing

import click
from sqlalchemy.exc import OperationalError

from domain.settings import Settings
from store.database import Database
from store.roles import roles_sql


@click.group()
def database() -> None:
    """The tables behind the hub."""


@database.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Make the tables, or bring them to what this version of the hub needs.

    The hub does so by itself when it starts. Run it beforehand where that is to be a step of its own. What has
    been stored stays, and where nothing is to be done nothing is.
    """
    try:
        with closing(Database(settings.database_url)) as hub:
            before = hub.version()
            hub.create()
            click.echo(f"tables of version {hub.version()}, before: {before or 'none'}")
    except OperationalError as error:
        raise click.ClickException(f"The database does not answer: {error.orig}") from None


@database.command()
def roles() -> None:
    """Print the SQL that makes the roles of a hub on PostgreSQL, for the administrator of the server.

    It is run once in the hub's database before the first upgrade, and again before an upgrade that says so. The
    roles own the tables, change them, serve, and read for one purpose each; none of them is a superuser.
    """
    click.echo(roles_sql(), nl=False)
