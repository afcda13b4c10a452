"""Judge a report that nobody has sent yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import request

from actions.validate_report import Foreseen, validate_report
from api.context import hub
from api.report_forms import BODY
from auth.guard import public
from domain.reasons import Unforeseen
from domain.refusals import Invalid, NotFound
from openapi.blueprint import BODY_REFUSALS, Blueprint
from openapi.report_bodies import read_report
from schemas.validations import ValidationQuerySchema, ValidationSchema

validations = Blueprint("validations", __name__, url_prefix="/v1", description="Reports judged without being sent.")


@validations.route("/validations", methods=["POST"])
@public
@validations.doc(requestBody=BODY)
@validations.arguments(ValidationQuerySchema, location="query")
@validations.response(200, ValidationSchema)
@validations.refuses(Invalid, NotFound, *BODY_REFUSALS)
def post_validation(query: dict) -> tuple:
    """Judge a report without sending it

    For whoever makes up a report, in any of its forms, and wants to know what the hub would say, without an account:
    the findings of all rules that need this one report, and of each of its counts whether the public would see it, and
    if not, why. With `site` and `month` also the rules of the calendar and what that site's operator agreed to. Nothing
    is stored or written down. The preview comes from this report and published releases alone; in a release more can be
    hidden, to protect what others sent. A report with errors is answered 200 like any other, with the errors among its
    findings.
    """
    sent = read_report(request, **query)
    judged = validate_report(hub(), report=sent.report, **query)
    findings = sent.sheet.placed([asdict(finding) for finding in judged.findings])
    return {"findings": findings, **_foreseen(judged.preview)}, {"Cache-Control": "no-store"}


def _foreseen(preview: Sequence[Foreseen] | Unforeseen) -> dict[str, Any]:
    if isinstance(preview, Unforeseen):
        return {"preview": None, "no_preview": {"reason": preview, "detail": preview.detail}}
    return {"preview": preview, "no_preview": None}
