"""Releases and the drafts they come from. A published release never changes: the database refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, delete, insert, select

from domain.periods import Month
from domain.release import PublishedRelease
from store.tables import drafts, explanations, release_counts, release_reports, releases, retractions


@dataclass(frozen=True)
class Draft:
    """A release that is cut and not published yet."""

    id: str
    created_at: datetime


@dataclass(frozen=True)
class Use:
    """How a release used a report: a revision, and for some indicators the counts of an earlier one."""

    site: str
    month: Month
    revision: int
    counted_in: Mapping[str, int]


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


def add_explanation(connection: Connection, release: str, content: bytes) -> None:
    """Keep why a draft hides what it hides."""
    connection.execute(insert(explanations).values(release=release, content=content))


def explanation_of(connection: Connection, release: str) -> bytes | None:
    """Why a release or a draft hides what it hides, or None."""
    return connection.scalar(select(explanations.c.content).where(explanations.c.release == release))


def remove_explanation(connection: Connection, release: str) -> None:
    """Forget why a draft hid what it hid."""
    connection.execute(delete(explanations).where(explanations.c.release == release))


def add_release(connection: Connection, release: PublishedRelease, used: Sequence[Use]) -> None:
    """Publish, for good; `used` says how the release used each report.

    The database refuses a second release with the same place in the chain.
    """
    connection.execute(insert(releases).values(**vars(release)))
    rows = [{"release": release.id, "site": u.site, "month": str(u.month), "revision": u.revision} for u in used]
    kept = [
        {"release": release.id, "site": u.site, "month": str(u.month), "indicator": indicator, "revision": number}
        for u in used
        for indicator, number in u.counted_in.items()
    ]
    for table, values in ((release_reports, rows), (release_counts, kept)):
        if values:
            connection.execute(insert(table), values)


def known_ids(connection: Connection) -> set[str]:
    """The ids of all releases and drafts."""
    return {*connection.scalars(select(drafts.c.id)), *connection.scalars(select(releases.c.id))}


def reports_used(connection: Connection, release: str) -> list[Use]:
    """How a release used each report, by site and month."""
    kept: dict[tuple[str, str], dict[str, int]] = {}
    for row in connection.execute(select(release_counts).where(release_counts.c.release == release)):
        kept.setdefault((row.site, row.month), {})[row.indicator] = row.revision
    query = select(release_reports).where(release_reports.c.release == release)
    rows = connection.execute(query.order_by(release_reports.c.site, release_reports.c.month))
    return [Use(row.site, Month.parse(row.month), row.revision, kept.get((row.site, row.month), {})) for row in rows]


def all_cuts(connection: Connection) -> list[PublishedRelease]:
    """Every release that was cut, retracted or not, the oldest first: all but retractions, which tell nothing new."""
    cut = select(releases).where(releases.c.id.not_in(select(retractions.c.release)))
    return [_published(row) for row in connection.execute(cut.order_by(releases.c.number))]


def latest_release(connection: Connection) -> PublishedRelease | None:
    """The newest release, or None before the first."""
    row = connection.execute(select(releases).order_by(releases.c.number.desc()).limit(1)).one_or_none()
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
