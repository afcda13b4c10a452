"""Sign in with a password, give a second factor or set one up, sign out."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from actions.people.factors import factors_of
from actions.people.providers import list_providers
from actions.people.second_factor import give_code
from actions.people.sessions import sign_out
from actions.people.sign_in import sign_in
from actions.read_directory import list_operators
from auth.pages.frame import (
    field,
    half_signed_in,
    hub,
    page,
    proceed,
    refused,
    see_other,
    sign_in_at_hand,
    step_of,
    visitors,
)
from auth.sessions import browser, current_sign_in, forget
from domain.person import Stage
from domain.refusals import NotAuthenticated, TooManyAttempts


@visitors
def show_sign_in() -> Response:
    """Ask who it is; who is signed in already goes on, unless they are asked again."""
    found = current_sign_in()
    if found and found.is_complete and "again" not in request.args:
        return see_other(step_of(found))
    return page("sign_in.html", **_choices())


@visitors
def post_sign_in() -> Response:
    """Take an e-mail address and a password."""
    try:
        made = sign_in(hub(), email=field("email"), password=field("password"), browser=browser())
    except (NotAuthenticated, TooManyAttempts) as refusal:
        return refused("sign_in.html", refusal, email=field("email"), **_choices())
    return proceed(made)


@half_signed_in
def show_second_factor() -> Response:
    """Ask for the second factor."""
    found = sign_in_at_hand()
    if found.session.stage is not Stage.SECOND_FACTOR:
        return see_other(step_of(found))
    return page("second_factor.html", factors=factors_of(hub(), found.person))


@half_signed_in
def post_second_factor() -> Response:
    """Take a code of the app, or a recovery code."""
    found = sign_in_at_hand()
    if found.session.stage is not Stage.SECOND_FACTOR:
        return see_other(step_of(found))
    try:
        made = give_code(hub(), sign_in=found, code=field("code"), browser=browser())
    except (NotAuthenticated, TooManyAttempts) as refusal:
        return refused("second_factor.html", refusal, factors=factors_of(hub(), found.person))
    return proceed(made)


@half_signed_in
def show_set_up() -> Response:
    """Offer the second factors, one of which somebody needs before anything else."""
    found = sign_in_at_hand()
    return see_other(step_of(found)) if found.session.stage is not Stage.ENROLMENT else page("set_up.html")


@visitors
def post_sign_out() -> Response:
    """End the session, if there is one."""
    found = current_sign_in()
    if found:
        sign_out(hub(), found)
        forget()
    return see_other("/signin")


def _choices() -> dict[str, Any]:
    labels = {operator.id: operator.label for operator in list_operators(hub())}
    return {"providers": list_providers(hub()), "labels": labels, "again": "again" in request.args}


VIEWS = (
    ("GET", "/signin", show_sign_in),
    ("POST", "/signin", post_sign_in),
    ("GET", "/signin/second", show_second_factor),
    ("POST", "/signin/second", post_second_factor),
    ("GET", "/signin/set-up", show_set_up),
    ("POST", "/signout", post_sign_out),
)
