"""Set up an authenticator app (TOTP, RFC 6238), or remove it."""

from __future__ import annotations

from datetime import timedelta

import pyotp

from actions.hub import Hub
from actions.people.factors import require_another_factor, require_may_add_factor
from actions.people.guesses import Guess, count_guess, take_back
from actions.people.sealing import seal, unseal
from actions.people.second_factor import matching_step
from actions.people.sessions import Browser, SignIn, hash_of, open_session
from domain.person import Person, Proof
from domain.refusals import NotFound, RuleBroken
from store.ceremonies import begin_ceremony, end_ceremony, look_at_ceremony
from store.factors import has_second_factor, passkeys_of, replace_recovery_codes
from store.tenancy import REGISTRAR
from store.users import secrets_of, set_totp

ISSUER = "Crosstally"
PATIENCE = timedelta(minutes=10)


def begin_authenticator_app(hub: Hub, sign_in: SignIn, browser: Browser) -> str:
    """The `otpauth:` address of a new secret, good once the first code has come; the same when asked again soon."""
    require_may_add_factor(sign_in)
    person, key, now = sign_in.person, _key(browser), hub.clock()
    with hub.database.write(REGISTRAR) as connection:
        begun = look_at_ceremony(connection, key, now)
        if begun is None:
            secret = pyotp.random_base32()
            content = {"secret": seal(hub, person.id, secret).decode()}
            begin_ceremony(connection, key, content, now=now, expires_at=now + PATIENCE)
        else:
            secret = unseal(hub, person.id, begun["secret"].encode())
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)


def add_authenticator_app(hub: Hub, sign_in: SignIn, code: str, browser: Browser) -> SignIn:
    """Keep the new secret, proved by its first code; answers the person's renewed session.

    Raises RuleBroken for a wrong code, NotFound where the set-up was not begun in this browser or took too long.
    """
    require_may_add_factor(sign_in)
    person, key = sign_in.person, _key(browser)
    guess = Guess(f"set-up:{person.id}", browser.network)
    count_guess(hub, guess)
    with hub.database.write(REGISTRAR) as connection:
        begun = look_at_ceremony(connection, key, hub.clock())
        if begun is None:
            raise NotFound("This took too long. Begin again.")
        secret = unseal(hub, person.id, begun["secret"].encode())
        step = matching_step(secret, "".join(code.split()), hub.clock())
        if step is None:
            raise RuleBroken("The code is not the one that the app shows now.")
        end_ceremony(connection, key, hub.clock())
        take_back(connection, guess)
        set_totp(connection, person.id, seal(hub, person.id, secret), step)
        hub.audit(connection, person.principal(), "totp.add", f"user:{person.id}")
        return open_session(hub, connection, person, sign_in.session.proofs | {Proof.TOTP}, browser)


def remove_authenticator_app(hub: Hub, person: Person) -> None:
    """Forget the secret; raises NotFound, and Conflict where the person needs it."""
    with hub.database.write(REGISTRAR) as connection:
        if secrets_of(connection, person.id).totp_secret is None:
            raise NotFound("There is no authenticator app.")
        require_another_factor(person, others=len(passkeys_of(connection, person.id)))
        set_totp(connection, person.id, None, None)
        if not has_second_factor(connection, person.id):
            replace_recovery_codes(connection, person.id, ())
        hub.audit(connection, person.principal(), "totp.remove", f"user:{person.id}")


def _key(browser: Browser) -> str:
    return hash_of(f"authenticator app:{browser.secret}")
