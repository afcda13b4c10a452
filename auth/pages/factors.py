"""Set up and remove second factors: the authenticator app, passkeys, recovery codes."""

from __future__ import annotations

from typing import Any

import segno
from flask import Response
from markupsafe import Markup

from actions.people.authenticator_app import (
    add_authenticator_app,
    begin_authenticator_app,
    remove_authenticator_app,
)
from actions.people.factors import factors_of
from actions.people.passkeys import forget_passkey, name_passkey
from actions.people.recovery_codes import make_recovery_codes
from auth.pages.frame import enrolling, field, hub, page, people, proceed, refused, see_other, sign_in_at_hand
from auth.sessions import browser, remember
from domain.refusals import RuleBroken, TooManyAttempts


@enrolling
def show_app() -> Response:
    """Show the secret of a new authenticator app, and ask for its first code."""
    return page("authenticator_app.html", **_secret())


@enrolling
def post_app() -> Response:
    """Take the first code; who has no recovery codes gets some."""
    try:
        made = add_authenticator_app(hub(), sign_in_at_hand(), field("code"), browser())
    except (RuleBroken, TooManyAttempts) as refusal:
        return refused("authenticator_app.html", refusal, **_secret())
    if factors_of(hub(), made.person).recovery_codes:
        return proceed(made)
    remember(made)
    return page("recovery_codes.html", codes=make_recovery_codes(hub(), made.person))


@enrolling
def post_remove_app() -> Response:
    """Forget the app."""
    remove_authenticator_app(hub(), sign_in_at_hand().person)
    return see_other("/account#factors")


@enrolling
def show_new_passkey() -> Response:
    """Offer to make a passkey; the script does the rest."""
    return page("new_passkey.html")


@people
def post_name_passkey(passkey: str) -> Response:
    """Give a passkey another name."""
    name_passkey(hub(), person=sign_in_at_hand().person, passkey=passkey, name=field("name"))
    return see_other("/account#factors")


@enrolling
def post_remove_passkey(passkey: str) -> Response:
    """Forget a passkey."""
    forget_passkey(hub(), person=sign_in_at_hand().person, passkey=passkey)
    return see_other("/account#factors")


@enrolling
def post_recovery_codes() -> Response:
    """Make new recovery codes and show them, once."""
    return page("recovery_codes.html", codes=make_recovery_codes(hub(), sign_in_at_hand().person))


def _secret() -> dict[str, Any]:
    """The secret as a picture for the app's camera, and as text for typing it in."""
    address = begin_authenticator_app(hub(), sign_in_at_hand(), browser())
    picture = segno.make(address, error="m").svg_inline(
        scale=4, border=4, light="#fff", svgclass="code", lineclass=None, title="The secret, for the app's camera"
    )
    secret = address.partition("secret=")[2].partition("&")[0]
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"picture": Markup(picture), "secret": spaced}


VIEWS = (
    ("GET", "/account/app", show_app),
    ("POST", "/account/app", post_app),
    ("POST", "/account/app/remove", post_remove_app),
    ("GET", "/account/passkeys/new", show_new_passkey),
    ("POST", "/account/passkeys/<passkey>/name", post_name_passkey),
    ("POST", "/account/passkeys/<passkey>/remove", post_remove_passkey),
    ("POST", "/account/recovery-codes", post_recovery_codes),
)
