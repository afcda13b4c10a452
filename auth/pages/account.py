"""One's own account: how one signs in, the password, and where one is signed in."""

from __future__ import annotations

from flask import Response

from actions.people.change_password import change_password
from actions.people.factors import factors_of
from actions.people.sessions import end_other_sessions, end_session, list_sessions
from auth.pages.frame import field, hub, is_fresh, page, people, refused, see_other, sign_in_at_hand
from auth.pages.links import require_same
from auth.sessions import browser, remember
from domain.passwords import SHORTEST
from domain.refusals import RuleBroken, TooManyAttempts


@people
def show_account() -> Response:
    """Everything about the account."""
    found = sign_in_at_hand()
    sessions = list_sessions(hub(), found.person)
    factors = factors_of(hub(), found.person)
    return page("account.html", factors=factors, sessions=sessions, is_fresh=is_fresh(found))


@people
def show_password() -> Response:
    """Ask for the old password and a new one."""
    return page("password.html", shortest=SHORTEST)


@people
def post_password() -> Response:
    """Take a new password."""
    try:
        require_same(field("password"), field("repeated"))
        made = change_password(
            hub(), sign_in=sign_in_at_hand(), current=field("current"), new=field("password"), browser=browser()
        )
    except (RuleBroken, TooManyAttempts) as refusal:
        return refused("password.html", refusal, shortest=SHORTEST)
    remember(made)
    return see_other("/account")


@people
def post_end_session(session: str) -> Response:
    """End a session of one's own."""
    end_session(hub(), sign_in_at_hand().person, session)
    return see_other("/account#sessions")


@people
def post_end_other_sessions() -> Response:
    """End every session but this one."""
    end_other_sessions(hub(), sign_in_at_hand())
    return see_other("/account#sessions")


VIEWS = (
    ("GET", "/account", show_account),
    ("GET", "/account/password", show_password),
    ("POST", "/account/password", post_password),
    ("POST", "/account/sessions/<session>/end", post_end_session),
    ("POST", "/account/sessions/end-others", post_end_other_sessions),
)
