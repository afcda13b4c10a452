"""List and show clients, with what they prove themselves with: when it was made, used last and ends, never itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.add_credential import require_own_client
from actions.hub import Hub, managing
from domain.access import Principal, Scope
from domain.clients import Client, Credential
from store.clients import all_clients
from store.credentials import credentials_of


@dataclass(frozen=True)
class ClientView:
    """A client and its secrets and keys, also those that have ended."""

    client: Client
    credentials: Sequence[Credential]


def list_clients(hub: Hub, *, by: Principal) -> list[Client]:
    """The clients that `by` manages, by id; raises ScopeMissing."""
    by.require(Scope.CLIENTS_MANAGE)
    with hub.database.read(managing(by)) as connection:
        return all_clients(connection, by.operator)


def read_client(hub: Hub, *, by: Principal, client_id: str) -> ClientView:
    """One client; raises ScopeMissing, and NotFound also where it is another operator's."""
    with hub.database.read(managing(by)) as connection:
        client = require_own_client(connection, by, client_id)
        return ClientView(client, credentials_of(connection, client_id))
