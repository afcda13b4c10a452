"""Ask for a link to choose a new password. The answer tells nobody whether there is such an account."""

from __future__ import annotations

from actions.hub import Hub
from actions.people.guesses import Guess, count_guess
from actions.people.sessions import Browser
from domain.person import VISITOR, PersonState, normal_email
from store.tenancy import REGISTRAR
from store.users import note_reset_request, user_by_email


def request_reset(hub: Hub, *, email: str, browser: Browser) -> None:
    """Note the wish for the administrator, who issues the link; raises TooManyAttempts."""
    address = normal_email(email)
    count_guess(hub, Guess(f"reset:{address}", f"reset:{browser.network}"))
    with hub.database.write(REGISTRAR) as connection:
        person = user_by_email(connection, address)
        if person is None or person.state is not PersonState.ACTIVE:
            hub.audit(connection, VISITOR, "reset.request", "user:unknown")
        else:
            note_reset_request(connection, person.id, hub.clock())
            hub.audit(connection, VISITOR, "reset.request", f"user:{person.id}", person.operator)
