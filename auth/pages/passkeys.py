"""What the script of the pages asks for: the options of a passkey, and what the browser made of them. JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from actions.people.register_passkey import begin_passkey, register_passkey
from actions.people.sign_in_with_passkey import begin_passkey_sign_in, sign_in_with_passkey
from auth.pages.frame import enrolling, hub, sign_in_at_hand, step_of, visitors
from auth.sessions import browser, current_sign_in, remember
from domain.refusals import Unreadable


@visitors
def post_sign_in_options() -> Response:
    """What the browser needs to use a passkey."""
    found = current_sign_in()
    person = found.person if found and not found.is_complete else None
    return _json(begin_passkey_sign_in(hub(), person, browser()))


@visitors
def post_sign_in_passkey() -> Response:
    """Take what the passkey signed, and say where to go."""
    made = sign_in_with_passkey(hub(), credential=_body().get("credential"), browser=browser())
    remember(made)
    return jsonify(next=step_of(made))


@enrolling
def post_options() -> Response:
    """What the browser needs to make a passkey."""
    return _json(begin_passkey(hub(), sign_in_at_hand(), browser()))


@enrolling
def post_passkey() -> Response:
    """Keep the passkey that the browser made, and say where to go."""
    body = _body()
    made = register_passkey(
        hub(),
        sign_in=sign_in_at_hand(),
        name=str(body.get("name", "")),
        credential=body.get("credential"),
        browser=browser(),
    )
    remember(made)
    return jsonify(next=step_of(made))


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Unreadable("The request is no JSON object.")
    return body


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")


VIEWS = (
    ("POST", "/signin/passkey/options", post_sign_in_options),
    ("POST", "/signin/passkey", post_sign_in_passkey),
    ("POST", "/account/passkeys/options", post_options),
    ("POST", "/account/passkeys", post_passkey),
)
