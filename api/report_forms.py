"""Reports in every form: the decorators of the doors that take or answer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Response, request

from domain.periods import Month
from domain.refusals import Invalid
from formats.reports.sheet import Origin
from openapi.blueprint import BODY_REFUSALS, Blueprint
from openapi.report_answers import documented_forms, form_asked_for
from openapi.report_bodies import read_report
from openapi.report_files import JSON

BODY = {
    "required": True,
    "content": {JSON: {"schema": {"$ref": "#/components/schemas/ReportBody"}}, **documented_forms()},
}


def takes_a_report_in_any_form(view: Callable) -> Callable:
    """Hand the report in the body to the view, whatever its form; what is found in a file is told with its place.

    Stands next to the view, which answers a receipt with findings first.
    """

    @wraps(view)
    def reading(site: str, month: Month) -> tuple:
        sent = read_report(request, site=site, month=month)
        with sent.placing():
            receipt, *rest = view(sent.report, site=site, month=month)
        return replace(receipt, findings=sent.sheet.placed(receipt.findings)), *rest

    documented = Blueprint.doc(requestBody=BODY)(reading)
    return Blueprint.refuses(Invalid, *BODY_REFUSALS)(documented)


def answers_in_any_form(view: Callable) -> Callable:
    """Answer the revision as JSON, or its report alone in the form that was asked for.

    Stands next to the view, which answers a revision, status and headers; its entity tag is that of the report in every
    form.
    """

    @wraps(view)
    def answering(query: dict, site: str, month: Month) -> Any:
        seen, status, headers = view(site=site, month=month)
        headers = {**headers, "Vary": "Accept"}
        form = form_asked_for(request, query.get("format"))
        if form is None:
            return seen, status, headers
        answer: Response = form.answer(seen.revision.content, Origin(site, str(month), seen.revision.submitted_at))
        answer.headers.update(headers)
        return answer

    return Blueprint.doc(responses={200: {"content": documented_forms()}})(answering)
