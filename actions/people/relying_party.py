"""What the hub is to passkeys (WebAuthn): its name, its origin, and the challenges that it has open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from actions.hub import Hub
from actions.people.sessions import Browser, hash_of
from domain.refusals import NotFound
from store.ceremonies import begin_ceremony, end_ceremony
from store.factors import Passkey
from store.tenancy import REGISTRAR

HUB_NAME = "Crosstally"
PATIENCE = timedelta(minutes=5)
# A stranger's bytes: the library lets some errors of what it is built on through.
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError)


def are_passkeys_possible(hub: Hub) -> bool:
    """Whether browsers take passkeys for this hub: it needs a name, and https unless it is on this machine."""
    address = urlsplit(hub.settings.issuer)
    named = not (address.hostname or "").replace(".", "").isdigit() and ":" not in (address.hostname or ":")
    return named and (address.scheme == "https" or address.hostname == "localhost")


def host_of(hub: Hub) -> str:
    """The name to which passkeys are bound."""
    return urlsplit(hub.settings.issuer).hostname or ""


def origin_of(hub: Hub) -> str:
    """Where pages of the hub come from, as browsers write it."""
    address = urlsplit(hub.settings.issuer)
    return f"{address.scheme}://{address.netloc}"


def open_challenge(hub: Hub, what: str, browser: Browser, challenge: bytes) -> None:
    """Remember the challenge given to this browser for this purpose."""
    now = hub.clock()
    content = {"challenge": bytes_to_base64url(challenge)}
    with hub.database.write(REGISTRAR) as connection:
        begin_ceremony(connection, _key(what, browser), content, now=now, expires_at=now + PATIENCE)


def close_challenge(hub: Hub, what: str, browser: Browser) -> bytes:
    """The challenge given to this browser, once; raises NotFound."""
    with hub.database.write(REGISTRAR) as connection:
        begun = end_ceremony(connection, _key(what, browser), hub.clock())
    if begun is None:
        raise NotFound("This took too long. Try again.")
    return base64url_to_bytes(begun["challenge"])


def descriptors(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """The passkeys as browsers are told of them."""
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id)) for passkey in known]


def _key(what: str, browser: Browser) -> str:
    return hash_of(f"{what}:{browser.secret}")
