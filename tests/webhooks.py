"""Webhooks that other tests need to be there."""

from __future__ import annotations

from actions.hub import Hub
from actions.webhooks.deliver import spread
from actions.webhooks.register_webhook import register_webhook
from actions.webhooks.send_test import send_test
from domain.access import SYSTEM
from domain.webhooks import Event, Webhook
from store.tenancy import REGISTRAR


def add_told_webhook(hub: Hub, operator: str) -> Webhook:
    """A webhook of the operator, with something that is to be delivered to it."""
    url = "https://example.org/hook"
    made, _ = register_webhook(hub, by=SYSTEM, operator=operator, label="Hook", url=url, events=tuple(Event))
    send_test(hub, by=SYSTEM, webhook=made.id)
    with hub.database.write(REGISTRAR) as connection:
        spread(connection, hub.clock())
    return made
