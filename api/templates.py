"""Templates: the form of a report as a file to fill in."""

from __future__ import annotations

from flask import Response, request

from actions.read_directory import read_dictionary
from actions.read_last_month import dictionary_for, read_last_month
from api.context import hub
from auth.guard import current_principal, public, secured
from domain.access import Scope
from domain.periods import Month
from formats.reports import templates as files
from formats.reports import tidy_csv, xlsx
from formats.reports.filled_workbook import Filling
from openapi.blueprint import Blueprint
from openapi.report_answers import attachment
from schemas.requests import TemplateFormSchema

templates = Blueprint("templates", __name__, url_prefix="/v1", description="Forms to fill in.")

FILES = {
    200: {
        "content": {
            xlsx.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
            tidy_csv.MEDIA_TYPE: {"schema": {"type": "string"}},
        }
    }
}


@templates.route("/templates/<name:version>")
@public
@templates.arguments(TemplateFormSchema, location="query")
@templates.response(200, description="The file.")
@templates.doc(responses=FILES)
def get_template(query: dict, version: str) -> Response:
    """The empty form of a report

    For data managers and developers: a workbook with choices, definitions and rules beside each field, or a CSV with a
    line for each cell (`format=csv`). Made from the dictionary; filled in, it is sent back as it is.
    """
    kind = _kind(query)
    content = files.blank(read_dictionary(hub(), version).version, kind)
    return _file(content, kind, f"report-{version}", "public, max-age=3600")


@templates.route("/sites/<slug:site>/reports/<month:month>/template")
@secured(Scope.REPORTS_WRITE, Scope.REPORTS_READ)
@templates.arguments(TemplateFormSchema, location="query")
@templates.response(200, description="The file.")
@templates.doc(responses=FILES)
def get_site_template(query: dict, site: str, month: Month) -> Response:
    """The form of one site and month

    For the site's operator alone: the workbook already says for which site and month it is, and shows what the site
    reported the month before beside each field. As CSV it is the empty form.
    """
    kind, dictionary = _kind(query), dictionary_for(hub(), month)
    last = read_last_month(hub(), by=current_principal(), site=site, month=month)
    content = files.filled(dictionary.version, Filling(site, str(month), last=last), kind)
    return _file(content, kind, f"{site}-{month}", "no-store")


def _kind(query: dict) -> files.Kind:
    """The kind of file that `format=` names, or else the one that Accept likes best: a workbook, if it does not say."""
    if query.get("format"):
        return next(kind for kind in files.KINDS if kind.name == query["format"])
    best = request.accept_mimetypes.best_match([xlsx.MEDIA_TYPE, tidy_csv.MEDIA_TYPE])
    return files.CSV if best == tidy_csv.MEDIA_TYPE else files.XLSX


def _file(content: bytes, kind: files.Kind, name: str, keep: str) -> Response:
    answer = attachment(content, kind.content_type, f"{name}.{kind.name}")
    answer.headers.update({"Cache-Control": keep, "Vary": "Accept"})
    return answer
