"""Providers at which an operator's people sign in, and who those people are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select

from domain.access import Role
from store.people_tables import identities, providers


@dataclass(frozen=True)
class Provider:
    """An operator's OpenID Connect provider, and whom it may sign in.

    `secret_from` says where the client's secret is, `env:NAME` or `file:PATH`; None for a client without one.
    """

    operator: str
    issuer: str
    client_id: str
    secret_from: str | None
    email_domain: str
    roles: frozenset[Role]
    disabled: bool = False


def set_provider(connection: Connection, provider: Provider) -> None:
    """Store the provider of an operator, instead of the one it had."""
    remove_provider(connection, provider.operator)
    connection.execute(insert(providers).values(**{**vars(provider), "roles": sorted(provider.roles)}))


def remove_provider(connection: Connection, operator: str) -> bool:
    """Forget the provider of an operator; False where it had none."""
    return connection.execute(delete(providers).where(providers.c.operator == operator)).rowcount == 1


def all_providers(connection: Connection) -> list[Provider]:
    """Every provider, by operator."""
    return [_provider(row) for row in connection.execute(select(providers).order_by(providers.c.operator))]


def link_identity(connection: Connection, issuer: str, subject: str, person: str, at: datetime) -> None:
    """Remember who the person is at the issuer; raises IntegrityError where they are somebody else there already."""
    values = {"issuer": issuer, "subject": subject, "person": person, "linked_at": at}
    connection.execute(insert(identities).values(**values))


def person_behind(connection: Connection, issuer: str, subject: str) -> str | None:
    """Who the subject of an issuer is here, if that has been proved."""
    same = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    return connection.scalar(select(identities.c.person).where(same))


def is_linked(connection: Connection, issuer: str, person: str) -> bool:
    """Whether the person is known at the issuer by some subject."""
    same = (identities.c.issuer == issuer) & (identities.c.person == person)
    return connection.scalar(select(identities.c.subject).where(same)) is not None


def _provider(row: Row) -> Provider:
    return Provider(**{**row._mapping, "roles": frozenset(Role(role) for role in row.roles)})
