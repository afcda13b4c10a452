"""Sign in with an e-mail address and a password.

The answer is the same, and as much work, whether the address is unknown, the password wrong or the account disabled.
"""

from __future__ import annotations

from actions.hub import Hub
from actions.people.guesses import Guess, count_guess, take_back
from actions.people.passwords import hash_password, is_outdated, is_password
from actions.people.sessions import Browser, SignIn, knows_device, open_session
from domain.person import VISITOR, Person, PersonState, Proof, normal_email
from domain.refusals import NotAuthenticated
from store.tenancy import REGISTRAR
from store.users import Secrets, secrets_of, set_password_hash, user_by_email

WRONG = "The e-mail address or the password is wrong."


def sign_in(hub: Hub, *, email: str, password: str, browser: Browser) -> SignIn:
    """A session for the person whose password this is, complete or waiting for a second factor.

    Raises NotAuthenticated, and TooManyAttempts.
    """
    address = normal_email(email)
    person, stored = _look_up(hub, address)
    guess = guess_at_password(hub, address, person, browser)
    count_guess(hub, guess)
    right = is_password(stored.password_hash, password)
    if person is None or person.state is not PersonState.ACTIVE or not right:
        note_failure(hub, person)
        raise NotAuthenticated(WRONG, presented=True)
    renewed = hash_password(password) if is_outdated(stored.password_hash or "") else None
    with hub.database.write(REGISTRAR) as connection:
        take_back(connection, guess)
        if renewed:
            set_password_hash(connection, person.id, renewed)
        hub.audit(connection, person.principal(), "signin.password", f"user:{person.id}")
        return open_session(hub, connection, person, frozenset({Proof.PASSWORD}), browser)


def guess_at_password(hub: Hub, address: str, person: Person | None, browser: Browser) -> Guess:
    """An attempt at the password behind an address, counted apart in browsers that the person has used."""
    device = browser.device if knows_device(hub, browser, person) else ""
    return Guess(f"password:{address}:{device}", browser.network)


def note_failure(hub: Hub, person: Person | None) -> None:
    """Write down that somebody failed; for an address of nobody, without the address."""
    with hub.database.write(REGISTRAR) as connection:
        subject, operator = (f"user:{person.id}", person.operator) if person else ("user:unknown", None)
        hub.audit(connection, VISITOR, "signin.failed", subject, operator)


def _look_up(hub: Hub, address: str) -> tuple[Person | None, Secrets]:
    with hub.database.read(REGISTRAR) as connection:
        person = user_by_email(connection, address)
        return person, secrets_of(connection, person.id) if person else Secrets()
