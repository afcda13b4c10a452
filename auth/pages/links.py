"""Follow an invitation or a link for a new password; ask for such a link."""

from __future__ import annotations

from flask import Response

from actions.people.follow_link import choose_password, follow_link, person_of_followed_link
from actions.people.request_reset import request_reset
from auth.pages.frame import field, hub, page, proceed, refused, see_other, visitors
from auth.sessions import browser
from domain.passwords import SHORTEST
from domain.refusals import RuleBroken, TooManyAttempts

NOT_ALIKE = "The two passwords are not the same."


@visitors
def open_link(token: str) -> Response:
    """Move what is secret out of the address, and go on."""
    follow_link(hub(), token=token, browser=browser())
    return see_other("/link")


@visitors
def show_link() -> Response:
    """Ask the owner of the link for a password."""
    person = person_of_followed_link(hub(), browser())
    return page("choose_password.html", person=person, shortest=SHORTEST)


@visitors
def post_link() -> Response:
    """Take the password."""
    person = person_of_followed_link(hub(), browser())
    try:
        require_same(field("password"), field("repeated"))
        made = choose_password(hub(), password=field("password"), browser=browser())
    except RuleBroken as refusal:
        return refused("choose_password.html", refusal, person=person, shortest=SHORTEST)
    return proceed(made)


@visitors
def show_reset() -> Response:
    """Ask whose password is forgotten."""
    return page("reset.html")


@visitors
def post_reset() -> Response:
    """Note the wish; the answer is the same for everybody."""
    try:
        request_reset(hub(), email=field("email"), browser=browser())
    except TooManyAttempts as refusal:
        return refused("reset.html", refusal, email=field("email"))
    return page("reset_requested.html")


def require_same(password: str, repeated: str) -> None:
    """Raise RuleBroken where a password was typed differently the second time."""
    if password != repeated:
        raise RuleBroken(NOT_ALIKE)


VIEWS = (
    ("GET", "/link/<token>", open_link),
    ("GET", "/link", show_link),
    ("POST", "/link", post_link),
    ("GET", "/reset", show_reset),
    ("POST", "/reset", post_reset),
)
