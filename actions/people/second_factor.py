"""The second step of a sign-in: a code of the authenticator app, or a recovery code."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
from sqlalchemy import Connection

from actions.hub import Hub
from actions.people.guesses import Guess, count_guess, take_back
from actions.people.recovery_codes import hash_of_code
from actions.people.sealing import unseal
from actions.people.sessions import Browser, SignIn, knows_device, open_session
from actions.people.sign_in import note_failure
from domain.person import Person, Proof
from domain.refusals import NotAuthenticated
from store.factors import use_recovery_code
from store.tenancy import REGISTRAR
from store.users import secrets_of, use_totp_step

WRONG = "The code is wrong, or was used before."
STEP = 30  # seconds
SLACK = (0, -1, 1)  # the clock of a phone may be a step off


def give_code(hub: Hub, *, sign_in: SignIn, code: str, browser: Browser) -> SignIn:
    """The complete session of a person who has given the password already.

    A code of the app is six digits; anything else is taken for a recovery code. Each is good once. Raises
    NotAuthenticated, and TooManyAttempts.
    """
    person, text = sign_in.person, "".join(code.split())
    device = browser.device if knows_device(hub, browser, person) else ""
    guess = Guess(f"code:{person.id}:{device}", browser.network)
    count_guess(hub, guess)
    with hub.database.write(REGISTRAR) as connection:
        proof = _take(hub, connection, person, text)
        if proof:
            take_back(connection, guess)
            hub.audit(connection, person.principal(), f"signin.{proof}", f"user:{person.id}")
            return open_session(hub, connection, person, sign_in.session.proofs | {proof}, browser)
    note_failure(hub, person)
    raise NotAuthenticated(WRONG, presented=True)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, near the moment; None where it is of none."""
    current = int(now.timestamp()) // STEP
    app = pyotp.TOTP(secret, interval=STEP)
    steps = [current + slack for slack in SLACK]
    return next((step for step in steps if hmac.compare_digest(app.at(step * STEP).encode(), code.encode())), None)


def _take(hub: Hub, connection: Connection, person: Person, code: str) -> Proof | None:
    if len(code) == 6 and code.isascii() and code.isdigit():
        return Proof.TOTP if _take_totp(hub, connection, person, code) else None
    return Proof.RECOVERY_CODE if use_recovery_code(connection, person.id, hash_of_code(code)) else None


def _take_totp(hub: Hub, connection: Connection, person: Person, code: str) -> bool:
    sealed = secrets_of(connection, person.id).totp_secret
    if sealed is None:
        return False
    step = matching_step(unseal(hub, person.id, sealed), code, hub.clock())
    return step is not None and use_totp_step(connection, person.id, step)
