"""Follow a single-use link, and choose a password.

Looking at a link does not use it up: mail programs look at links too. The first look moves what is secret out of
the address and into the browser; choosing the password ends the link, every session of
the person, and whatever they let applications do for them.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from actions.hub import Hub
from actions.people.passwords import hash_password, require_good_password
from actions.people.sessions import Browser, SignIn, hash_of, open_session
from domain.person import Person, PersonState, Proof
from domain.refusals import NotFound
from store.ceremonies import begin_ceremony, end_ceremony, look_at_ceremony
from store.grants import revoke_grants_of
from store.links import person_of_link, remove_links_of
from store.sessions import remove_sessions_of
from store.tenancy import REGISTRAR
from store.users import set_password_hash, set_state, user_by_id

PATIENCE = timedelta(hours=1)
OVER = "This link has been used, has expired, or was replaced by a newer one. Ask for a new one."


def follow_link(hub: Hub, *, token: str, browser: Browser) -> None:
    """Remember in which browser the link was opened; raises NotFound for one that is over."""
    now = hub.clock()
    with hub.database.write(REGISTRAR) as connection:
        _person_of(hub, connection, hash_of(token))
        content = {"link": hash_of(token)}
        begin_ceremony(connection, _key(browser), content, now=now, expires_at=now + PATIENCE)


def person_of_followed_link(hub: Hub, browser: Browser) -> Person:
    """Whose link was opened in this browser; raises NotFound."""
    with hub.database.read(REGISTRAR) as connection:
        begun = look_at_ceremony(connection, _key(browser), hub.clock())
        return _person_of(hub, connection, begun["link"] if begun else "")


def choose_password(hub: Hub, *, password: str, browser: Browser) -> SignIn:
    """Give the owner of the link this password, and a session that may wait for a second factor.

    Raises RuleBroken for a password that is refused, NotFound where the link is over.
    """
    person = person_of_followed_link(hub, browser)
    require_good_password(password, person)
    stored = hash_password(password)
    with hub.database.write(REGISTRAR) as connection:
        begun = end_ceremony(connection, _key(browser), hub.clock())
        person = _person_of(hub, connection, begun["link"] if begun else "")
        remove_links_of(connection, person.id)
        remove_sessions_of(connection, person.id)
        revoke_grants_of(connection, person.principal().id, hub.clock())
        set_password_hash(connection, person.id, stored)
        set_state(connection, person.id, PersonState.ACTIVE)
        verb = "accept" if person.state is PersonState.INVITED else "reset"
        hub.audit(connection, person.principal(), f"password.{verb}", f"user:{person.id}")
        return open_session(hub, connection, person, frozenset({Proof.PASSWORD}), browser)


def _person_of(hub: Hub, connection: Connection, sha256: str) -> Person:
    user = person_of_link(connection, sha256, hub.clock())
    person = user_by_id(connection, user) if user else None
    if person is None or person.state is PersonState.DISABLED:
        raise NotFound(OVER)
    return person


def _key(browser: Browser) -> str:
    return hash_of(f"link:{browser.secret}")
