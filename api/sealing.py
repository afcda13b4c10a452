"""What every answer from a release says of itself: how long it may be kept, and by which tag it is known.

    the release is named by its id     the answer never changes: `immutable`
    the latest, or that of a day       another release may be meant soon: ask again, and be told 304 until then

`public` is what anybody may read; what needs a scope is `private`, so that no cache hands it to others.
`api/frozen.py` keeps what never changes, and learns here which scopes it needs.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from actions.open_release import LATEST

SCOPES = "crosstally.scopes"
"""Where in the environment of a request an answer from a release leaves the scopes that its view asks for."""

A_YEAR = 365 * 24 * 60 * 60


def seal(answer: Response) -> Response:
    """Give a good answer to a GET its strong tag and its lifetime, unless its view has; 304 where it is known."""
    if answer.status_code != 200 or request.method not in ("GET", "HEAD"):
        return answer
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = _lifetime()
    if answer.cache_control.no_store:
        return answer
    request.environ[SCOPES] = _view()._apidoc["scopes"]
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _lifetime() -> str:
    whose = "private" if _view()._apidoc["scopes"] else "public"
    named = (request.view_args or {}).get("release") or request.args.get("release", LATEST)
    return "no-cache" if named == LATEST else f"{whose}, max-age={A_YEAR}, immutable"


def _view() -> Any:
    return current_app.view_functions[request.endpoint or ""]
