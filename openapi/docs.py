"""The contract for people: `/docs`, with everything it needs shipped beside it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, abort

MEDIA_TYPES = {
    "docs.html": "text/html",
    "docs.js": "text/javascript",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
# Swagger UI styles its elements in place; nothing else that is inline may run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def docs_blueprint() -> Blueprint:
    """The page and its files; all public."""
    blueprint = Blueprint("docs", __name__)
    blueprint.get("/docs")(show_docs)
    blueprint.get("/docs/assets/<name>")(show_asset)
    return blueprint


def show_docs() -> Response:
    """The contract, to read and to try."""
    answer = Response(_asset("docs.html"), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def show_asset(name: str) -> Response:
    """A script or style of the page."""
    if name not in MEDIA_TYPES:
        abort(404)
    answer = Response(_asset(name), mimetype=MEDIA_TYPES[name])
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@cache
def _asset(name: str) -> bytes:
    return (files("openapi") / "assets" / name).read_bytes()
