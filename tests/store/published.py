"""A release in the tables, without the work of cutting one."""

from sqlalchemy import Connection

from domain.release import PublishedRelease
from store.releases import Use, add_release
from tests.builders import MAY, NOON


def publish(connection: Connection, number: int, name: str | None = None) -> PublishedRelease:
    """Publish the first revision of nyc-east's May as release `number`."""
    release = PublishedRelease(number, name or f"2026-07-15.{number}", b"{}", "0" * 64, NOON)
    add_release(connection, release, [Use("nyc-east", MAY, 1, {"ems_calls": 1})])
    return release
