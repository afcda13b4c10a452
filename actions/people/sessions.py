"""Sessions: opened when somebody proves who they are, found by the cookie, ended by time or by hand."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from actions.hub import Hub
from actions.people.sealing import is_marked
from domain.person import Person, PersonState, Proof, Stage, stage_of
from domain.refusals import NotFound
from store.factors import has_second_factor
from store.sessions import (
    Session,
    add_session,
    note_seen,
    remove_session,
    remove_sessions_of,
    remove_sessions_started_before,
    session_by_hash,
    sessions_of,
)
from store.tenancy import REGISTRAR
from store.users import note_sign_in, user_by_id

HALF_SIGNED_IN = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)  # a request is no write
RECENT = timedelta(minutes=15)


@dataclass(frozen=True)
class Browser:
    """What a request says of where it comes from. `secret` is the cookie, `device` the mark of earlier sign-ins."""

    secret: str
    name: str
    network: str
    device: str = ""


@dataclass(frozen=True)
class SignIn:
    """A session, whose it is, and (where it has just been opened) the new value of the cookie."""

    session: Session
    person: Person
    secret: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is needed."""
        return self.session.stage is Stage.COMPLETE

    def is_recent(self, now: datetime) -> bool:
        """Whether the person proved who they are just now."""
        return now - self.session.started_at <= RECENT


def hash_of(secret: str) -> str:
    """What is stored of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def open_session(
    hub: Hub, connection: Connection, person: Person, proofs: frozenset[Proof], browser: Browser
) -> SignIn:
    """A new session instead of the one the browser had, if any; what it waits for depends on the proofs."""
    now, secret = hub.clock(), secrets.token_urlsafe(32)
    stage = stage_of(
        proofs,
        has_second_factor=has_second_factor(connection, person.id),
        needs_second_factor=person.needs_second_factor,
    )
    remove_sessions_started_before(connection, now - timedelta(seconds=hub.settings.session_lifetime))
    remove_session(connection, hash_of(browser.secret))
    session = Session(hash_of(secret), person.id, proofs, stage, browser.name, started_at=now, seen_at=now)
    add_session(connection, session)
    if stage is Stage.COMPLETE:
        note_sign_in(connection, person.id, now)
        hub.audit(connection, person.principal(), "signin.complete", f"user:{person.id}")
    return SignIn(session, person, secret)


def find_sign_in(hub: Hub, secret: str) -> SignIn | None:
    """The session of a cookie, if it goes on and the person may still come in."""
    now = hub.clock()
    with hub.database.read(REGISTRAR) as connection:
        session = session_by_hash(connection, hash_of(secret))
        person = user_by_id(connection, session.person) if session else None
    if session is None or person is None or person.state is not PersonState.ACTIVE or _is_over(hub, session, now):
        return None
    if now - session.seen_at >= SEEN_EVERY:
        with hub.database.write(REGISTRAR) as connection:
            note_seen(connection, session.sha256, now)
    return SignIn(session, person)


def list_sessions(hub: Hub, person: Person) -> list[Session]:
    """Where the person is signed in now."""
    with hub.database.read(REGISTRAR) as connection:
        found = sessions_of(connection, person.id)
    return [session for session in found if not _is_over(hub, session, hub.clock())]


def sign_out(hub: Hub, sign_in: SignIn) -> None:
    """End the session."""
    with hub.database.write(REGISTRAR) as connection:
        if remove_session(connection, sign_in.session.sha256):
            hub.audit(connection, sign_in.person.principal(), "signin.end", f"user:{sign_in.person.id}")


def end_session(hub: Hub, person: Person, session: str) -> None:
    """End a session of one's own, by its id; raises NotFound."""
    with hub.database.write(REGISTRAR) as connection:
        hashes = [found.sha256 for found in sessions_of(connection, person.id) if found.id == session]
        if not hashes:
            raise NotFound("There is no such session; it may have ended.")
        remove_session(connection, hashes[0])
        hub.audit(connection, person.principal(), "signin.end", f"user:{person.id}")


def end_other_sessions(hub: Hub, sign_in: SignIn) -> None:
    """End every session of the person but this one."""
    with hub.database.write(REGISTRAR) as connection:
        remove_sessions_of(connection, sign_in.person.id)
        add_session(connection, sign_in.session)
        hub.audit(connection, sign_in.person.principal(), "signin.end_others", f"user:{sign_in.person.id}")


def knows_device(hub: Hub, browser: Browser, person: Person | None) -> bool:
    """Whether the person has been signed in with this browser before."""
    number, _, given = browser.device.partition(".")
    return person is not None and is_marked(hub, device_text(number, person), given)


def device_text(number: str, person: Person) -> str:
    """What is marked in the cookie of a browser in which the person has been signed in."""
    return f"{number}:{person.id}"


def _is_over(hub: Hub, session: Session, now: datetime) -> bool:
    limit = timedelta(seconds=hub.settings.session_lifetime)
    if session.stage is not Stage.COMPLETE:
        limit = min(limit, HALF_SIGNED_IN)
    idle = timedelta(seconds=hub.settings.session_idle)
    return now - session.started_at >= limit or now - session.seen_at >= idle
