"""What is in a release: its rows in every form, and what there is of which indicator, for whom and when."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from itertools import chain
from typing import Any

from flask import Response, request, url_for

from actions.open_release import LATEST, find_release
from actions.query_observations import Found, Query, query_observations
from actions.read_availability import read_availability
from api.context import LINK, following_page, hub, paged
from api.long_answers import all_at_once, streamed, tag_of
from api.provenance import describe, marked
from api.sealing import seal
from auth.guard import current_principal, public, secured
from domain.access import Scope
from domain.refusals import NotFound, Retracted
from formats import observations_adx, observations_csv, observations_jsonstat, observations_parquet
from formats.observations_text import write_csv, write_json
from openapi.blueprint import Blueprint
from schemas.answers import ObservationSchema, page_of
from schemas.availability import AvailabilitySchema
from schemas.requests import (
    LatestAvailabilityQuerySchema,
    LatestFileQuerySchema,
    LatestObservationQuerySchema,
    ObservationQuerySchema,
    RowQuerySchema,
)

observations = Blueprint("observations", __name__, url_prefix="/v1", description="What is in a release.")
observations.after_request(seal)

JSON = "application/json"
MEDIA_TYPES = {
    "json": JSON,
    "csv": "text/csv",
    "jsonstat": observations_jsonstat.MEDIA_TYPE,
    "parquet": observations_parquet.MEDIA_TYPE,
    "adx": observations_adx.MEDIA_TYPE,
}
_LOCATION = {"Location": {"schema": {"type": "string"}}}
_DATASET = {"type": "object", "required": ["version", "class", "id", "size", "dimension", "value"]}


@observations.route("/releases/<release:release>/observations")
@secured(Scope.DATA_READ)
@observations.arguments(ObservationQuerySchema, location="query")
@observations.response(200, page_of(ObservationSchema), headers=LINK)
@observations.response(200, {"type": "string"}, content_type=MEDIA_TYPES["csv"])
@observations.response(200, _DATASET, content_type=MEDIA_TYPES["jsonstat"])
@observations.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA_TYPES["parquet"])
@observations.response(200, {"type": "string"}, content_type=MEDIA_TYPES["adx"])
@observations.refuses(Retracted)
def get_observations(query: dict, release: str) -> Response:
    """The rows of a release

    For researchers: the cells of a release, filtered by any of their columns, as pages of JSON, or all at once as CSV,
    JSON-stat 2.0, Parquet or ADX, by `Accept` or `format=`. A hidden cell has the status `suppressed` and the bounds
    that any reader could derive; it is never shown as zero. `next` is the cursor of the following page. CSV with
    `bom=1` is for Excel.
    """
    form, start, limit = _form(query.pop("format", None)), int(query.pop("cursor", 0)), query.pop("limit")
    has_mark = query.pop("bom")
    found = query_observations(hub(), by=current_principal(), release=release, query=_query(query), start=start)
    answer = _page(found, limit) if form == "json" else _WRITERS[form](found)
    answer.vary.add("Accept")
    return marked(describe(answer, found.release), is_wanted=has_mark)


@observations.route("/releases/<release:release>/availability")
@public
@observations.arguments(RowQuerySchema, location="query")
@observations.response(200, AvailabilitySchema, headers=LINK)
@observations.refuses(Retracted)
def get_availability(query: dict, release: str) -> Response:
    """What a release has

    For whoever is about to ask for rows or a comparison: for every unit, period and indicator how many cells are
    published, suppressed, or without a count. What is not listed has no row. `summary` counts all that was asked for,
    `next` is the cursor of the following page.
    """
    start, limit = int(query.pop("cursor", 0)), query.pop("limit")
    found = read_availability(hub(), release=release, query=_query(query), start=start, limit=limit)
    months = {"first": found.first_month, "last": found.last_month}
    facts = {"release": found.release, "months": months, "summary": found.summary}
    return paged([asdict(item) for item in found.items], found.next, facts)


@observations.route("/releases/latest/observations")
@public
@observations.arguments(LatestObservationQuerySchema, location="query")
@observations.response(307, headers=_LOCATION)
@observations.refuses(NotFound)
def get_latest_observations(query: dict) -> Response:
    """Where the newest rows are

    For researchers who follow the figures: redirects to the same question of the newest release, or with `as_of` of
    the one that was the newest when that day ended (UTC).
    """
    return see("observations.get_observations", query)


@observations.route("/releases/latest/availability")
@public
@observations.arguments(LatestAvailabilityQuerySchema, location="query")
@observations.response(307, headers=_LOCATION)
@observations.refuses(NotFound)
def get_latest_availability(query: dict) -> Response:
    """Where it is told what the newest release has

    For whoever is about to ask for its rows: redirects to the same question of the newest release, or with `as_of` of
    the one that was the newest when that day ended (UTC).
    """
    return see("observations.get_availability", query)


@observations.route("/releases/latest/files/<name:name>")
@public
@observations.arguments(LatestFileQuerySchema, location="query")
@observations.response(307, headers=_LOCATION)
@observations.refuses(NotFound)
def get_latest_file(query: dict, name: str) -> Response:
    """Where the newest file of this name is

    For scripts that read the newest figures: redirects to the file of the newest release, or with `as_of` of the one
    that was the newest when that day ended (UTC).
    """
    return see("releases.get_file", query, name=name)


def see(endpoint: str, query: dict, **path: str) -> Response:
    """Send to the release that is meant, with what else was asked."""
    meant: str | date = query.get("as_of", LATEST)
    asked: dict[str, Any] = {**request.args.to_dict(flat=False), **path, "release": find_release(hub(), meant).id}
    asked.pop("as_of", None)
    answer = Response(status=307, headers={"Cache-Control": "no-cache"})
    answer.location = url_for(endpoint, **asked)
    return answer


def _query(asked: dict) -> Query:
    period, kinds = asked.pop("period", None), asked.pop("period_kind", None)
    return Query(asked, period, kinds)


def _form(chosen: str | None) -> str:
    if chosen:
        return chosen
    best = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()))
    return next((form for form, media_type in MEDIA_TYPES.items() if media_type == best), "json")


def _page(found: Found, limit: int) -> Response:
    page = found.page(limit)
    cursor, link = following_page(page.next)
    text = f'{{"items": {write_json(page.blocks)}, "next": {json.dumps(cursor)}}}\n'
    answer = Response(text, content_type=JSON, headers=link)
    answer.set_etag(tag_of(found, "json"))
    return answer


def _csv(found: Found) -> Response:
    return streamed(write_csv(found.blocks()), observations_csv.MEDIA_TYPE, found, "csv")


def _adx(found: Found) -> Response:
    pieces = observations_adx.write_adx(found.blocks(), found.release.published_at)
    return streamed(pieces, observations_adx.MEDIA_TYPE, found, "adx")


def _jsonstat(found: Found) -> Response:
    content = observations_jsonstat.write_jsonstat(found.cube, all_at_once(found), found.source, found.labels)
    return Response(content, content_type=observations_jsonstat.MEDIA_TYPE)


def _parquet(found: Found) -> Response:
    rows = chain.from_iterable(block.observations() for block in all_at_once(found))
    return Response(
        observations_parquet.write_parquet(rows, found.source), content_type=observations_parquet.MEDIA_TYPE
    )


_WRITERS = {"csv": _csv, "jsonstat": _jsonstat, "parquet": _parquet, "adx": _adx}
