"""Register a webhook, and make its secret."""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import timedelta

from sqlalchemy import Connection

from actions.hub import Hub, managing
from actions.people.sealing import seal
from domain.access import Principal, Scope
from domain.addresses import networks_from
from domain.refusals import Conflict, Forbidden, Item, RuleBroken
from domain.webhooks import Event, Webhook, require_sound_events, require_sound_url
from store.directory import operator_by_id
from store.webhooks import add_secret, add_webhook, all_webhooks

MOST_WEBHOOKS = 20  # of an operator
NONE = timedelta()


def register_webhook(
    hub: Hub, *, by: Principal, operator: str | None, label: str, url: str, events: tuple[Event, ...]
) -> tuple[Webhook, str]:
    """Store a new webhook; answers it and its secret, which is told once.

    Raises RuleBroken for an address or events that can't be, Forbidden for another operator's, Conflict where there
    are too many.
    """
    by.require(Scope.CLIENTS_MANAGE)
    if by.operator not in (None, operator):
        raise Forbidden("An operator's admin manages the webhooks of that operator.")
    require_sound_events(events, operator)
    require_sound_url(url, networks_from(hub.settings.webhook_networks))
    made = Webhook(f"wh-{secrets.token_hex(8)}", operator, label, url, events, by.id, hub.clock())
    with hub.database.write(managing(by)) as connection:
        _require_room(connection, operator)
        add_webhook(connection, made)
        secret = give_secret(hub, connection, made)
        hub.audit(connection, by, "webhook.register", made.id, operator)
    return made, secret


def give_secret(hub: Hub, connection: Connection, webhook: Webhook, overlap: timedelta = NONE) -> str:
    """Make a new secret of 256 random bits for the webhook and answer it; the one before it ends after the overlap."""
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    add_secret(connection, webhook, seal(hub, webhook.id, secret), hub.clock() + overlap)
    return secret


def _require_room(connection: Connection, operator: str | None) -> None:
    if operator is not None and operator_by_id(connection, operator) is None:
        raise RuleBroken("There is no such operator.", [Item("/operator", "operator_wrong", "There is none.")])
    if sum(webhook.operator == operator for webhook in all_webhooks(connection)) >= MOST_WEBHOOKS:
        raise Conflict(f"An operator has at most {MOST_WEBHOOKS} webhooks; remove one that is not needed.")
