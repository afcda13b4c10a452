"""Accept a report, or return it to its operator with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from actions.announce import announce, decision_payload
from actions.confirm_report import needs_confirmation, require_other_eyes
from actions.hub import Hub
from actions.read_directory import read_site
from actions.read_report import current_report, require_current
from domain.access import Principal
from domain.checks import CONFIRMATION_NEEDED, Finding, unacknowledged
from domain.lifecycle import Deed, State, after
from domain.periods import Month
from domain.refusals import (
    ConfirmationNeeded,
    FourEyes,
    Item,
    RuleBroken,
    UnacknowledgedWarnings,
    WrongState,
)
from domain.report import Site
from domain.report_content import report_from_content
from store.reports import Head, Review, Revision, add_review, change_head, confirmations_of
from store.tenancy import EVERY_OPERATOR


def review_report(
    hub: Hub, *, by: Principal, site: str, month: Month, revision: int, decision: str, reasons: Sequence[str]
) -> Head:
    """Decide on the current revision and answer the report's new head.

    Raises FourEyes for the reviewer's own operator or own typing, WrongState when the revision is not the current one
    or was decided already, UnacknowledgedWarnings, ConfirmationNeeded, and RuleBroken for a return without reasons.
    """
    deed = _DECISIONS[decision]
    by.require(*deed.scopes)
    place = read_site(hub, site)
    if (deed is Deed.RETURN) != bool(reasons):
        raise RuleBroken("A return needs reasons; an acceptance has none.", [_REASONS_WRONG])
    try:
        with hub.database.write(EVERY_OPERATOR) as connection:
            head, current = current_report(connection, site, month)
            _require_four_eyes(by, place, current)
            require_current(head, revision)
            state = after(head.state, deed)
            if deed is Deed.ACCEPT:
                _require_acknowledged(current)
                _require_confirmed(connection, by, current)
            review = Review(site, month, revision, deed, list(reasons), by.id, hub.clock())
            head = _decide(connection, head, state, review)
            hub.audit(connection, by, f"report.{deed}", f"{site}/{month}/{revision}", place.operator)
            told = decision_payload(hub.settings.issuer, review, head.state)
            announce(connection, f"report.{head.state}", place.operator, told, at=review.reviewed_at)
            return head
    except IntegrityError:
        raise WrongState("Another reviewer decided on this revision at the same moment.") from None


_DECISIONS = {deed.value: deed for deed in (Deed.ACCEPT, Deed.RETURN)}
_REASONS_WRONG = Item("/reasons", "reasons_wrong", "Give at least one return reason, and none to accept.")


def _require_four_eyes(by: Principal, site: Site, current: Revision) -> None:
    if by.operator == site.operator:
        raise FourEyes("Nobody reviews a report of their own operator.")
    require_other_eyes(by, current)


def _require_acknowledged(current: Revision) -> None:
    findings = tuple(Finding(**finding) for finding in current.findings)
    open_warnings = unacknowledged(report_from_content(current.content), findings)
    if open_warnings:
        items = [Item(f.pointer, f.code, f.detail, f.rule) for f in open_warnings]
        raise UnacknowledgedWarnings("The operator has not acknowledged every warning; return the report.", items)


def _require_confirmed(connection: Connection, by: Principal, current: Revision) -> None:
    if not needs_confirmation(current):
        return
    made = [c for c in confirmations_of(connection, current.site, current.month) if c.revision == current.number]
    if all(confirmation.confirmed_by in (by.id, by.via) for confirmation in made):
        items = [
            Item(f["pointer"], f["code"], f["detail"]) for f in current.findings if f["code"] == CONFIRMATION_NEEDED
        ]
        raise ConfirmationNeeded("A second person, who neither sent nor accepts the report, confirms it first.", items)


def _decide(connection: Connection, head: Head, state: State, review: Review) -> Head:
    accepted = review.revision if state is State.ACCEPTED else head.accepted_revision
    decided = replace(head, state=state, accepted_revision=accepted)
    if not change_head(connection, head, state=decided.state, accepted_revision=decided.accepted_revision):
        raise WrongState("The report changed at the same moment; read it again.")
    add_review(connection, review)
    return decided
