"""Where people are signed in. A row says what was proved; the cookie's value is here as a hash alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from domain.person import Proof, Stage
from store.people_tables import sessions


@dataclass(frozen=True)
class Session:
    """A sign-in: whose, what was proved, what it waits for, in which browser, since when, and when last seen."""

    sha256: str
    person: str
    proofs: frozenset[Proof]
    stage: Stage
    browser: str
    started_at: datetime
    seen_at: datetime

    @property
    def id(self) -> str:
        """What its owner calls it by; no use as a cookie."""
        return self.sha256[:16]


def add_session(connection: Connection, session: Session) -> None:
    """Store a new session."""
    connection.execute(insert(sessions).values(**{**vars(session), "proofs": sorted(session.proofs)}))


def session_by_hash(connection: Connection, sha256: str) -> Session | None:
    """The session, or None."""
    row = connection.execute(select(sessions).where(sessions.c.sha256 == sha256)).one_or_none()
    return _session(row) if row else None


def sessions_of(connection: Connection, person: str) -> list[Session]:
    """The sessions of a person, the one seen last first."""
    query = select(sessions).where(sessions.c.person == person).order_by(sessions.c.seen_at.desc(), sessions.c.sha256)
    return [_session(row) for row in connection.execute(query)]


def note_seen(connection: Connection, sha256: str, at: datetime) -> None:
    """Remember when the session was last used."""
    connection.execute(update(sessions).where(sessions.c.sha256 == sha256).values(seen_at=at))


def remove_session(connection: Connection, sha256: str) -> bool:
    """End the session; False where there is none."""
    return connection.execute(delete(sessions).where(sessions.c.sha256 == sha256)).rowcount == 1


def remove_sessions_of(connection: Connection, person: str) -> None:
    """End every session of the person."""
    connection.execute(delete(sessions).where(sessions.c.person == person))


def remove_sessions_started_before(connection: Connection, moment: datetime) -> None:
    """Forget the sessions that are over anyway."""
    connection.execute(delete(sessions).where(sessions.c.started_at < moment))


def _session(row: Row) -> Session:
    proofs = frozenset(Proof(proof) for proof in row.proofs)
    return Session(**{**row._mapping, "proofs": proofs, "stage": Stage(row.stage)})
