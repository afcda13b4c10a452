"""Reports: send, revise, read, and the steward's review."""

from __future__ import annotations

from actions.confirm_report import confirm_report
from actions.read_report import RevisionView, list_reports, list_revisions, read_report, read_revision
from actions.review_report import review_report
from actions.submit_report import Receipt, submit_report
from actions.withdraw_report import withdraw_report
from api.context import IF_MATCH, hub, own_or_reviewed_site, own_site, preconditions, tagged
from api.report_forms import answers_in_any_form, takes_a_report_in_any_form
from auth.guard import current_principal, secured
from domain.access import Scope
from domain.periods import Month
from domain.refusals import Conflict, PreconditionFailed, PreconditionMissing
from domain.report import Report
from openapi.blueprint import Blueprint
from schemas.answers import ETAG, ConfirmationSchema, HeadSchema, ReceiptSchema, RevisionSchema, page_of
from schemas.requests import (
    ConfirmingSchema,
    DecisionSchema,
    ReportFormSchema,
    ReportQuerySchema,
    RevisionQuerySchema,
)

reports = Blueprint("reports", __name__, url_prefix="/v1", description="Monthly reports and their review.")

PLACE = "/sites/<slug:site>/reports/<month:month>"

TEXT = {"type": "string"}
PRECONDITIONS = [
    {
        "in": "header",
        "name": "If-Match",
        "schema": TEXT,
        "description": "The ETag of the current revision. Needed to revise; without it 428, with an old one 412.",
    },
    {
        "in": "header",
        "name": "If-None-Match",
        "schema": TEXT,
        "description": "`*`: only if there is no report yet, else 412.",
    },
]


@reports.route(PLACE, methods=["PUT"])
@secured(Scope.REPORTS_WRITE)
@own_site
@reports.doc(parameters=PRECONDITIONS)
@reports.response(200, ReceiptSchema, headers=ETAG)
@reports.alt_response(201, schema=ReceiptSchema, headers=ETAG)
@reports.refuses(Conflict, PreconditionMissing, PreconditionFailed)
@takes_a_report_in_any_form
def put_report(report: Report, site: str, month: Month) -> tuple:
    """Send a report, or revise it

    For an operator's data manager or software: the whole report of one site and month, replacing what was sent before,
    as JSON, CSV, XLSX (the workbook of the template), ADX or a DHIS2 data value set. What is wrong in a file has a
    `place` besides its pointer: a line, or a sheet and a cell.
    The first needs no precondition. A revision names the current ETag in `If-Match`: without it 428, with an old one
    412, so that nobody overwrites what they have not seen; then the errors point at what has changed since, and the
    header has the current ETag. The same content again stores nothing and answers 200. A month that was ever accepted
    is revised only with a `revision_reason`; what was accepted stays in use until the revision is accepted too.
    A month can be reported once it has ended where the site is. Errors refuse the report and nothing is stored;
    warnings do not, but a report is accepted only when each is acknowledged.
    """
    receipt = submit_report(
        hub(), by=current_principal(), site=site, month=month, report=report, preconditions=preconditions()
    )
    return receipt_answer(receipt)


def receipt_answer(receipt: Receipt) -> tuple:
    """The answer to who sent a report: what they keep, its status and headers."""
    return tagged(receipt, receipt.etag, status=201 if receipt.created else 200, is_private=True)


@reports.route(PLACE, methods=["DELETE"])
@secured(Scope.REPORTS_WRITE)
@own_site
@reports.doc(parameters=[IF_MATCH])
@reports.response(200, ReceiptSchema, headers=ETAG)
@reports.refuses(Conflict, PreconditionMissing, PreconditionFailed)
def delete_report(site: str, month: Month) -> tuple:
    """Withdraw a report

    For an operator's data manager or software, when a report should not have been sent: the next release is without
    it, and published ones stay as they are. Nothing is deleted: every revision can still be read, and the report is
    sent again like a revision, with the new ETag in `If-Match`.
    """
    receipt = withdraw_report(hub(), by=current_principal(), site=site, month=month, preconditions=preconditions())
    return tagged(receipt, receipt.etag, is_private=True)


@reports.route(PLACE)
@secured(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
@reports.arguments(ReportFormSchema, location="query")
@reports.response(200, RevisionSchema, headers=ETAG)
@answers_in_any_form
def get_report(site: str, month: Month) -> tuple:
    """A report as it stands

    For its operator, to see what was sent and what the steward says, and for the steward, to review it. Answers the
    current revision; reports of other operators are not found. By `format`, or else by `Accept`, the report alone comes
    in any of the forms in which it can be sent.
    """
    return _with_etag(read_report(hub(), by=current_principal(), site=site, month=month))


@reports.route(PLACE + "/revisions")
@secured(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
@reports.arguments(RevisionQuerySchema, location="query")
@reports.response(200, page_of(RevisionSchema))
def get_revisions(query: dict, site: str, month: Month) -> tuple:
    """Every revision of a report

    For its operator and the steward: what was sent when, and what became of it. Revisions are never changed. `next`
    is the cursor of the following page.
    """
    page = list_revisions(hub(), by=current_principal(), site=site, month=month, **query)
    return page, {"Cache-Control": "no-store"}


@reports.route(PLACE + "/revisions/<int(min=1):number>")
@secured(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
@reports.response(200, RevisionSchema, headers=ETAG)
def get_revision(site: str, month: Month, number: int) -> tuple:
    """One revision of a report

    For its operator and the steward.
    """
    return _with_etag(read_revision(hub(), by=current_principal(), site=site, month=month, number=number))


@reports.route("/reports")
@secured(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
@reports.arguments(ReportQuerySchema, location="query")
@reports.response(200, page_of(HeadSchema))
def get_reports(query: dict) -> tuple:
    """The reports one may read

    For the steward, `state=submitted` is the queue; an operator gets its own reports. By month and site, without
    their counts. `next` is the cursor of the following page.
    """
    return list_reports(hub(), by=current_principal(), **query), {"Cache-Control": "no-store"}


@reports.route(PLACE + "/review", methods=["POST"])
@secured(Scope.REPORTS_REVIEW)
@reports.arguments(DecisionSchema)
@reports.response(200, HeadSchema)
@reports.refuses(Conflict)
def post_review(decision: dict, site: str, month: Month) -> object:
    """Accept a report, or return it

    For the steward: decides on the current revision. Accepted reports go into the next release; a return says why.
    Nobody decides on a report of their own operator or a revision they sent. To accept it, no warning may be left open,
    and a death must have been confirmed by somebody else.
    """
    return review_report(hub(), by=current_principal(), site=site, month=month, **decision)


@reports.route(PLACE + "/confirmation", methods=["POST"])
@secured(Scope.REPORTS_WRITE, Scope.REPORTS_REVIEW)
@own_or_reviewed_site
@reports.arguments(ConfirmingSchema)
@reports.response(200, ConfirmationSchema)
@reports.refuses(Conflict)
def post_confirmation(confirmed: dict, site: str, month: Month) -> object:
    """Confirm the deaths of a report

    For a second person, of its operator or a steward, who has looked at the current revision: a report that counts a
    death is accepted only when somebody confirmed it who neither sent nor accepts it. A new revision is confirmed anew.
    """
    return confirm_report(hub(), by=current_principal(), site=site, month=month, **confirmed)


def _with_etag(view: RevisionView) -> tuple:
    return tagged(view, view.etag, is_private=True)
