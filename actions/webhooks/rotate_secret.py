"""Give a webhook another secret."""

from __future__ import annotations

from datetime import timedelta

from actions.hub import Hub, managing
from actions.webhooks.read_webhooks import require_own_webhook
from actions.webhooks.register_webhook import NONE, give_secret
from domain.access import Principal

OVERLAP = timedelta(days=1)
"""What is sent is signed with the old secret too for so long, so that the receiver changes over without a break."""


def rotate_secret(hub: Hub, *, by: Principal, webhook: str, at_once: bool = False) -> str:
    """Make a new secret and answer it, once; the old one ends after the overlap, or now. Raises NotFound."""
    with hub.database.write(managing(by)) as connection:
        found = require_own_webhook(connection, by, webhook)
        secret = give_secret(hub, connection, found, NONE if at_once else OVERLAP)
        hub.audit(connection, by, "webhook.rotate", webhook, found.operator)
    return secret
