"""The OpenAPI 3.1 document, made from the views themselves and served at `/openapi.json`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import make_schema_key, resolve_schema_instance
from flask import Flask, Response, json, request
from marshmallow import Schema

from domain.access import Scope
from domain.settings import Settings
from openapi.blueprint import SECURITY_SCHEME
from openapi.converters import CONVERTERS
from openapi.examples import add_examples
from openapi.problems import HTTP_ERRORS, MEDIA_TYPE, PROBLEMS, Problem, problem_body, register_problems
from schemas.answers import PLACE

TITLE = "Crosstally"
VERSION = "v1"
OPENAPI_VERSION = "3.1.0"
DESCRIPTION = (
    "Monthly aggregate counts of overdose prevention centers: operators report them, stewards release them, "
    "everybody reads the releases. Every error is a problem document (RFC 9457)."
)

_TEXT = {"type": "string"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Why the request was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "additionalProperties": True,
    "properties": {
        "type": {**_TEXT, "format": "uri", "description": "The page that explains the problem."},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "instance": {**_TEXT, "format": "uri-reference", "description": "The path of the request."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        **_TEXT,
                        "description": "What is wrong: a JSON pointer (RFC 6901) into the body; "
                        "`/query/...` is a query parameter.",
                    },
                    "code": _TEXT,
                    "detail": _TEXT,
                    "rule": {**_TEXT, "description": "The rule of the dictionary that is broken, where it is one."},
                    "place": {**_TEXT, "description": PLACE},
                },
            },
        },
    },
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": _TEXT, "description": "The challenge of RFC 6750, with the scope needed."}},
    403: {"WWW-Authenticate": {"schema": _TEXT, "description": "Names the scope where the token lacks one."}},
    412: {"ETag": {"schema": _TEXT, "description": "Of the current state, where there is one to change."}},
    429: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
}


class Api(flask_smorest.Api):
    """The document and the errors of the application.

    Created before the first blueprint is registered: it brings the path converters, registers the problems, and
    serves `/openapi.json`.
    """

    DEFAULT_ERROR_RESPONSE_NAME = "Problem"

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.issuer = settings.issuer
        self._undocumented: deque[Callable[[], None]] = deque()
        self._documenting = Lock()
        app.config["OPENAPI_URL_PREFIX"] = "/"
        app.url_map.converters.update(CONVERTERS)
        plugin = MarshmallowPlugin(schema_name_resolver=_component_name)
        info = {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
        super().__init__(
            app,
            spec_kwargs={
                "title": TITLE,
                "version": VERSION,
                "openapi_version": OPENAPI_VERSION,
                "marshmallow_plugin": plugin,
                "info": info,
                "servers": [{"url": self.issuer}],
            },
        )
        for converter in CONVERTERS.values():
            self.register_converter(converter, converter.schema)
        self.spec.components.security_scheme(SECURITY_SCHEME, self._security_scheme())

    def _register_error_handlers(self) -> None:
        register_problems(self._app, self.issuer)

    def _register_responses(self) -> None:
        """Register a response for every error status, used or not, as problem documents."""
        components = self.spec.components
        components.schema("Problem", PROBLEM_SCHEMA)
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        components.response("Problem", {"description": "Any other problem.", "content": content})
        for problem in HTTP_ERRORS.values():
            components.response(problem.name, self._response(problem), lazy=True)

    def _register_pagination_header(self) -> None:
        """Lists carry their cursor in the body; without this the framework's header would be in every document."""

    def _response(self, problem: Problem) -> dict[str, Any]:
        titles = [other.title for other in PROBLEMS.values() if other.status == problem.status]
        example = problem_body(problem, self.issuer, detail=problem.help, instance="/v1/...")
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        response = {"description": "; ".join(titles) + ".", "content": {MEDIA_TYPE: content}}
        if problem.status in _HEADERS:
            response["headers"] = _HEADERS[problem.status]
        return response

    def _security_scheme(self) -> dict[str, Any]:
        scopes = {scope.value: scope.description for scope in Scope}
        flow = {"tokenUrl": f"{self.issuer}/oauth/token", "scopes": scopes}
        return {
            "type": "oauth2",
            "description": "Tokens for clients that authenticate with HTTP Basic (RFC 6749 4.4).",
            "flows": {"clientCredentials": flow},
        }

    def when_documented(self, document: Callable[[], None]) -> None:
        """Do this when the document is first asked for. To write it takes longer than to start without it."""
        self._undocumented.append(document)

    @cached_property
    def document(self) -> str:
        """The contract as JSON text: what the views say of themselves, with an example for each."""
        with self._documenting:  # two who ask first, at once
            while self._undocumented:
                self._undocumented.popleft()()
        document = json.loads(json.dumps(self.spec.to_dict()))
        add_examples(document)
        return json.dumps(document, indent=1, sort_keys=False, ensure_ascii=False) + "\n"

    def _openapi_json(self) -> Response:
        response = Response(self.document, mimetype="application/json")
        response.add_etag()
        response.make_conditional(request)
        return response


def _component_name(schema: type[Schema]) -> str:
    """The name of a schema in the document; a variant (`only`, `exclude` ...) has none and is written out in place."""
    instance = resolve_schema_instance(schema)
    kind = type(instance)
    is_variant = make_schema_key(instance) != make_schema_key(kind())
    return "" if is_variant else kind.__name__.removesuffix("Schema")
