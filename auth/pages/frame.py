"""What all pages share: who may see them, how they are answered, and how they say no."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from actions.hub import Hub
from actions.people.relying_party import are_passkeys_possible
from actions.people.sessions import SignIn
from auth.sessions import FORM_FIELD, check_form, current_sign_in, form_token, remember
from domain.person import Stage
from domain.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotReady,
    Refusal,
    TooManyAttempts,
)

View = Callable[..., Any]

HOME = "/account"
LONGEST_NEXT = 4096
MAX_BODY = 64 * 1024
STEPS = {Stage.SECOND_FACTOR: "/signin/second", Stage.ENROLMENT: "/signin/set-up"}
STATUSES: dict[type[Refusal], int] = {
    NotAuthenticated: 422,  # a 401 would ask for HTTP authentication
    Invalid: 422,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooManyAttempts: 429,
    NotReady: 503,
}
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def visitors(view: View) -> View:
    """A page for everybody."""
    return _declare(view, "visitors")


def people(view: View) -> View:
    """A page for who is signed in all the way; others are sent to what is missing."""
    return _for(view, "people", lambda found: found.is_complete)


def half_signed_in(view: View) -> View:
    """A page for who has begun to sign in."""
    return _for(view, "half_signed_in", lambda found: True)


def enrolling(view: View) -> View:
    """A page on which factors are changed: for who must set one up, or has signed in a moment ago."""
    return _for(view, "enrolling", lambda found: found.session.stage is Stage.ENROLMENT or is_fresh(found))


def is_fresh(found: SignIn) -> bool:
    """Whether somebody is signed in all the way and proved who they are a moment ago."""
    return found.is_complete and found.is_recent(hub().clock())


def install_frame(blueprint: Blueprint) -> None:
    """Guard the forms of the blueprint, and make its answers pages."""
    blueprint.before_request(_check_body)
    blueprint.after_request(_protect)
    blueprint.register_error_handler(Refusal, _refusal_page)
    blueprint.register_error_handler(HTTPException, _http_error_page)


def hub() -> Hub:
    """The hub behind the running application."""
    return current_app.extensions["crosstally"]


def sign_in_at_hand() -> SignIn:
    """The sign-in that the page's guard has let through."""
    found = current_sign_in()
    assert found
    return found


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page; every template has what forms and the frame need."""
    common = {
        "form_field": FORM_FIELD,
        "form_token": form_token(),
        "here": current_sign_in(),
        "next": values["next"] if "next" in values else next_address(),
        "passkeys_possible": are_passkeys_possible(hub()),
    }
    return make_response(render_template(template, **{**common, **values}), status)


def refused(template: str, refusal: Refusal, **values: Any) -> Response:
    """The page of a form again, with what was wrong."""
    answer = page(template, status_of(refusal), error=refusal.detail, **values)
    if isinstance(refusal, TooManyAttempts):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def proceed(sign_in: SignIn, there: str | None = None) -> Response:
    """Go where a session that was just opened leads: to the next step, or to where the person wanted to go."""
    remember(sign_in)
    onward = step_of(sign_in, there)
    # From there it may go on to another site, to which browsers do not let a form of ours lead.
    return page("onward.html", onward=onward) if onward.startswith("/oauth/") else see_other(onward)


def step_of(sign_in: SignIn, there: str | None = None) -> str:
    """Where a session leads; `there` is where the person wanted to go, if the request does not say it."""
    there = there or next_address()
    if sign_in.is_complete:
        return there
    step = STEPS[sign_in.session.stage]
    return step if there == HOME else f"{step}?{urlencode({'next': there})}"


def next_address() -> str:
    """Where the person wanted to go: a path of this hub, whatever was asked for."""
    wanted = request.values.get("next", "")
    if not wanted.startswith("/") or "\\" in wanted or not wanted.isprintable() or len(wanted) > LONGEST_NEXT:
        return HOME
    parts = urlsplit(wanted)
    return HOME if parts.scheme or parts.netloc or wanted.startswith("//") else wanted


def see_other(path: str) -> Response:
    """Go to this path with a GET."""
    answer = redirect(path, HTTPStatus.SEE_OTHER)
    assert isinstance(answer, Response)
    return answer


def field(name: str) -> str:
    """What was typed into a field of the form."""
    return request.form.get(name, "")


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal on a page."""
    return next((STATUSES[kind] for kind in type(refusal).__mro__ if kind in STATUSES), 400)


def _declare(view: View, who: str) -> View:
    vars(view)["_who"] = who
    return view


def _for(view: View, who: str, is_let_in: Callable[[SignIn], bool]) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        found = current_sign_in()
        if found is not None and is_let_in(found):
            return view(*args, **kwargs)
        if request.method != "GET":
            raise Forbidden("You are not signed in any more, or not far enough for this. Sign in again.")
        return see_other(_way_in(found))

    return _declare(guarded, who)


def _way_in(found: SignIn | None) -> str:
    here = request.full_path.rstrip("?")
    if found is None or found.is_complete:
        return "/signin?" + urlencode({"next": here, **({"again": "1"} if found else {})})
    return STEPS[found.session.stage] + "?" + urlencode({"next": here})


def _check_body() -> None:
    request.max_content_length = MAX_BODY
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        check_form()


def _protect(answer: Response) -> Response:
    if request.endpoint == "people.static":
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer
    answer.headers.update(HEADERS)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Vary"] = "Cookie"
    return answer


def _refusal_page(refusal: Refusal) -> Response:
    if request.is_json:
        answer = jsonify(detail=refusal.detail)
        answer.status_code = status_of(refusal)
        return answer
    return refused("message.html", refusal, title="That did not work")


def _http_error_page(error: HTTPException) -> Response:
    title = error.name
    # The form may be what can't be read: where it would have led is not looked up.
    answer = page("message.html", error.code or 500, title=title, error=f"{title}.", next=HOME)
    for name, value in error.get_headers():
        if name != "Content-Type":
            answer.headers[name] = value
    return answer
