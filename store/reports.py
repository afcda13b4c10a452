"""Reports: the head of each site-month, its revisions and their reviews."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, bindparam, insert, select, update

from domain.periods import Month
from store.base import kept
from store.tables import reports, reviews, revisions, sites

_HEAD = kept(select(reports).where(reports.c.site == bindparam("site"), reports.c.month == bindparam("month")))
_ADD_HEAD = kept(insert(reports))
_ADD_REVISION = kept(insert(revisions))
_REVISION = kept(
    select(revisions).where(
        revisions.c.site == bindparam("site"),
        revisions.c.month == bindparam("month"),
        revisions.c.number == bindparam("number"),
    )
)

# The column holds no larger number, and SQLite's driver fails to ask for one.
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Head:
    """Where a site-month stands: its state, its current revision, and the one that releases use."""

    site: str
    month: Month
    state: str
    revision: int
    accepted_revision: int | None


@dataclass(frozen=True)
class Revision:
    """One state of a report: its content as packed JSON, and who sent it when."""

    site: str
    month: Month
    number: int
    packed: bytes
    sha256: str
    findings: list[dict]
    submitted_by: str
    submitted_at: datetime

    @cached_property
    def content(self) -> dict:
        """The report as JSON values."""
        return json.loads(self.packed)

    @property
    def etag(self) -> str:
        """The entity tag of this revision (without quotes)."""
        return f"{self.number}-{self.sha256[:32]}"


@dataclass(frozen=True)
class Review:
    """A steward's decision on one revision."""

    site: str
    month: Month
    revision: int
    decision: str
    reasons: Sequence[str]
    reviewed_by: str
    reviewed_at: datetime


def head_of(connection: Connection, site: str, month: Month) -> Head | None:
    """The head of the site-month, or None when nothing was ever sent."""
    row = connection.execute(_HEAD, {"site": site, "month": str(month)}).one_or_none()
    return _head(row) if row else None


def has_reports(connection: Connection) -> bool:
    """Whether there is any report, of those that the transaction sees."""
    return connection.execute(select(reports.c.site).limit(1)).first() is not None


def heads_in_state(connection: Connection, state: str | None) -> list[tuple[Head, str]]:
    """(head, operator) of every site-month in the state (None: in any), by month and site."""
    query = select(reports, sites.c.operator).join(sites, sites.c.id == reports.c.site)
    if state:
        query = query.where(reports.c.state == state)
    return [(_head(row), row.operator) for row in connection.execute(query.order_by(reports.c.month, reports.c.site))]


def add_head(connection: Connection, site: str, month: Month) -> None:
    """Begin a site-month at its first revision."""
    connection.execute(_ADD_HEAD, {"site": site, "month": str(month), "state": "submitted", "revision": 1})


def change_head(connection: Connection, head: Head, **changes: object) -> bool:
    """Change the head if it is still as it was read; False when someone else was first."""
    unchanged = and_(
        _this(reports, head.site, head.month), reports.c.revision == head.revision, reports.c.state == head.state
    )
    return connection.execute(update(reports).where(unchanged).values(**changes)).rowcount == 1


def add_revision(connection: Connection, revision: Revision) -> None:
    """Store a revision for good; the database refuses a number that exists."""
    facts = {field.name: getattr(revision, field.name) for field in fields(revision)}
    content = facts.pop("packed")
    connection.execute(_ADD_REVISION, {**facts, "month": str(revision.month), "content": content})


def revision_of(connection: Connection, site: str, month: Month, number: int) -> Revision | None:
    """One revision by its number, or None."""
    if number > _LARGEST:
        return None
    row = connection.execute(_REVISION, {"site": site, "month": str(month), "number": number}).one_or_none()
    return _revision(row) if row else None


def revisions_of(connection: Connection, site: str, month: Month) -> list[Revision]:
    """Every revision of the site-month, in order."""
    query = select(revisions).where(_this(revisions, site, month)).order_by(revisions.c.number)
    return [_revision(row) for row in connection.execute(query)]


def accepted_revisions(connection: Connection) -> list[Revision]:
    """The accepted revision of every site-month that has one, by site and month."""
    query = (
        select(revisions)
        .join(reports, and_(reports.c.site == revisions.c.site, reports.c.month == revisions.c.month))
        .where(reports.c.accepted_revision == revisions.c.number)
        .order_by(revisions.c.site, revisions.c.month)
    )
    return [_revision(row) for row in connection.execute(query)]


def add_review(connection: Connection, review: Review) -> None:
    """Store a decision for good; one revision is reviewed once."""
    connection.execute(insert(reviews).values(**{**vars(review), "month": str(review.month)}))


def reviews_of(connection: Connection, site: str, month: Month) -> list[Review]:
    """Every decision on the site-month, in order of revision."""
    rows = connection.execute(select(reviews).where(_this(reviews, site, month)).order_by(reviews.c.revision))
    return [Review(**{**row._mapping, "month": Month.parse(row.month)}) for row in rows]


def _this(table: Table, site: str, month: Month) -> ColumnElement[bool]:
    return and_(table.c.site == site, table.c.month == str(month))


def _head(row: Row) -> Head:
    return Head(row.site, Month.parse(row.month), row.state, row.revision, row.accepted_revision)


def _revision(row: Row) -> Revision:
    facts = dict(row._mapping)
    packed = facts.pop("content")
    return Revision(**{**facts, "month": Month.parse(row.month), "packed": packed})
