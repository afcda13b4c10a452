"""The audit log, for auditors."""

from __future__ import annotations

from actions.read_audit import AuditPage, read_audit
from api.context import hub
from auth.guard import current_principal, secured
from domain.access import Scope
from domain.audit import AuditFilter, Line
from openapi.blueprint import Blueprint
from schemas.administration import AuditLineSchema, AuditQuerySchema
from schemas.answers import page_of

audit = Blueprint("audit", __name__, url_prefix="/v1", description="Who did what, when.")


@audit.route("/audit")
@secured(Scope.AUDIT_READ)
@audit.arguments(AuditQuerySchema, location="query")
@audit.response(200, page_of(AuditLineSchema))
def get_audit(query: dict) -> tuple:
    """Who did what, the newest first

    For auditors: writes, grants, sign-ins, tokens, readings of unpublished reports, releases; never a count, never a
    secret. An operator's auditor gets the lines about that operator's things and people, without the places that they
    have in the log. `next` is the cursor of the page with older lines.
    """
    limit, cursor = query.pop("limit"), query.pop("cursor", None)
    wanted = AuditFilter(**query)
    page = read_audit(
        hub(), by=current_principal(), wanted=wanted, limit=limit, older=None if cursor is None else int(cursor)
    )
    items = [_answer(line, page) for line in page.lines]
    return {"items": items, "next": page.older and str(page.older)}, {"Cache-Control": "no-store"}


def _answer(line: Line, page: AuditPage) -> dict:
    return vars(line) if page.is_whole_log else {**vars(line), "number": None, "sha256": None}
