"""Releases and the drafts they come from. A published release never changes: the database refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Row, delete, insert, select

from domain.periods import Month
from domain.release import PublishedRelease
from store.tables import drafts, release_reports, releases


def next_release_id(connection: Connection, day: date) -> str:
    """The day and the number of the release in it, drafts included: `2026-07-01.1`."""
    taken = []
    for table in (drafts, releases):
        found = connection.scalars(select(table.c.id).where(table.c.id.startswith(f"{day}.", autoescape=True)))
        taken += [int(text.rpartition(".")[2]) for text in found]
    return f"{day}.{max(taken, default=0) + 1}"


def add_draft(connection: Connection, release: str, content: dict, created_at: datetime) -> None:
    """Keep a release that is cut and not published yet."""
    connection.execute(insert(drafts).values(id=release, content=content, created_at=created_at))


def draft_by_id(connection: Connection, release: str) -> dict | None:
    """What was kept of a draft, or None."""
    return connection.scalar(select(drafts.c.content).where(drafts.c.id == release))


def remove_draft(connection: Connection, release: str) -> None:
    """Forget a draft."""
    connection.execute(delete(drafts).where(drafts.c.id == release))


def add_release(connection: Connection, release: PublishedRelease, used: Mapping[tuple[str, Month], int]) -> None:
    """Publish, for good; `used` maps site and month to the revision that the release used.

    The database refuses a second release with the same place in the chain.
    """
    connection.execute(insert(releases).values(**vars(release)))
    rows = [
        {"release": release.id, "site": site, "month": str(month), "revision": revision}
        for (site, month), revision in used.items()
    ]
    connection.execute(insert(release_reports), rows)


def revisions_used(connection: Connection) -> set[tuple[str, Month, int]]:
    """Every (site, month, revision) that any release used."""
    query = select(release_reports.c.site, release_reports.c.month, release_reports.c.revision).distinct()
    return {(row.site, Month.parse(row.month), row.revision) for row in connection.execute(query)}


def latest_release(connection: Connection) -> PublishedRelease | None:
    """The newest release, or None before the first."""
    row = connection.execute(select(releases).order_by(releases.c.number.desc()).limit(1)).one_or_none()
    return _published(row) if row else None


def release_by_id(connection: Connection, release: str) -> PublishedRelease | None:
    """One release, or None."""
    row = connection.execute(select(releases).where(releases.c.id == release)).one_or_none()
    return _published(row) if row else None


def all_releases(connection: Connection) -> list[PublishedRelease]:
    """Every release, newest first."""
    return [_published(row) for row in connection.execute(select(releases).order_by(releases.c.number.desc()))]


def _published(row: Row) -> PublishedRelease:
    return PublishedRelease(**row._mapping)
