"""Send or revise the report of one site and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from actions.hub import Hub
from actions.read_directory import require_reporting_site
from actions.require_unchanged import require_unchanged
from domain.access import Principal
from domain.checks import Finding, check_report
from domain.lifecycle import Deed, State, after
from domain.periods import Month
from domain.preconditions import Preconditions
from domain.refusals import Item, PreconditionFailed, RuleBroken
from domain.report import Report, Site
from store.history import current_reports_around
from store.reports import Head, Revision, add_head, add_revision, change_head, head_of, revision_of, was_accepted
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

    The same content as the current revision stores nothing and answers that revision's receipt, unless the report
    was withdrawn. Raises RuleBroken, PreconditionMissing, PreconditionFailed, or WrongState for a disabled site; then
    nothing is stored.
    """
    by.require(*Deed.SEND.scopes)
    try:
        with hub.database.quick_write(of_operator(by.operator)) as connection:
            place = require_reporting_site(connection, by, site)
            return _submit(hub, connection, by, place, month, report, preconditions)
    except IntegrityError:
        raise PreconditionFailed("Someone else sent a revision of this report at the same moment.") from None


def _submit(
    hub: Hub,
    connection: Connection,
    by: Principal,
    site: Site,
    month: Month,
    report: Report,
    preconditions: Preconditions,
) -> Receipt:
    head = head_of(connection, site.id, month)
    current = revision_of(connection, site.id, month, head.revision) if head else None
    if head and current and current.sha256 == report.sha256 and head.state is not State.WITHDRAWN:
        return receipt_of(head, current)
    # Only what is new: the months around what is stored already may have changed since.
    findings = _judge(hub, connection, site, month, report)
    _require_sound(findings)
    if head and not report.revision_reason and _was_ever_accepted(connection, head):
        raise RuleBroken("A report that was accepted is revised only with a reason.", [_REASON_MISSING])
    require_unchanged(connection, preconditions, head, current)
    revision = _revision(by, (site.id, month), head, report, findings, hub.clock())
    deed = Deed.REVISE if head else Deed.SEND
    made = _write(connection, head, revision, after(head.state if head else None, deed))
    hub.audit(connection, by, f"report.{deed}", f"{site.id}/{month}/{revision.number}")
    return receipt_of(made, revision, created=head is None)


def _judge(hub: Hub, connection: Connection, site: Site, month: Month, report: Report) -> tuple[Finding, ...]:
    """What is found about a report, judged beside what the site reported around its month."""
    dictionary = hub.dictionaries[report.dictionary]
    around = current_reports_around(connection, site.id, month, dictionary)
    today = hub.clock().astimezone(ZoneInfo(site.timezone)).date()
    following = next((given for other, given in around.items() if other > month), None)
    earlier = {other: given for other, given in around.items() if other < month}
    return check_report(report, dictionary, site=site, month=month, today=today, earlier=earlier, following=following)


def _require_sound(findings: tuple[Finding, ...]) -> None:
    """Raise RuleBroken with every error."""
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        items = [Item(finding.pointer, finding.code, finding.detail, finding.rule) for finding in errors]
        raise RuleBroken("The report breaks rules that must hold; nothing was stored.", items)


def _was_ever_accepted(connection: Connection, head: Head) -> bool:
    """Whether some revision was accepted, though a withdrawal may have taken it out of use."""
    return head.accepted_revision is not None or was_accepted(connection, head.site, head.month)


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


def _write(connection: Connection, head: Head | None, revision: Revision, state: State) -> Head:
    if head is None:
        add_head(connection, revision.site, revision.month)
    elif not change_head(connection, head, state=state, revision=revision.number):
        raise PreconditionFailed("Someone else sent a revision of this report at the same moment.")
    add_revision(connection, revision)
    return Head(revision.site, revision.month, state, revision.number, head.accepted_revision if head else None)


def receipt_of(head: Head, revision: Revision, *, created: bool = False) -> Receipt:
    """The receipt of the report's current revision."""
    return Receipt(
        head.site, head.month, revision.number, head.state, head.etag(revision), revision.findings, created=created
    )
