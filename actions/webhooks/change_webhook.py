"""Change a webhook, or send nothing to it any longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.hub import Hub, managing
from actions.webhooks.read_webhooks import require_own_webhook
from domain.access import Principal
from domain.addresses import networks_from
from domain.preconditions import Preconditions
from domain.webhooks import DisabledFor, Webhook, require_sound_events, require_sound_url
from store.deliveries import give_up_waiting
from store.webhooks import set_webhook

CHANGEABLE = frozenset({"label", "url", "events", "disabled"})


def change_webhook(
    hub: Hub, *, by: Principal, webhook: str, changes: Mapping[str, Any], preconditions: Preconditions
) -> Webhook:
    """Change these facts and answer the webhook as it is then; disabled, it is not told of what waited for it either.

    Raises NotFound, RuleBroken, and what preconditions refuse with.
    """
    if not changes.keys() <= CHANGEABLE:
        raise TypeError(f"a webhook changes in {', '.join(sorted(CHANGEABLE))}")
    with hub.database.write(managing(by)) as connection:
        current = require_own_webhook(connection, by, webhook)
        preconditions.require(current.etag)
        changed = _changed(current, changes)
        require_sound_events(changed.events, changed.operator)
        require_sound_url(changed.url, networks_from(hub.settings.webhook_networks))
        if changed != current:
            set_webhook(connection, changed)
            if changed.disabled and not current.disabled:
                give_up_waiting(connection, webhook, "disabled")
            hub.audit(connection, by, "webhook.change", f"{webhook}/{','.join(sorted(changes))}", current.operator)
    return changed


def _changed(current: Webhook, changes: Mapping[str, Any]) -> Webhook:
    facts = dict(changes)
    disabled = facts.pop("disabled", current.disabled)
    reason = (current.disabled_for or DisabledFor.ADMINISTRATOR) if disabled else None
    return replace(current, **facts, disabled_for=reason)
