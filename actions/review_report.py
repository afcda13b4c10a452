"""Accept a report, or return it to its operator with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from actions.announce import announce, decision_payload
from actions.hub import Hub
from actions.read_directory import read_site
from domain.access import Principal, Scope
from domain.checks import Finding, unacknowledged
from domain.periods import Month
from domain.refusals import FourEyes, Item, NotFound, RuleBroken, UnacknowledgedWarnings, WrongState
from domain.report import Site
from domain.report_content import report_from_content
from store.reports import Head, Review, Revision, add_review, change_head, head_of, revision_of
from store.tenancy import EVERY_OPERATOR

ACCEPT, RETURN = "accept", "return"


def review_report(
    hub: Hub, *, by: Principal, site: str, month: Month, revision: int, decision: str, reasons: Sequence[str]
) -> Head:
    """Decide on the current revision and answer the report's new head.

    Raises FourEyes for the reviewer's own operator or own typing, WrongState when the revision is not the
    current one or was decided already, UnacknowledgedWarnings, and RuleBroken for a return without reasons.
    """
    by.require(Scope.REPORTS_REVIEW)
    place = read_site(hub, site)
    if (decision == RETURN) != bool(reasons):
        raise RuleBroken("A return needs reasons; an acceptance has none.", [_REASONS_WRONG])
    try:
        with hub.database.write(EVERY_OPERATOR) as connection:
            head, current = _current(connection, site, month)
            _require_four_eyes(by, place, current)
            _require_open(head, revision)
            if decision == ACCEPT:
                _require_acknowledged(current)
            review = Review(site, month, revision, decision, list(reasons), by.id, hub.clock())
            head = _decide(connection, head, review)
            hub.audit(connection, by, f"report.{decision}", f"{site}/{month}/{revision}", place.operator)
            told = decision_payload(hub.settings.issuer, review, head.state)
            announce(connection, f"report.{head.state}", place.operator, told, at=review.reviewed_at)
            return head
    except IntegrityError:
        raise WrongState("Another reviewer decided on this revision at the same moment.") from None


_REASONS_WRONG = Item("/reasons", "reasons_wrong", "Give at least one return reason, and none to accept.")


def _current(connection: Connection, site: str, month: Month) -> tuple[Head, Revision]:
    head = head_of(connection, site, month)
    current = revision_of(connection, site, month, head.revision) if head else None
    if head is None or current is None:
        raise NotFound(f"There is no report of {site} for {month}.")
    return head, current


def _require_four_eyes(by: Principal, site: Site, current: Revision) -> None:
    if by.operator == site.operator:
        raise FourEyes("Nobody reviews a report of their own operator.")
    # Who decides through a client lends it their eyes: what that client sent for itself has not been seen by others.
    if current.submitted_by in (by.id, by.via):
        raise FourEyes("Nobody reviews a revision they sent.")


def _require_open(head: Head, revision: int) -> None:
    if revision != head.revision:
        raise WrongState("That is not the current revision; read the report again.")
    if head.state != "submitted":
        raise WrongState(f"This revision was decided already: the report is {head.state}.")


def _require_acknowledged(current: Revision) -> None:
    findings = tuple(Finding(**finding) for finding in current.findings)
    open_warnings = unacknowledged(report_from_content(current.content), findings)
    if open_warnings:
        items = [Item(f.pointer, f.code, f.detail) for f in open_warnings]
        raise UnacknowledgedWarnings("The operator has not acknowledged every warning; return the report.", items)


def _decide(connection: Connection, head: Head, review: Review) -> Head:
    if review.decision == ACCEPT:
        decided = replace(head, state="accepted", accepted_revision=review.revision)
    else:
        decided = replace(head, state="returned")
    if not change_head(connection, head, state=decided.state, accepted_revision=decided.accepted_revision):
        raise WrongState("The report changed at the same moment; read it again.")
    add_review(connection, review)
    return decided
