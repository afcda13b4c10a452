"""Register a passkey (WebAuthn). The authenticator must verify its user: a fingerprint, a PIN."""

from __future__ import annotations

import json

import webauthn
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from actions.hub import Hub
from actions.people.factors import require_may_add_factor
from actions.people.passkeys import passkey_name
from actions.people.relying_party import (
    HUB_NAME,
    UNREADABLE,
    close_challenge,
    descriptors,
    host_of,
    open_challenge,
    origin_of,
)
from actions.people.sessions import Browser, SignIn, open_session
from domain.person import Proof
from domain.refusals import Conflict, RuleBroken
from store.factors import Passkey, add_passkey, passkey_by_id, passkeys_of
from store.tenancy import REGISTRAR

MOST = 20


def begin_passkey(hub: Hub, sign_in: SignIn, browser: Browser) -> str:
    """What the browser needs to make a passkey (JSON), good for minutes and once."""
    require_may_add_factor(sign_in)
    person = sign_in.person
    with hub.database.read(REGISTRAR) as connection:
        known = passkeys_of(connection, person.id)
    options = webauthn.generate_registration_options(
        rp_id=host_of(hub),
        rp_name=HUB_NAME,
        user_id=person.id.encode(),
        user_name=person.email,
        user_display_name=person.name,
        exclude_credentials=descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    open_challenge(hub, "new passkey", browser, options.challenge)
    return webauthn.options_to_json(options)


def register_passkey(hub: Hub, *, sign_in: SignIn, name: str, credential: object, browser: Browser) -> SignIn:
    """Keep a passkey that the browser has made; answers the person's renewed session.

    Raises RuleBroken for one that does not fit what was asked, Conflict for one that is here already.
    """
    require_may_add_factor(sign_in)
    challenge = close_challenge(hub, "new passkey", browser)
    try:
        made = webauthn.verify_registration_response(
            credential=json.dumps(credential),
            expected_challenge=challenge,
            expected_rp_id=host_of(hub),
            expected_origin=origin_of(hub),
            require_user_verification=True,
        )
    except UNREADABLE:
        raise RuleBroken("The browser's passkey does not fit. Try again.") from None
    person, now = sign_in.person, hub.clock()
    passkey_id = bytes_to_base64url(made.credential_id)
    passkey = Passkey(passkey_id, person.id, passkey_name(name), made.credential_public_key, made.sign_count, now)
    with hub.database.write(REGISTRAR) as connection:
        if passkey_by_id(connection, passkey_id) or len(passkeys_of(connection, person.id)) >= MOST:
            raise Conflict("This passkey is here already, or there are too many.")
        add_passkey(connection, passkey)
        hub.audit(connection, person.principal(), "passkey.add", f"user:{person.id}")
        return open_session(hub, connection, person, sign_in.session.proofs | {Proof.PASSKEY}, browser)
