"""Change one's own password."""

from __future__ import annotations

from actions.hub import Hub
from actions.people.guesses import count_guess, take_back
from actions.people.passwords import hash_password, is_password, require_good_password
from actions.people.sessions import Browser, SignIn, open_session
from actions.people.sign_in import guess_at_password, note_failure
from domain.refusals import Item, RuleBroken
from store.sessions import remove_sessions_of
from store.tenancy import REGISTRAR
from store.users import secrets_of, set_password_hash

WRONG = "This is not your password."


def change_password(hub: Hub, *, sign_in: SignIn, current: str, new: str, browser: Browser) -> SignIn:
    """Replace the password and end every session; answers a new one for this browser.

    Raises RuleBroken for a wrong current password or a refused new one, and TooManyAttempts.
    """
    person = sign_in.person
    require_good_password(new, person)
    with hub.database.read(REGISTRAR) as connection:
        stored = secrets_of(connection, person.id).password_hash
    guess = guess_at_password(hub, person.email, person, browser)
    count_guess(hub, guess)
    if not is_password(stored, current):
        note_failure(hub, person)
        raise RuleBroken(WRONG, [Item("/current", "current_wrong", WRONG)])
    renewed = hash_password(new)
    with hub.database.write(REGISTRAR) as connection:
        take_back(connection, guess)
        set_password_hash(connection, person.id, renewed)
        remove_sessions_of(connection, person.id)
        hub.audit(connection, person.principal(), "password.change", f"user:{person.id}")
        return open_session(hub, connection, person, sign_in.session.proofs, browser)
