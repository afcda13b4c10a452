"""Sign in with a passkey (WebAuthn). It is both factors at once, and its counter never goes back."""

from __future__ import annotations

import json

import webauthn
from webauthn.helpers.structs import UserVerificationRequirement

from actions.hub import Hub
from actions.people.relying_party import UNREADABLE, close_challenge, descriptors, host_of, open_challenge, origin_of
from actions.people.sessions import Browser, SignIn, open_session
from actions.people.sign_in import note_failure
from domain.person import Person, PersonState, Proof
from domain.refusals import NotAuthenticated
from store.factors import Passkey, note_passkey_use, passkey_by_id, passkeys_of
from store.tenancy import REGISTRAR
from store.users import user_by_id


def begin_passkey_sign_in(hub: Hub, person: Person | None, browser: Browser) -> str:
    """What the browser needs to use a passkey (JSON): one of the person's, or of whoever is there."""
    known: list[Passkey] = []
    if person:
        with hub.database.read(REGISTRAR) as connection:
            known = passkeys_of(connection, person.id)
    options = webauthn.generate_authentication_options(
        rp_id=host_of(hub),
        allow_credentials=descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    open_challenge(hub, "passkey", browser, options.challenge)
    return webauthn.options_to_json(options)


def sign_in_with_passkey(hub: Hub, *, credential: object, browser: Browser) -> SignIn:
    """A complete session for the owner of the passkey; raises NotAuthenticated."""
    challenge = close_challenge(hub, "passkey", browser)
    passkey, person = _owner(hub, credential)
    try:
        proved = webauthn.verify_authentication_response(
            credential=json.dumps(credential),
            expected_challenge=challenge,
            expected_rp_id=host_of(hub),
            expected_origin=origin_of(hub),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        note_failure(hub, person)
        raise _unknown() from None
    with hub.database.write(REGISTRAR) as connection:
        note_passkey_use(connection, passkey.id, proved.new_sign_count, hub.clock())
        hub.audit(connection, person.principal(), "signin.passkey", f"user:{person.id}")
        return open_session(hub, connection, person, frozenset({Proof.PASSKEY}), browser)


def _owner(hub: Hub, credential: object) -> tuple[Passkey, Person]:
    found = credential.get("id") if isinstance(credential, dict) else None
    with hub.database.read(REGISTRAR) as connection:
        passkey = passkey_by_id(connection, found) if isinstance(found, str) else None
        person = user_by_id(connection, passkey.person) if passkey else None
    if passkey is None or person is None or person.state is not PersonState.ACTIVE:
        note_failure(hub, person)
        raise _unknown()
    return passkey, person


def _unknown() -> NotAuthenticated:
    return NotAuthenticated("This passkey is not known here, or could not be checked.", presented=True)
