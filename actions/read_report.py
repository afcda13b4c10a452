"""Read a report and its revisions: one's own, or as a reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from actions.hub import Hub
from actions.read_directory import require_readable_site
from domain.access import Principal
from domain.periods import Month
from domain.refusals import NotFound
from store.reports import Head, Review, Revision, head_of, heads_in_state, reviews_of, revision_of, revisions_of
from store.tenancy import CALENDAR, EVERY_OPERATOR, Reach, of_operator

SUPERSEDED = "superseded"


@dataclass(frozen=True)
class RevisionView:
    """A revision with its state: that of the report if it is current, else `superseded`."""

    revision: Revision
    state: str
    review: Review | None


def read_report(hub: Hub, *, by: Principal, site: str, month: Month) -> RevisionView:
    """The current revision; raises NotFound, also where the report is another operator's."""
    place = require_readable_site(hub, by, site)
    with hub.database.read(_reach(by)) as connection:
        head = _head(connection, site, month)
        view = _views(connection, head, [_revision(connection, head, head.revision)])[0]
    hub.audit_reading(by, "report.read", f"{site}/{month}/{head.revision}", place.operator)
    return view


def read_revision(hub: Hub, *, by: Principal, site: str, month: Month, number: int) -> RevisionView:
    """One revision by its number; raises NotFound."""
    place = require_readable_site(hub, by, site)
    with hub.database.read(_reach(by)) as connection:
        head = _head(connection, site, month)
        view = _views(connection, head, [_revision(connection, head, number)])[0]
    hub.audit_reading(by, "report.read", f"{site}/{month}/{number}", place.operator)
    return view


def list_revisions(hub: Hub, *, by: Principal, site: str, month: Month) -> list[RevisionView]:
    """Every revision, the first first; raises NotFound."""
    place = require_readable_site(hub, by, site)
    with hub.database.read(_reach(by)) as connection:
        views = _views(connection, _head(connection, site, month), revisions_of(connection, site, month))
    hub.audit_reading(by, "report.read", f"{site}/{month}", place.operator)
    return views


def list_reports(hub: Hub, *, by: Principal, state: str | None) -> list[Head]:
    """The site-months in a state that the caller may read: a reviewer's queue, or an operator's own."""
    with hub.database.read(CALENDAR if by.reviews else of_operator(by.operator)) as connection:
        heads = [head for head, _ in heads_in_state(connection, state) if by.owns(head.site) or by.reviews]
    hub.audit_reading(by, "report.list", state or "all")
    return heads


def _reach(by: Principal) -> Reach:
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
    return [
        RevisionView(r, head.state if r.number == head.revision else SUPERSEDED, decided.get(r.number))
        for r in revisions
    ]
