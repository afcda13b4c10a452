"""Read a report and its revisions: one's own, or as a reviewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from actions.hub import Hub
from actions.read_directory import require_readable_site
from domain.access import Principal
from domain.lifecycle import SUPERSEDED
from domain.periods import Month
from domain.refusals import NotFound, WrongState
from store.reports import (
    Confirmation,
    Head,
    Review,
    Revision,
    confirmations_of,
    head_of,
    heads_in_state,
    reviews_of,
    revision_of,
    revisions_of,
)
from store.tenancy import CALENDAR, EVERY_OPERATOR, Reach, of_operator

PAGE = 100


@dataclass(frozen=True)
class RevisionView:
    """A revision with its state, that of the report if it is current, else `superseded`; and what others said of it."""

    revision: Revision
    state: str
    etag: str
    review: Review | None
    confirmations: tuple[Confirmation, ...]


@dataclass(frozen=True)
class ReportPage:
    """Some reports of a list, and the cursor of those that follow."""

    items: list[Head]
    next: str | None


@dataclass(frozen=True)
class RevisionPage:
    """Some revisions of a report, and the cursor of those that follow."""

    items: list[RevisionView]
    next: str | None


def read_report(hub: Hub, *, by: Principal, site: str, month: Month) -> RevisionView:
    """The current revision; raises NotFound, also where the report is another operator's."""
    place = require_readable_site(hub, by, site)
    with hub.database.read(reach_of(by)) as connection:
        head, current = current_report(connection, site, month)
        view = _views(connection, head, [current])[0]
    hub.audit_reading(by, "report.read", f"{site}/{month}/{current.number}", place.operator)
    return view


def read_revision(hub: Hub, *, by: Principal, site: str, month: Month, number: int) -> RevisionView:
    """One revision by its number; raises NotFound."""
    place = require_readable_site(hub, by, site)
    with hub.database.read(reach_of(by)) as connection:
        head = _head(connection, site, month)
        view = _views(connection, head, [_revision(connection, head, number)])[0]
    hub.audit_reading(by, "report.read", f"{site}/{month}/{number}", place.operator)
    return view


def list_revisions(
    hub: Hub, *, by: Principal, site: str, month: Month, beyond: int = 0, limit: int = PAGE
) -> RevisionPage:
    """The revisions beyond a number, the first first; raises NotFound."""
    place = require_readable_site(hub, by, site)
    with hub.database.read(reach_of(by)) as connection:
        head = _head(connection, site, month)
        found = revisions_of(connection, site, month, beyond=beyond, limit=limit + 1)
        views = _views(connection, head, found[:limit])
    hub.audit_reading(by, "report.read", f"{site}/{month}", place.operator)
    return RevisionPage(views, str(views[-1].revision.number) if len(found) > limit else None)


def list_reports(
    hub: Hub, *, by: Principal, state: str | None, beyond: tuple[Month, str] | None = None, limit: int = PAGE
) -> ReportPage:
    """The site-months in a state that the caller may read: a reviewer's queue, or an operator's own.

    By month and site, those beyond a month and site.
    """
    own = None if by.reviews else by.sites
    with hub.database.read(CALENDAR if by.reviews else of_operator(by.operator)) as connection:
        found = heads_in_state(connection, state, sites_alone=own, beyond=beyond, limit=limit + 1)
    hub.audit_reading(by, "report.list", state or "all")
    heads = [head for head, _ in found[:limit]]
    return ReportPage(heads, f"{heads[-1].month}/{heads[-1].site}" if len(found) > limit else None)


def current_report(connection: Connection, site: str, month: Month) -> tuple[Head, Revision]:
    """Where the report stands, and its current revision; raises NotFound."""
    head = _head(connection, site, month)
    return head, _revision(connection, head, head.revision)


def require_current(head: Head, revision: int) -> None:
    """Raise WrongState for another revision than the current one."""
    if revision != head.revision:
        raise WrongState(f"That is not the current revision, which is {head.revision}; read the report again.")


def reach_of(by: Principal) -> Reach:
    """Everybody's reports for a reviewer, else one's own operator's."""
    return EVERY_OPERATOR if by.reviews else of_operator(by.operator)


def _head(connection: Connection, site: str, month: Month) -> Head:
    head = head_of(connection, site, month)
    if head is None:
        raise NotFound(f"There is no report of {site} for {month}.")
    return head


def _revision(connection: Connection, head: Head, number: int) -> Revision:
    revision = revision_of(connection, head.site, head.month, number)
    if revision is None:
        raise NotFound(f"The report of {head.site} for {head.month} has no revision {number}.")
    return revision


def _views(connection: Connection, head: Head, revisions: list[Revision]) -> list[RevisionView]:
    decided: Mapping[int, Review] = {r.revision: r for r in reviews_of(connection, head.site, head.month)}
    confirmed = defaultdict(list)
    for made in confirmations_of(connection, head.site, head.month):
        confirmed[made.revision].append(made)
    return [_view(head, r, decided.get(r.number), confirmed[r.number]) for r in revisions]


def _view(head: Head, revision: Revision, review: Review | None, confirmed: list[Confirmation]) -> RevisionView:
    is_current = revision.number == head.revision
    return RevisionView(
        revision,
        state=head.state if is_current else SUPERSEDED,
        etag=head.etag(revision) if is_current else revision.etag,
        review=review,
        confirmations=tuple(confirmed),
    )
