"""Register a client; its secret is shown once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from actions.authenticate_client import hash_secret
from actions.hub import Hub
from domain.access import OPERATOR_SCOPES, Principal, Scope
from domain.refusals import Conflict, Forbidden, Item, RuleBroken
from store.clients import Client, add_client
from store.directory import all_sites
from store.tenancy import REGISTRAR


def register_client(
    hub: Hub,
    *,
    by: Principal,
    client_id: str,
    label: str,
    scopes: Iterable[Scope],
    operator: str | None = None,
    sites: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """Store a new client and answer its secret, which is kept nowhere.

    Raises Forbidden for a scope that `by` does not hold, RuleBroken where scopes, operator and sites do not
    belong together, Conflict where the client exists.
    """
    by.require(Scope.CLIENTS_MANAGE)
    wanted, bound = frozenset(scopes), frozenset(sites)
    if not wanted <= by.scopes:
        raise Forbidden("Nobody grants a scope they do not hold.")
    _require_consistent(hub, wanted, operator, bound)
    secret = secrets.token_urlsafe(32)
    client = Client(client_id, label, hash_secret(secret), operator, bound, wanted, expires_at)
    try:
        with hub.database.write(REGISTRAR) as connection:
            add_client(connection, client, created_at=hub.clock())
            hub.audit(connection, by, "client.register", client_id)
    except IntegrityError:
        raise Conflict(f"There is a client {client_id} already, or no operator {operator}.") from None
    return secret


def _require_consistent(hub: Hub, scopes: frozenset[Scope], operator: str | None, sites: frozenset[str]) -> None:
    if scopes & OPERATOR_SCOPES and not sites:
        raise RuleBroken("Who sends or reads reports is bound to sites.", [_item("sites")])
    with hub.database.read(REGISTRAR) as connection:
        own = {site.id for site in all_sites(connection) if site.operator == operator}
    if not sites <= own:
        raise RuleBroken("A client is bound to sites of its own operator.", [_item("sites")])


def _item(field: str) -> Item:
    return Item(f"/{field}", f"{field}_wrong", "See the detail.")
