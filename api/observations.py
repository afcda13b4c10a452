"""What is in a release: its rows in every form, and what there is of which indicator, for whom and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from itertools import chain, islice
from typing import Any

from flask import Response, request, url_for

from actions.open_release import LATEST, find_release
from actions.query_observations import Found, Query, query_observations
from actions.read_availability import read_availability
from api.context import LINK, following_page, hub, paged
from api.sealing import seal
from auth.guard import current_principal, public, secured
from domain.access import Scope
from domain.refusals import Item, NotFound, QueryInvalid, Retracted
from formats import observations_csv, observations_jsonstat, observations_parquet
from formats.observations_text import write_csv, write_json
from openapi.api import VERSION
from openapi.blueprint import Blueprint
from schemas.answers import ObservationSchema, page_of
from schemas.availability import AvailabilitySchema
from schemas.requests import (
    LatestAvailabilityQuerySchema,
    LatestObservationQuerySchema,
    LatestQuerySchema,
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
}
MOST_PLACES = 200_000
"""Rows that a form takes which can't be written bit by bit; whoever asks for more is told so, and gets none."""

_LOCATION = {"Location": {"schema": {"type": "string"}}}
_DATASET = {"type": "object", "required": ["version", "class", "id", "size", "dimension", "value"]}


@observations.route("/releases/<release:release>/observations")
@secured(Scope.DATA_READ)
@observations.arguments(ObservationQuerySchema, location="query")
@observations.response(200, page_of(ObservationSchema), headers=LINK)
@observations.response(200, {"type": "string"}, content_type=MEDIA_TYPES["csv"])
@observations.response(200, _DATASET, content_type=MEDIA_TYPES["jsonstat"])
@observations.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA_TYPES["parquet"])
@observations.refuses(Retracted)
def get_observations(query: dict, release: str) -> Response:
    """The rows of a release

    For researchers: the cells of a release, filtered by any of their columns, as pages of JSON, or all at once as CSV,
    JSON-stat 2.0 or Parquet, by `Accept` or `format=`. A hidden cell has the status `suppressed` and the bounds that
    any reader could derive; it is never shown as zero. `next` is the cursor of the following page.
    """
    form, start, limit = _form(query.pop("format", None)), int(query.pop("cursor", 0)), query.pop("limit")
    found = query_observations(hub(), by=current_principal(), release=release, query=_query(query), start=start)
    answer = _page(found, limit) if form == "json" else _WRITERS[form](found)
    answer.vary.add("Accept")
    return answer


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
@observations.arguments(LatestQuerySchema, location="query")
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
    answer.set_etag(_tag(found, "json"))
    return answer


def _tag(found: Found, form: str) -> str:
    """What an answer is made from, which takes less than to look through all of it."""
    return sha256("\n".join((VERSION, found.release.sha256, request.full_path, form)).encode()).hexdigest()


def _csv(found: Found) -> Response:
    """A long one is sent as it is made, and known by what it is made from."""
    pieces = write_csv(found.blocks())
    first = list(islice(pieces, 3))
    whole = len(first) < 3
    content: bytes | Iterator[bytes] = b"".join(first) if whole else chain(first, pieces)
    answer = Response(content, content_type=observations_csv.MEDIA_TYPE)
    if not whole:
        # To know its length, all of it would have to be made first.
        answer.automatically_set_content_length = False
        answer.set_etag(_tag(found, "csv"))
    return answer


def _jsonstat(found: Found) -> Response:
    blocks = _all_at_once(found)
    content = observations_jsonstat.write_jsonstat(
        found.cube, blocks, label=f"Crosstally release {found.release.id}", extension={"release": found.release.id}
    )
    return Response(content, content_type=observations_jsonstat.MEDIA_TYPE)


def _parquet(found: Found) -> Response:
    rows = chain.from_iterable(block.observations() for block in _all_at_once(found))
    return Response(observations_parquet.write_parquet(rows), content_type=observations_parquet.MEDIA_TYPE)


_WRITERS = {"csv": _csv, "jsonstat": _jsonstat, "parquet": _parquet}


def _all_at_once(found: Found) -> list:
    page = found.page(MOST_PLACES)
    if page.next is None:
        return page.blocks
    detail = f"There are more than {MOST_PLACES} rows; narrow the query, take CSV, or a file of the release."
    raise QueryInvalid(detail, [Item("/query/format", "too_many_rows", detail)])
