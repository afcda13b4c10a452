"""Send a webhook a test."""

from __future__ import annotations

from actions.announce import announce
from actions.hub import Hub, managing
from actions.webhooks.read_webhooks import require_own_webhook
from domain.access import Principal
from domain.refusals import WrongState
from domain.webhooks import TEST_EVENT


def send_test(hub: Hub, *, by: Principal, webhook: str) -> str:
    """Announce a test to this webhook alone, and answer the id under which it goes; raises NotFound, WrongState."""
    with hub.database.write(managing(by)) as connection:
        found = require_own_webhook(connection, by, webhook)
        if found.disabled:
            raise WrongState("Nothing is sent to a disabled webhook; enable it first.")
        hub.audit(connection, by, "webhook.test", webhook, found.operator)
        payload = {"webhook": webhook}
        return announce(connection, TEST_EVENT, found.operator, payload, at=hub.clock(), webhook=webhook)
