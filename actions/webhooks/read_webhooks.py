"""List and show webhooks, and what was delivered to them."""

from __future__ import annotations

from sqlalchemy import Connection

from actions.hub import Hub, managing
from domain.access import Principal, Scope
from domain.refusals import NotFound
from domain.webhooks import Webhook
from store.deliveries import Delivery, deliveries_of
from store.webhooks import all_webhooks, webhook_by_id


def list_webhooks(hub: Hub, *, by: Principal) -> list[Webhook]:
    """The webhooks that `by` manages; raises ScopeMissing."""
    by.require(Scope.CLIENTS_MANAGE)
    with hub.database.read(managing(by)) as connection:
        return all_webhooks(connection)


def read_webhook(hub: Hub, *, by: Principal, webhook: str) -> Webhook:
    """One webhook; raises ScopeMissing, NotFound."""
    with hub.database.read(managing(by)) as connection:
        return require_own_webhook(connection, by, webhook)


def list_deliveries(hub: Hub, *, by: Principal, webhook: str, start: int, limit: int) -> list[Delivery]:
    """What was or is to be delivered to a webhook in the last weeks, the newest first; raises NotFound."""
    with hub.database.read(managing(by)) as connection:
        require_own_webhook(connection, by, webhook)
        return deliveries_of(connection, webhook, start, limit)


def require_own_webhook(connection: Connection, by: Principal, webhook: str) -> Webhook:
    """The webhook, where `by` may manage it; raises ScopeMissing, or NotFound also where it is another operator's."""
    by.require(Scope.CLIENTS_MANAGE)
    found = webhook_by_id(connection, webhook)
    if found is None or by.operator not in (None, found.operator):
        raise NotFound(f"There is no webhook {webhook} that you may manage.")
    return found
