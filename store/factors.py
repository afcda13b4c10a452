"""Second factors: passkeys, and recovery codes for when they are lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from store.people_tables import passkeys, recovery_codes, users

PASSKEY_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")


@dataclass(frozen=True)
class Passkey:
    """A passkey: its id is the credential's, in base64url, and the name is its owner's."""

    id: str
    person: str
    name: str
    public_key: bytes
    sign_count: int
    created_at: datetime
    last_used_at: datetime | None = None


def add_passkey(connection: Connection, passkey: Passkey) -> None:
    """Store a new passkey."""
    connection.execute(insert(passkeys).values(**vars(passkey)))


def passkey_by_id(connection: Connection, passkey: str) -> Passkey | None:
    """The passkey, or None; the id may be anything that a stranger sends."""
    if not PASSKEY_ID.fullmatch(passkey):
        return None
    row = connection.execute(select(passkeys).where(passkeys.c.id == passkey)).one_or_none()
    return Passkey(**row._mapping) if row else None


def passkeys_of(connection: Connection, person: str) -> list[Passkey]:
    """The passkeys of a person, oldest first."""
    query = select(passkeys).where(passkeys.c.person == person).order_by(passkeys.c.created_at, passkeys.c.id)
    return [Passkey(**row._mapping) for row in connection.execute(query)]


def note_passkey_use(connection: Connection, passkey: str, sign_count: int, at: datetime) -> None:
    """Remember when the passkey was used, and how often it says it was."""
    connection.execute(update(passkeys).where(passkeys.c.id == passkey).values(sign_count=sign_count, last_used_at=at))


def rename_passkey(connection: Connection, person: str, passkey: str, name: str) -> bool:
    """Give a person's own passkey another name; False where there is no such passkey."""
    return connection.execute(update(passkeys).where(_own(person, passkey)).values(name=name)).rowcount == 1


def remove_passkey(connection: Connection, person: str, passkey: str) -> bool:
    """Forget a person's own passkey; False where there is no such passkey."""
    return connection.execute(delete(passkeys).where(_own(person, passkey))).rowcount == 1


def has_second_factor(connection: Connection, person: str) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    app = select(users.c.id).where(users.c.id == person, users.c.totp_secret.is_not(None))
    passkey = select(passkeys.c.id).where(passkeys.c.person == person)
    return bool(connection.scalar(select(app.exists() | passkey.exists())))


def remove_factors(connection: Connection, person: str) -> None:
    """Forget every second factor of the person, recovery codes included."""
    connection.execute(delete(passkeys).where(passkeys.c.person == person))
    connection.execute(update(users).where(users.c.id == person).values(totp_secret=None, totp_step=None))
    replace_recovery_codes(connection, person, ())


def replace_recovery_codes(connection: Connection, person: str, hashes: Iterable[str]) -> None:
    """Give the person these recovery codes and no others."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.person == person))
    for sha256 in hashes:
        connection.execute(insert(recovery_codes).values(sha256=sha256, person=person))


def use_recovery_code(connection: Connection, person: str, sha256: str) -> bool:
    """Take a recovery code; False where the person has none such, or had."""
    own = (recovery_codes.c.sha256 == sha256) & (recovery_codes.c.person == person)
    return connection.execute(delete(recovery_codes).where(own)).rowcount == 1


def recovery_codes_left(connection: Connection, person: str) -> int:
    """How many recovery codes the person has."""
    count = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.person == person)
    return connection.scalar(count) or 0


def _own(person: str, passkey: str) -> ColumnElement[bool]:
    known = passkey if PASSKEY_ID.fullmatch(passkey) else ""
    return and_(passkeys.c.id == known, passkeys.c.person == person)
