"""People with an account, and the secrets of their own that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from domain.access import Role
from domain.person import Person, PersonState
from store.people_tables import SECRET_OF_USERS, users

_PUBLIC = tuple(column for column in users.c if column.name not in SECRET_OF_USERS)


@dataclass(frozen=True)
class Secrets:
    """The hash of the password, the encrypted secret of the authenticator app, the step of its last code."""

    password_hash: str | None = None
    totp_secret: bytes | None = None
    totp_step: int | None = None


def add_user(connection: Connection, person: Person) -> None:
    """Store a new person, who has no secrets yet."""
    connection.execute(insert(users).values(**{**vars(person), "roles": sorted(person.roles)}))


def user_by_id(connection: Connection, user: str) -> Person | None:
    """The person, or None."""
    return _one(connection, select(*_PUBLIC).where(users.c.id == user))


def user_by_email(connection: Connection, email: str) -> Person | None:
    """The person who signs in with this address, or None."""
    return _one(connection, select(*_PUBLIC).where(users.c.email == email))


def all_users(connection: Connection, operator: str | None = None) -> list[Person]:
    """Everybody, or everybody of an operator, by e-mail address."""
    query = select(*_PUBLIC).order_by(users.c.email)
    return [
        _person(row) for row in connection.execute(query.where(users.c.operator == operator) if operator else query)
    ]


def secrets_of(connection: Connection, user: str) -> Secrets:
    """What the person proves things with."""
    row = connection.execute(select(*(users.c[name] for name in SECRET_OF_USERS)).where(users.c.id == user)).one()
    return Secrets(**row._mapping)


def rename_user(connection: Connection, user: str, name: str) -> None:
    """Give the person another name."""
    _set(connection, user, name=name)


def set_roles(connection: Connection, user: str, roles: frozenset[Role]) -> None:
    """Give the person these roles and no others."""
    _set(connection, user, roles=sorted(roles))


def set_state(connection: Connection, user: str, state: PersonState) -> None:
    """Let the person in, or no longer."""
    _set(connection, user, state=state)


def set_password_hash(connection: Connection, user: str, password_hash: str) -> None:
    """Replace the password; whoever asked for that has it."""
    _set(connection, user, password_hash=password_hash, reset_requested_at=None)


def set_totp(connection: Connection, user: str, secret: bytes | None, step: int | None) -> None:
    """Replace the secret of the authenticator app, or forget it."""
    _set(connection, user, totp_secret=secret, totp_step=step)


def use_totp_step(connection: Connection, user: str, step: int) -> bool:
    """Take the code of a step; False where it, or a later one, was taken before."""
    unused = users.c.totp_step.is_(None) | (users.c.totp_step < step)
    return connection.execute(update(users).where(users.c.id == user, unused).values(totp_step=step)).rowcount == 1


def note_sign_in(connection: Connection, user: str, at: datetime) -> None:
    """Remember when the person last came in."""
    _set(connection, user, last_sign_in_at=at)


def note_reset_request(connection: Connection, user: str, at: datetime) -> None:
    """Remember that the person asked for a link to choose a new password."""
    _set(connection, user, reset_requested_at=at)


def _set(connection: Connection, user: str, **values: Any) -> None:
    connection.execute(update(users).where(users.c.id == user).values(**values))


def _one(connection: Connection, query: Select) -> Person | None:
    row = connection.execute(query).one_or_none()
    return _person(row) if row else None


def _person(row: Row) -> Person:
    roles = frozenset(Role(role) for role in row.roles)
    return Person(**{**row._mapping, "roles": roles, "state": PersonState(row.state)})
