"""Reports: send, revise, read, and the steward's review."""

from __future__ import annotations

from actions.read_report import RevisionView, list_reports, list_revisions, read_report, read_revision
from actions.review_report import review_report
from actions.submit_report import submit_report
from api.context import hub, own_site, preconditions
from api.report_forms import answers_in_any_form, takes_a_report_in_any_form
from auth.guard import current_principal, secured
from domain.access import Scope
from domain.periods import Month
from domain.refusals import Conflict, PreconditionFailed, PreconditionMissing
from domain.report import Report
from openapi.blueprint import Blueprint
from schemas.answers import ETAG, HeadSchema, ReceiptSchema, RevisionSchema, page_of
from schemas.requests import DecisionSchema, ReportFormSchema, ReportQuerySchema

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
    412, so that nobody overwrites what they have not seen. The same content again stores nothing and answers 200.
    A month can be reported once it has ended where the site is. Errors refuse the report and nothing is stored;
    warnings do not, but a report is accepted only when each is acknowledged.
    """
    receipt = submit_report(
        hub(), by=current_principal(), site=site, month=month, report=report, preconditions=preconditions()
    )
    return receipt, 201 if receipt.created else 200, {"ETag": f'"{receipt.etag}"', "Cache-Control": "no-store"}


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
@reports.response(200, page_of(RevisionSchema))
def get_revisions(site: str, month: Month) -> tuple:
    """Every revision of a report

    For its operator and the steward: what was sent when, and what became of it. Revisions are never changed.
    """
    views = list_revisions(hub(), by=current_principal(), site=site, month=month)
    return {"items": views, "next": None}, {"Cache-Control": "no-store"}


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

    For the steward, `state=submitted` is the queue; an operator gets its own reports. Without their counts.
    """
    heads = list_reports(hub(), by=current_principal(), state=query.get("state"))
    return {"items": heads, "next": None}, {"Cache-Control": "no-store"}


@reports.route(PLACE + "/review", methods=["POST"])
@secured(Scope.REPORTS_REVIEW)
@reports.arguments(DecisionSchema)
@reports.response(200, HeadSchema)
@reports.refuses(Conflict)
def post_review(decision: dict, site: str, month: Month) -> object:
    """Accept a report, or return it

    For the steward: decides on the current revision. Accepted reports go into the next release; a return says why.
    Nobody decides on a report of their own operator or a revision they sent, and no warning may be left open.
    """
    return review_report(hub(), by=current_principal(), site=site, month=month, **decision)


def _with_etag(view: RevisionView) -> tuple:
    return view, {"ETag": f'"{view.revision.etag}"', "Cache-Control": "no-store"}
