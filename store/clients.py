"""OAuth clients: who they act for, and what they are limited to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from domain.access import Scope
from domain.clients import Client, Grant
from store.prepared import Prepared
from store.tables import clients, operators

_WITH_OPERATOR = select(clients, operators.c.disabled.label("acts_for_nobody")).outerjoin(operators)


def add_client(connection: Connection, client: Client, *, created_at: datetime) -> None:
    """Store a new client."""
    facts = {name: value for name, value in vars(client).items() if name in clients.c}
    connection.execute(insert(clients).values(**_values(facts), created_at=created_at))


def change_client(connection: Connection, client_id: str, **changes: Any) -> bool:
    """Give fields of a client other values; False where there is no such client."""
    values = _values(changes)
    return connection.execute(update(clients).where(clients.c.id == client_id).values(**values)).rowcount == 1


def client_by_id(connection: Connection, client_id: str) -> Client | None:
    """The client, or None."""
    return _BY_ID.one_or_none(connection, {"client": client_id})


def all_clients(connection: Connection, operator: str | None = None) -> list[Client]:
    """Every client, or an operator's own, by id."""
    question = _WITH_OPERATOR.order_by(clients.c.id)
    if operator is not None:
        question = question.where(clients.c.operator == operator)
    return [_client(row) for row in connection.execute(question)]


def mark_client_used(connection: Connection, client_id: str, at: datetime) -> None:
    """Remember when the client last proved who it is."""
    connection.execute(update(clients).where(clients.c.id == client_id).values(last_used_at=at))


def _values(fields_of_client: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
        for name, value in fields_of_client.items()
    }


def _client(row: Any) -> Client:
    facts = {field.name: getattr(row, field.name) for field in fields(Client)}
    return Client(
        **{
            **facts,
            "acts_for_nobody": bool(row.acts_for_nobody),
            "sites": frozenset(row.sites),
            "scopes": frozenset(map(Scope, row.scopes)),
            "grants": frozenset(map(Grant, row.grants)),
            "redirect_uris": tuple(row.redirect_uris),
            "networks": tuple(row.networks),
        }
    )


_BY_ID = Prepared(_WITH_OPERATOR.where(clients.c.id == bindparam("client")), make=_client)
