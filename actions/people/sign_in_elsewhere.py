"""Sign in at the provider of one's operator.

The first time, the provider's verified e-mail address finds the person, who was invited before; from then on the
subject of the issuer does. Nobody gets an account this way, and a provider speaks for the people of its operator
alone, with the roles that were agreed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from actions.hub import Hub
from actions.people.sessions import Browser, SignIn, hash_of, open_session
from actions.people.sign_in import note_failure
from domain.person import Person, PersonState, Proof, normal_email
from domain.refusals import NotAuthenticated, NotFound
from store.ceremonies import begin_ceremony, end_ceremony
from store.providers import Provider, is_linked, link_identity, person_behind
from store.tenancy import REGISTRAR
from store.users import set_state, user_by_email, user_by_id

PATIENCE = timedelta(minutes=10)
UNKNOWN = "Your organisation knows you, and this hub does not let you in this way. Ask its administrator."


@dataclass(frozen=True)
class Begun:
    """What must come back from the provider, to the browser that left."""

    operator: str
    nonce: str
    verifier: str
    next: str


@dataclass(frozen=True)
class Identity:
    """Whom the provider speaks of, as its checked ID token says; `strong` where it asked for a second factor."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    strong: bool


def begin_elsewhere(hub: Hub, *, operator: str, next: str, browser: Browser) -> tuple[str, Begun]:
    """The state to send along and what belongs to it, kept for the browser's return."""
    state, now = secrets.token_urlsafe(32), hub.clock()
    begun = Begun(operator, secrets.token_urlsafe(32), secrets.token_urlsafe(48), next)
    with hub.database.write(REGISTRAR) as connection:
        key = _key(state, browser)
        begin_ceremony(connection, key, vars(begun), now=now, expires_at=now + PATIENCE)
    return state, begun


def return_from_elsewhere(hub: Hub, *, state: str, operator: str, browser: Browser) -> Begun:
    """What was begun with this state in this browser, once; raises NotFound."""
    with hub.database.write(REGISTRAR) as connection:
        content: Mapping[str, Any] | None = end_ceremony(connection, _key(state, browser), hub.clock())
    begun = Begun(**content) if content else None
    if begun is None or begun.operator != operator:
        raise NotFound("This sign-in was not begun here, has taken too long, or is over. Begin again.")
    return begun


def sign_in_elsewhere(hub: Hub, *, provider: Provider, identity: Identity, browser: Browser) -> SignIn:
    """A session for the person behind the identity, complete or waiting for a second factor.

    Raises NotAuthenticated, in the same words for all who may not come in.
    """
    with hub.database.write(REGISTRAR) as connection:
        person = _find(connection, provider, identity)
        if person and _may_come(provider, person):
            _link(hub, connection, identity, person)
            proof = Proof.STRONG_PROVIDER if identity.strong else Proof.PROVIDER
            hub.audit(connection, person.principal(), f"signin.{proof}", f"user:{person.id}")
            return open_session(hub, connection, person, frozenset({proof}), browser)
    note_failure(hub, person)
    raise NotAuthenticated(UNKNOWN, presented=True)


def _find(connection: Connection, provider: Provider, identity: Identity) -> Person | None:
    known = person_behind(connection, identity.issuer, identity.subject)
    if known:
        return user_by_id(connection, known)
    address = normal_email(identity.email)
    if not identity.email_verified or address.rpartition("@")[2] != provider.email_domain:
        return None
    person = user_by_email(connection, address)
    # Who is somebody else there already does not become this one by an address that was given away again.
    return None if person is None or is_linked(connection, identity.issuer, person.id) else person


def _may_come(provider: Provider, person: Person) -> bool:
    is_in = person.state is not PersonState.DISABLED
    return is_in and person.operator == provider.operator and person.roles <= provider.roles


def _link(hub: Hub, connection: Connection, identity: Identity, person: Person) -> None:
    if person_behind(connection, identity.issuer, identity.subject) is None:
        link_identity(connection, identity.issuer, identity.subject, person.id, hub.clock())
        hub.audit(connection, person.principal(), "identity.link", f"user:{person.id}")
    set_state(connection, person.id, PersonState.ACTIVE)


def _key(state: str, browser: Browser) -> str:
    return hash_of(f"elsewhere:{state}:{browser.secret}")
