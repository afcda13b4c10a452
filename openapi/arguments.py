"""How bodies and queries are read: refusals of ours for everything that can be wrong with them.

A body is refused in this order: too large (413), not JSON by its own word (415), unreadable (400), of the wrong
shape (422). A query parameter that the schema does not know, or that is there twice, is refused like a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, partial
from itertools import islice
from typing import Any, NoReturn

import flask
from flask import Request
from marshmallow import RAISE, Schema, ValidationError, missing
from webargs.flaskparser import FlaskParser

from domain.refusals import BodyTooLarge, Item, QueryInvalid, ShapeInvalid, Unreadable, UnsupportedMediaType
from openapi.shape_items import MAX_ITEMS, TWICE, UNKNOWN, shape_items, step
from openapi.strict_json import parse_json

MIB = 1024 * 1024
MAX_BODY = MIB
MOST_KEPT, LONGEST_KEPT = 1_000, 500
"""Queries whose meaning is remembered, and the bytes that each may have."""


class ArgumentsParser(FlaskParser):
    """The parser behind `Blueprint.arguments`."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "querystring": RAISE}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._queries: dict[tuple[Any, bytes], dict] = {}

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **options: Any) -> Any:
        """As webargs has it; what a query means is remembered by its text, a refusal is not."""
        read = partial(super().parse, argmap, req, location=location, **options)
        text = flask.request.query_string
        if location != "query" or len(text) > LONGEST_KEPT:
            return read()
        if (argmap, text) not in self._queries and len(self._queries) >= MOST_KEPT:
            self._queries.clear()
        return dict(self._queries.get((argmap, text)) or self._queries.setdefault((argmap, text), read()))

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        """To make a schema takes as long as to load by it."""
        return _schema(argmap) if isinstance(argmap, type) else super()._get_schema(argmap, req)

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The JSON body, or missing where there is none; `check_json_body` has been over it."""
        data = req.get_data()
        return parse_json(data) if data else missing

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The query; raises ValidationError for a parameter given twice that is no list."""
        query = super().load_querystring(req, schema)
        twice = [name for name, values in req.args.lists() if len(values) > 1 and name not in query.multiple_keys]
        if twice:
            raise ValidationError({name: [TWICE] for name in twice})
        return query

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_: Any) -> NoReturn:
        """Refuse with ShapeInvalid for a body, QueryInvalid for anything else of the request."""
        ((location, messages),) = error.normalized_messages().items()
        refusal, found = (
            (ShapeInvalid, shape_items(messages, sent=parse_json(req.get_data())))
            if location == "json"
            else (QueryInvalid, _query_items(messages, location, _parameters(schema)))
        )
        raise refusal(f"See the errors, {MAX_ITEMS} at most.", list(islice(found, MAX_ITEMS))) from None


@cache
def _schema(kind: type[Schema]) -> Schema:
    return kind()


def read_body(request: Request, max_bytes: int = MAX_BODY) -> bytes:
    """The body, of any media type; raises BodyTooLarge for one that is longer, announced or not."""
    # One byte more than allowed: a chunked body that is longer would otherwise be cut off without a word.
    request.max_content_length = max_bytes + 1
    if (request.content_length or 0) > max_bytes or len(request.get_data()) > max_bytes:
        raise BodyTooLarge(f"The body may have {max_bytes} bytes.")
    return request.get_data()


def check_json_body(request: Request, max_bytes: int, required: bool) -> None:
    """Raise BodyTooLarge, UnsupportedMediaType or Unreadable for a body that can't be read as JSON at all."""
    if read_body(request, max_bytes):
        _check_media_type(request)
    elif required:
        raise Unreadable("The body is empty.")


def _query_items(messages: Mapping[str, Any], location: str, known: Sequence[str]) -> Iterator[Item]:
    """The same for parameters; a name that is unknown is told, for the URL and its logs have it already."""
    for name, inner in messages.items():
        place = f"/{location}" + step(name)
        if inner == UNKNOWN:
            meant = get_close_matches(name, known, 1)
            hint = f"did you mean {meant[0]}?" if meant else f"there are: {', '.join(known)}."
            yield Item(place, "unknown", f"There is no such parameter; {hint}")
        else:
            yield from shape_items(inner, place)


def _parameters(schema: Schema) -> Sequence[str]:
    return sorted(field.data_key or name for name, field in schema.fields.items())


def _check_media_type(request: Request) -> None:
    kind = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType("The body must be application/json.")
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("JSON is UTF-8.")
    if request.content_encoding:
        raise UnsupportedMediaType("The body must not be compressed.")
