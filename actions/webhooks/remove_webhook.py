"""Remove a webhook."""

from __future__ import annotations

from actions.hub import Hub, managing
from actions.webhooks.read_webhooks import require_own_webhook
from domain.access import Principal
from store import webhooks


def remove_webhook(hub: Hub, *, by: Principal, webhook: str) -> None:
    """Forget the webhook, its secrets and its deliveries; raises NotFound."""
    with hub.database.write(managing(by)) as connection:
        found = require_own_webhook(connection, by, webhook)
        webhooks.remove_webhook(connection, webhook)
        hub.audit(connection, by, "webhook.remove", webhook, found.operator)
