"""Releases and the drafts they come from. A published release never changes: the database refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, delete, insert, select

from domain.periods import Month
from domain.release import PublishedRelease
from store.tables import drafts, release_reports, releases, retractions


@dataclass(frozen=True)
class Draft:
    """A release that is cut and not published yet."""

    id: str
    created_at: datetime


@dataclass(frozen=True)
class ReleaseLine:
    """A release without its manifest, which may be long."""

    id: str
    published_at: datetime
    sha256: str


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


def all_drafts(connection: Connection) -> list[Draft]:
    """Every draft, newest first."""
    query = select(drafts.c.id, drafts.c.created_at).order_by(drafts.c.created_at.desc(), drafts.c.id.desc())
    return [Draft(**row._mapping) for row in connection.execute(query)]


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
    if rows:
        connection.execute(insert(release_reports), rows)


def known_ids(connection: Connection) -> set[str]:
    """The ids of all releases and drafts."""
    return {*connection.scalars(select(drafts.c.id)), *connection.scalars(select(releases.c.id))}


def reports_used(connection: Connection, release: str) -> dict[tuple[str, Month], int]:
    """Which revision of which report a release used, by site and month."""
    rows = connection.execute(select(release_reports).where(release_reports.c.release == release))
    return {(row.site, Month.parse(row.month)): row.revision for row in rows}


def revisions_used(connection: Connection) -> set[tuple[str, Month, int]]:
    """Every (site, month, revision) that any release used."""
    query = select(release_reports.c.site, release_reports.c.month, release_reports.c.revision).distinct()
    return {(row.site, Month.parse(row.month), row.revision) for row in connection.execute(query)}


def latest_release(connection: Connection) -> PublishedRelease | None:
    """The newest release, or None before the first."""
    row = connection.execute(select(releases).order_by(releases.c.number.desc()).limit(1)).one_or_none()
    return _published(row) if row else None


def latest_cut(connection: Connection) -> PublishedRelease | None:
    """The newest release that was cut, retracted or not: the newest that is no retraction. None before the first."""
    cut = select(releases).where(releases.c.id.not_in(select(retractions.c.release)))
    row = connection.execute(cut.order_by(releases.c.number.desc()).limit(1)).one_or_none()
    return _published(row) if row else None


def release_in_force(connection: Connection, moment: datetime) -> PublishedRelease | None:
    """The release that was the newest at this moment, or None before the first."""
    until = select(releases).where(releases.c.published_at <= moment)
    row = connection.execute(until.order_by(releases.c.number.desc()).limit(1)).one_or_none()
    return _published(row) if row else None


def release_by_id(connection: Connection, release: str) -> PublishedRelease | None:
    """One release, or None."""
    row = connection.execute(select(releases).where(releases.c.id == release)).one_or_none()
    return _published(row) if row else None


def all_releases(connection: Connection) -> list[PublishedRelease]:
    """Every release, newest first."""
    return [_published(row) for row in connection.execute(select(releases).order_by(releases.c.number.desc()))]


def release_lines(connection: Connection) -> list[ReleaseLine]:
    """Every release, newest first, without its manifest."""
    query = select(releases.c.id, releases.c.published_at, releases.c.sha256).order_by(releases.c.number.desc())
    return [ReleaseLine(**row._mapping) for row in connection.execute(query)]


def chain_of_ids(connection: Connection) -> list[str]:
    """The ids of all releases, oldest first."""
    return list(connection.scalars(select(releases.c.id).order_by(releases.c.number)))


def _published(row: Row) -> PublishedRelease:
    return PublishedRelease(**row._mapping)
