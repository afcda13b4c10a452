"""Retractions: which release took which one back. They are written once, as the releases are."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from domain.retraction import Retraction
from store.tables import releases, retractions


def add_retraction(connection: Connection, retraction: Retraction) -> None:
    """Keep a retraction, whose own release is there; the database refuses a second one of the same release."""
    connection.execute(insert(retractions).values(**vars(retraction)))


def all_retractions(connection: Connection) -> dict[str, Retraction]:
    """Every retraction by the id of its own release, oldest first."""
    query = select(retractions).join(releases, releases.c.id == retractions.c.release).order_by(releases.c.number)
    return {row.release: Retraction(**row._mapping) for row in connection.execute(query)}
