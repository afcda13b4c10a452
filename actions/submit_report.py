"""Send or revise the report of one site and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from actions.hub import Hub
from actions.read_directory import require_own_site
from domain.access import Principal, Scope
from domain.checks import Finding, check_report
from domain.periods import Month
from domain.preconditions import Preconditions
from domain.refusals import Item, PreconditionFailed, RuleBroken, WrongState
from domain.report import Report, Site
from store.reports import Head, Revision, add_head, add_revision, change_head, head_of, revision_of
from store.tenancy import of_operator


@dataclass(frozen=True)
class Receipt:
    """What the sender keeps: the number and ETag of the revision, its state and findings."""

    site: str
    month: Month
    revision: int
    state: str
    etag: str
    findings: list[dict]
    created: bool = False


def submit_report(
    hub: Hub, *, by: Principal, site: str, month: Month, report: Report, preconditions: Preconditions
) -> Receipt:
    """Store the report as a new revision, durably, and answer its receipt.

    The same content as the current revision stores nothing and answers that revision's receipt. Raises
    RuleBroken, PreconditionMissing, PreconditionFailed, or WrongState for a disabled site; then nothing is stored.
    """
    by.require(Scope.REPORTS_WRITE)
    place = require_own_site(hub, by, site)
    if place.disabled:
        raise WrongState("Nobody reports for this site any longer; the hub's administrator has disabled it.")
    findings = judge(hub, place, month, report)
    try:
        with hub.database.write(of_operator(by.operator)) as connection:
            return _store(hub, connection, by, (site, month), report, findings, preconditions)
    except IntegrityError:
        raise PreconditionFailed("Someone else sent a revision of this report at the same moment.") from None


def judge(hub: Hub, site: Site, month: Month, report: Report) -> tuple[Finding, ...]:
    """The warnings about a report; raises RuleBroken with every error."""
    today = hub.clock().astimezone(ZoneInfo(site.timezone)).date()
    dictionary = hub.dictionaries[report.dictionary]
    findings = check_report(report, site=site, month=month, today=today, dictionary=dictionary)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        items = [Item(finding.pointer, finding.code, finding.detail) for finding in errors]
        raise RuleBroken("The report breaks rules that must hold; nothing was stored.", items)
    return findings


def _store(
    hub: Hub,
    connection: Connection,
    by: Principal,
    place: tuple[str, Month],
    report: Report,
    findings: tuple[Finding, ...],
    preconditions: Preconditions,
) -> Receipt:
    head = head_of(connection, *place)
    current = revision_of(connection, *place, head.revision) if head else None
    if head and current and current.sha256 == report.sha256:
        return _receipt(current, head.state)
    if head and head.accepted_revision and not report.revision_reason:
        raise RuleBroken("An accepted report is revised only with a reason.", [_REASON_MISSING])
    preconditions.require(current.etag if current else None)
    revision = _revision(by, place, head, report, findings, hub.clock())
    _write(connection, head, revision)
    hub.audit(connection, by, "report.submit", f"{place[0]}/{place[1]}/{revision.number}")
    return _receipt(revision, "submitted", created=head is None)


_REASON_MISSING = Item("/revision_reason", "revision_reason_missing", "Give one of the revision reasons.")


def _revision(
    by: Principal,
    place: tuple[str, Month],
    head: Head | None,
    report: Report,
    findings: tuple[Finding, ...],
    at: datetime,
) -> Revision:
    return Revision(
        site=place[0],
        month=place[1],
        number=head.revision + 1 if head else 1,
        packed=report.packed,
        sha256=report.sha256,
        findings=[dict(vars(finding)) for finding in findings],
        submitted_by=by.id,
        submitted_at=at,
    )


def _write(connection: Connection, head: Head | None, revision: Revision) -> None:
    if head is None:
        add_head(connection, revision.site, revision.month)
    elif not change_head(connection, head, state="submitted", revision=revision.number):
        raise PreconditionFailed("Someone else sent a revision of this report at the same moment.")
    add_revision(connection, revision)


def _receipt(revision: Revision, state: str, *, created: bool = False) -> Receipt:
    return Receipt(
        revision.site, revision.month, revision.number, state, revision.etag, revision.findings, created=created
    )
