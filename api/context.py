"""What every door needs: the hub, and the check that a site is one's own before its body is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app, jsonify, request, url_for

from actions.hub import Hub
from actions.read_directory import require_own_or_reviewed_site, require_own_site
from auth.guard import current_principal
from domain.access import Principal
from domain.preconditions import ANY, Preconditions


def hub() -> Hub:
    """The hub behind the running application."""
    return current_app.extensions["crosstally"]


def own_site(view: Callable) -> Callable:
    """Refuse another operator's site before the body is read: 403 and 404 come ahead of 413, 415 and 422."""
    return _behind(require_own_site, view)


def own_or_reviewed_site(view: Callable) -> Callable:
    """As own_site, for what a reviewer may do with every operator's reports."""
    return _behind(require_own_or_reviewed_site, view)


def _behind(require: Callable[[Hub, Principal, str], object], view: Callable) -> Callable:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        by, site = current_principal(), (request.view_args or {})["site"]
        # One's own site is there; any other is looked for, to tell 404 from 403.
        if not by.owns(site):
            require(hub(), by, site)
        return view(*args, **kwargs)

    return guarded


def preconditions() -> Preconditions:
    """Those of the request."""
    return preconditions_of(request.headers.get("If-Match"), request.headers.get("If-None-Match"))


def preconditions_of(if_match: str | None, if_none_match: str | None) -> Preconditions:
    """What the two headers say; only strong tags count (RFC 9110 section 13.1.1)."""
    return Preconditions(_tags(if_match), _tags(if_none_match))


def _tags(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    return frozenset({ANY} if text.strip() == ANY else {tag.strip().strip('"') for tag in text.split(",")})


IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "The ETag of the state to change. Needed; without it 428, with an old one 412.",
}


def tagged(
    answer: object, etag: str, *, status: int = 200, location: str | None = None, is_private: bool = False
) -> tuple:
    """The answer of a view, with the entity tag of what it tells of."""
    headers = {"ETag": f'"{etag}"', **({"Location": location} if location else {})}
    return answer, status, {**headers, **({"Cache-Control": "no-store"} if is_private else {})}


LINK = {"Link": {"schema": {"type": "string"}, "description": 'The next page, `rel="next"`, where there is one.'}}


def paged(items: list[dict], position: int | None, facts: dict | None = None) -> Response:
    """A page of a list, after further facts about the whole, with the way to the next."""
    cursor, link = following_page(position)
    answer = jsonify({**(facts or {}), "items": items, "next": cursor})
    answer.headers.update(link)
    return answer


def following_page(position: int | None) -> tuple[str | None, dict[str, str]]:
    """The cursor of the next page, and the header that leads there; neither after the last."""
    if position is None:
        return None, {}
    arguments: dict[str, Any] = {
        **(request.view_args or {}),
        **request.args.to_dict(flat=False),
        "cursor": str(position),
    }
    following = url_for(request.endpoint or "", **arguments)
    return str(position), {"Link": f'<{following}>; rel="next"'}
