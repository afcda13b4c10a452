"""Many reports at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import request

from actions.submit_report import Receipt
from actions.submit_reports import Order, submit_reports
from api.context import hub
from auth.guard import current_principal, secured
from domain.access import Scope
from domain.refusals import Invalid, Item, NotFound, Refusal
from domain.report import Report
from openapi.blueprint import BODY_REFUSALS, Blueprint
from openapi.problems import problem_body, problem_of
from openapi.report_bulk import BulkItem, read_bulk
from openapi.report_files import JSON
from schemas.answers import OutcomeSchema, page_of
from schemas.requests import BulkSchema

bulk_reports = Blueprint("bulk_reports", __name__, url_prefix="/v1", description="Many reports at once.")

CSV_EXAMPLE = (
    "site,month,indicator,breakdown,category,value,value_status,upper\r\n"
    "ri-providence,2026-05,about,dictionary,v2026.1,,,\r\n"
    "ri-providence,2026-05,operating_days,,,31,reported,\r\n"
)
BODY = {
    "required": True,
    "content": {
        JSON: {"schema": BulkSchema},
        "text/csv": {"schema": {"type": "string", "format": "binary"}, "example": CSV_EXAMPLE},
    },
}


@bulk_reports.route("/reports", methods=["POST"])
@secured(Scope.REPORTS_WRITE)
@bulk_reports.doc(requestBody=BODY)
@bulk_reports.response(200, page_of(OutcomeSchema))
@bulk_reports.refuses(Invalid, *BODY_REFUSALS)
def post_reports() -> tuple:
    """Send many reports

    For an operator's software, to hand in a year or all of its sites at once: up to 5,000 site-months in 32 MiB, as
    JSON or as CSV with `site` and `month` in front of the columns of a report. Each report is stored or refused for
    itself, as if it were sent alone; the answers come in the same order, with the status that each would have got. A
    site and month stands in a body once. What can't be read at all stores nothing.
    """
    items = read_bulk(request)
    orders = [Order(item.site, item.month, _reader(item), item.preconditions) for item in items]
    outcomes = submit_reports(hub(), by=current_principal(), orders=orders)
    told = [_told(item, outcome) for item, outcome in zip(items, outcomes, strict=True)]
    return {"items": told, "next": None}, {"Cache-Control": "no-store"}


def _reader(item: BulkItem) -> Callable[[], Report]:
    return lambda: item.read().report


def _told(item: BulkItem, outcome: Receipt | Refusal) -> dict[str, Any]:
    if isinstance(outcome, NotFound):
        return _of_no_site(item)
    head = {"site": item.site, "month": str(item.month)}
    if isinstance(outcome, Refusal):
        problem = problem_of(type(outcome))
        instance = f"/v1/sites/{item.site}/reports/{item.month}"
        issuer, items = hub().settings.issuer, item.pointing(outcome)
        told = problem_body(problem, issuer, detail=outcome.detail, instance=instance, items=items)
        return {**head, "status": problem.status, "problem": told}
    return {
        **head,
        "status": 201 if outcome.created else 200,
        "receipt": replace(outcome, findings=item.sheet.placed(outcome.findings)),
    }


def _of_no_site(item: BulkItem) -> dict[str, Any]:
    """Says where it stands, and not again what stands there: it could be the name of a person."""
    problem, detail = problem_of(NotFound), "There is no site of this id; GET /v1/sites lists them."
    wrong = Item(item.pointer.removesuffix("/report") + "/site", "unknown", detail, place=item.sheet.place_of(""))
    told = problem_body(problem, hub().settings.issuer, detail=detail, instance="/v1/reports", items=[wrong])
    return {"site": "", "month": str(item.month), "status": problem.status, "problem": told}
