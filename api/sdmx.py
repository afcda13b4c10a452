"""Releases by SDMX-REST 2.1: structures for anybody, data for researchers.

Clients ask for an agency, a structure and a version in the path. There is one agency and one data flow; whatever agency
is named, these are meant. Where nothing matches, the answer is an empty data set: 404 and 204 are failures to clients.
"""

from __future__ import annotations

from flask import Response, request
from werkzeug.http import parse_options_header

from actions.describe_sdmx import describe_sdmx
from actions.open_release import LATEST
from actions.query_observations import Found
from actions.query_sdmx import SdmxQuery, query_sdmx
from api.context import hub
from api.long_answers import all_at_once, streamed
from api.sealing import seal
from auth.guard import current_principal, public, secured
from domain.access import Scope
from domain.refusals import NotFound, Retracted
from formats.sdmx import data_json, generic, structures, text
from formats.sdmx.keys import parse_key, parse_times, require_flow
from formats.sdmx.message import Message
from formats.sdmx.series import Arrangement
from openapi.blueprint import Blueprint
from schemas.sdmx import SdmxDataQuerySchema, SdmxStructureQuerySchema

sdmx = Blueprint("sdmx", __name__, url_prefix="/sdmx/2.1", description="Releases as SDMX 2.1.")
sdmx.after_request(seal)

_FORMS = {
    "xml": ("application/vnd.sdmx.genericdata+xml", "application/xml", "text/xml"),
    "csv": ("application/vnd.sdmx.data+csv", "text/csv"),
    "json": ("application/vnd.sdmx.data+json", "application/json"),
}
_TEXT, _DATASET = {"type": "string"}, {"type": "object", "required": ["meta", "data"]}
_ANY = ("", "all", "all", "latest")
"""What is meant where the path ends early."""


@sdmx.route("/data/<sdmx:what>")
@secured(Scope.DATA_READ)
@sdmx.arguments(SdmxDataQuerySchema, location="query")
@sdmx.response(200, _TEXT, content_type=generic.MEDIA_TYPE)
@sdmx.response(200, _TEXT, content_type=text.MEDIA_TYPE)
@sdmx.response(200, _DATASET, content_type=data_json.MEDIA_TYPE)
@sdmx.refuses(NotFound)
def get_sdmx_data(query: dict, what: str) -> Response:
    """The newest rows as SDMX

    For researchers with an SDMX client: series of the newest release as generic SDMX-ML, or by `Accept` or `format=` as
    SDMX-CSV 1.0 or SDMX-JSON 1.0. The path is `FLOW/KEY`: the flow is `OPC_MONTHLY`, and the key has the codes of
    FREQ.LEVEL.UNIT.INDICATOR.BREAKDOWN.CATEGORY, empty for any, several with `+`. What is hidden has no value, the
    status `Q` and the bounds that any reader could derive.
    """
    return _data(query, LATEST, what)


@sdmx.route("/releases/<release:release>/data/<sdmx:what>")
@secured(Scope.DATA_READ)
@sdmx.arguments(SdmxDataQuerySchema, location="query")
@sdmx.response(200, _TEXT, content_type=generic.MEDIA_TYPE)
@sdmx.response(200, _TEXT, content_type=text.MEDIA_TYPE)
@sdmx.response(200, _DATASET, content_type=data_json.MEDIA_TYPE)
@sdmx.refuses(Retracted)
def get_sdmx_release_data(query: dict, release: str, what: str) -> Response:
    """The rows of a release as SDMX

    For researchers with an SDMX client who mean one release, for good: the same of the release that the path names. To
    a client `/sdmx/2.1/releases/{release}` is a source of its own.
    """
    return _data(query, release, what)


@sdmx.route("/<structure:which>")
@public
@sdmx.arguments(SdmxStructureQuerySchema, location="query")
@sdmx.response(200, _TEXT, content_type=structures.MEDIA_TYPE)
@sdmx.refuses(NotFound)
def get_sdmx_structure(query: dict, which: str) -> Response:
    """How the newest rows are structured, as SDMX

    For SDMX clients: the data flow, the data structure, the concepts and the code lists of the newest release, as
    SDMX-ML. The path is `KIND/AGENCY/ID/VERSION`, of which the last parts may be missing or `all`.
    """
    return _structure(query, LATEST, which)


@sdmx.route("/releases/<release:release>/<structure:which>")
@public
@sdmx.arguments(SdmxStructureQuerySchema, location="query")
@sdmx.response(200, _TEXT, content_type=structures.MEDIA_TYPE)
@sdmx.refuses(Retracted)
def get_sdmx_release_structure(query: dict, release: str, which: str) -> Response:
    """How the rows of a release are structured, as SDMX

    For SDMX clients that mean one release, for good: the same of the release that the path names.
    """
    return _structure(query, release, which)


def _data(query: dict, release: str, what: str) -> Response:
    flow, key, *_ = (*what.rstrip("/").split("/"), "all")
    require_flow(flow)
    asked = SdmxQuery(parse_key(key), parse_times(query["start"], query["end"]), query["updated_after"])
    how = Arrangement(query["across"], query["detail"], query["first"], query["last"])
    found = query_sdmx(hub(), by=current_principal(), release=release, query=asked)
    answer = _written(found, how, query["form"] or _accepted())
    answer.vary.add("Accept")
    answer.headers["X-Release"] = found.release.id
    return answer


def _written(found: Found, how: Arrangement, form: str) -> Response:
    message = Message(found.source, found.release.published_at, found.cube)
    if form == "json":
        content = data_json.write_json(message, all_at_once(found), how, found.labels)
        return Response(content, content_type=data_json.MEDIA_TYPE)
    blocks = all_at_once(found) if how.needs_all else found.blocks()
    if form == "csv":
        return streamed(text.write_csv(message, blocks, how), text.MEDIA_TYPE, found, form)
    return streamed(generic.write_generic(message, blocks, how), generic.MEDIA_TYPE, found, form)


def _accepted() -> str:
    """The form that Accept asks for first; generic SDMX-ML where it asks for none that there is."""
    for accepted, _ in request.accept_mimetypes:
        media_type = parse_options_header(accepted)[0]
        form = next((form for form, known in _FORMS.items() if media_type in known), None)
        if form:
            return form
    return "xml"


def _structure(query: dict, release: str, which: str) -> Response:
    parts = which.rstrip("/").split("/")
    kind, _, id, version = (*parts, *_ANY[len(parts) :])
    asked = structures.StructureQuery(kind, frozenset(id.split("+")), version, query["references"], query["detail"])
    return Response(describe_sdmx(hub(), release=release, query=asked), content_type=structures.MEDIA_TYPE)
