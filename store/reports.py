"""Reports: the head of each site-month, its revisions, their confirmations and reviews."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    bindparam,
    insert,
    select,
    tuple_,
    update,
)

from domain.lifecycle import State
from domain.periods import Month
from store.prepared import Prepared
from store.tables import confirmations, reports, reviews, revisions, sites

_HEAD = Prepared(select(reports).where(reports.c.site == bindparam("site"), reports.c.month == bindparam("month")))
_ADD_HEAD = Prepared(insert(reports))
_CHANGE_HEAD = Prepared(
    update(reports).where(
        reports.c.site == bindparam("of_site"),
        reports.c.month == bindparam("of_month"),
        reports.c.revision == bindparam("was_revision"),
        reports.c.state == bindparam("was_state"),
    )
)
_ADD_REVISION = Prepared(insert(revisions))
_REVISION = Prepared(
    select(revisions).where(
        revisions.c.site == bindparam("site"),
        revisions.c.month == bindparam("month"),
        revisions.c.number == bindparam("number"),
    )
)

_ACCEPTED = Prepared(
    select(reviews.c.revision).where(
        reviews.c.site == bindparam("site"), reviews.c.month == bindparam("month"), reviews.c.decision == "accept"
    )
)

# The column holds no larger number, and SQLite's driver fails to ask for one.
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Head:
    """Where a site-month stands: its state, its current revision, and the one that releases use."""

    site: str
    month: Month
    state: State
    revision: int
    accepted_revision: int | None

    def etag(self, current: Revision) -> str:
        """The entity tag of the report (without quotes): that of its current revision, another once it is withdrawn."""
        return current.etag_withdrawn if self.state is State.WITHDRAWN else current.etag


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

    @property
    def etag_withdrawn(self) -> str:
        """The entity tag of a report that was withdrawn at this revision: who knows the one before, knows less."""
        return f"{self.etag}-withdrawn"


@dataclass(frozen=True)
class Confirmation:
    """A second person found a revision right."""

    site: str
    month: Month
    revision: int
    confirmed_by: str
    confirmed_at: datetime


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
    row = _HEAD.one_or_none(connection, {"site": site, "month": str(month)})
    return _head(row) if row else None


def has_reports(connection: Connection) -> bool:
    """Whether there is any report, of those that the transaction sees."""
    return connection.execute(select(reports.c.site).limit(1)).first() is not None


def heads_in_state(
    connection: Connection,
    state: str | None,
    *,
    sites_alone: Collection[str] | None = None,
    beyond: tuple[Month, str] | None = None,
    limit: int | None = None,
) -> list[tuple[Head, str]]:
    """(head, operator) of every site-month in the state (None: in any), by month and site.

    Of these sites alone, beyond this month and site, and so many, where they are given.
    """
    query = select(reports, sites.c.operator).join(sites, sites.c.id == reports.c.site)
    if state:
        query = query.where(reports.c.state == state)
    if sites_alone is not None:
        query = query.where(reports.c.site.in_(sites_alone))
    if beyond is not None:
        query = query.where(tuple_(reports.c.month, reports.c.site) > (str(beyond[0]), beyond[1]))
    query = query.order_by(reports.c.month, reports.c.site).limit(limit)
    return [(_head(row), row.operator) for row in connection.execute(query)]


def add_head(connection: Connection, site: str, month: Month) -> None:
    """Begin a site-month at its first revision."""
    _ADD_HEAD.run(connection, {"site": site, "month": str(month), "state": State.SUBMITTED, "revision": 1})


def change_head(connection: Connection, head: Head, **changes: object) -> bool:
    """Change the head if it is still as it was read; False when someone else was first."""
    was = {"of_site": head.site, "of_month": str(head.month), "was_revision": head.revision, "was_state": head.state}
    return _CHANGE_HEAD.run(connection, {**changes, **was}) == 1


def add_revision(connection: Connection, revision: Revision) -> None:
    """Store a revision for good; the database refuses a number that exists."""
    facts = {field.name: getattr(revision, field.name) for field in fields(revision)}
    content = facts.pop("packed")
    _ADD_REVISION.run(connection, {**facts, "month": str(revision.month), "content": content})


def revision_of(connection: Connection, site: str, month: Month, number: int) -> Revision | None:
    """One revision by its number, or None."""
    if number > _LARGEST:
        return None
    row = _REVISION.one_or_none(connection, {"site": site, "month": str(month), "number": number})
    return _revision(row) if row else None


def revisions_of(
    connection: Connection, site: str, month: Month, *, beyond: int = 0, limit: int | None = None
) -> list[Revision]:
    """The revisions of the site-month in order: every one, or so many beyond a number."""
    of_report = select(revisions).where(_this(revisions, site, month), revisions.c.number > beyond)
    query = of_report.order_by(revisions.c.number).limit(limit)
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


def accepted_numbers(connection: Connection) -> dict[tuple[str, Month], int]:
    """The revision that releases use of every site and month that has one."""
    query = select(reports.c.site, reports.c.month, reports.c.accepted_revision)
    rows = connection.execute(query.where(reports.c.accepted_revision.is_not(None)))
    return {(site, Month.parse(month)): number for site, month, number in rows}


def add_confirmation(connection: Connection, confirmation: Confirmation) -> None:
    """Store for good that somebody confirmed a revision; the database refuses it a second time."""
    values = {**vars(confirmation), "month": str(confirmation.month)}
    connection.execute(insert(confirmations).values(**values))


def confirmations_of(connection: Connection, site: str, month: Month) -> list[Confirmation]:
    """Every confirmation of the site-month's revisions, in order of revision and time."""
    order = confirmations.c.revision, confirmations.c.confirmed_at, confirmations.c.confirmed_by
    rows = connection.execute(select(confirmations).where(_this(confirmations, site, month)).order_by(*order))
    return [Confirmation(**{**row._mapping, "month": Month.parse(row.month)}) for row in rows]


def add_review(connection: Connection, review: Review) -> None:
    """Store a decision for good; one revision is reviewed once."""
    connection.execute(insert(reviews).values(**{**vars(review), "month": str(review.month)}))


def reviews_of(connection: Connection, site: str, month: Month) -> list[Review]:
    """Every decision on the site-month, in order of revision."""
    rows = connection.execute(select(reviews).where(_this(reviews, site, month)).order_by(reviews.c.revision))
    return [Review(**{**row._mapping, "month": Month.parse(row.month)}) for row in rows]


def was_accepted(connection: Connection, site: str, month: Month) -> bool:
    """Whether some revision of the site-month was ever accepted."""
    return bool(_ACCEPTED.all(connection, {"site": site, "month": str(month)}))


def _this(table: Table, site: str, month: Month) -> ColumnElement[bool]:
    return and_(table.c.site == site, table.c.month == str(month))


def _head(row: Row) -> Head:
    return Head(row.site, Month.parse(row.month), State(row.state), row.revision, row.accepted_revision)


def _revision(row: Row) -> Revision:
    facts = row._asdict()
    packed = facts.pop("content")
    return Revision(**{**facts, "month": Month.parse(row.month), "packed": packed})
