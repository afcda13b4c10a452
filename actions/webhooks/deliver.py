"""Deliver to webhooks what was announced: the worker's part.

What is taken from the queue is due again after a while, whatever becomes of the worker: it is delivered at least once,
and under the same id, by which the receiver knows it again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import Connection
from standardwebhooks import Webhook as Signer

from actions.hub import Hub
from actions.people.sealing import unseal
from actions.webhooks.post import GONE, Answer, post
from domain.access import SYSTEM
from domain.addresses import networks_from
from domain.webhooks import MOST_ATTEMPTS, Announcement, DisabledFor, Webhook, retry_after, wait_asked_for
from store import deliveries
from store.deliveries import DELIVERED, FAILED, WAITING, Delivery
from store.tenancy import REGISTRAR
from store.webhooks import (
    all_webhooks,
    disable_webhook,
    note_success,
    remove_ended_secrets,
    sealed_secrets,
    webhook_by_id,
)

AT_ONCE = 16
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def deliver_announcements(hub: Hub) -> bool:
    """Deliver some of what is due; False when nothing is."""
    with hub.database.read(REGISTRAR) as connection:
        if not deliveries.is_anything_due(connection, hub.clock()):
            return False
    with hub.database.write(REGISTRAR) as connection:
        spread(connection, hub.clock())
        now = hub.clock()
        taken = deliveries.take_due(connection, now, now + LEASE, AT_ONCE)
        hooks = {webhook.id: webhook for webhook in all_webhooks(connection)}
        sealed = sealed_secrets(connection, {delivery.webhook for delivery in taken}, now)
    answers = asyncio.run(_post_all(hub, taken, hooks, sealed))
    for delivery, answer in zip(taken, answers, strict=True):
        with hub.database.write(REGISTRAR) as connection:
            _settle(hub, connection, delivery, answer)
    return True


def remove_old_announcements(hub: Hub) -> None:
    """Forget what was announced weeks ago, and the secrets that have ended."""
    with hub.database.write(REGISTRAR) as connection:
        deliveries.remove_older(connection, hub.clock() - KEPT)
        remove_ended_secrets(connection, hub.clock())


def spread(connection: Connection, now: datetime) -> None:
    """Make the deliveries of what is new."""
    new = deliveries.unspread(connection, AT_ONCE)
    hooks = all_webhooks(connection) if new else []
    for announcement in new:
        for webhook in hooks:
            if webhook.hears(announcement):
                deliveries.add_delivery(connection, announcement.id, webhook.id, webhook.operator, now)
        deliveries.mark_spread(connection, announcement.id)


async def _post_all(
    hub: Hub, taken: Sequence[Delivery], hooks: Mapping[str, Webhook], sealed: Mapping[str, Sequence[bytes]]
) -> list[Answer]:
    return await asyncio.gather(*(_post(hub, one, hooks[one.webhook], sealed[one.webhook]) for one in taken))


async def _post(hub: Hub, delivery: Delivery, webhook: Webhook, sealed: Sequence[bytes]) -> Answer:
    body = delivery.announcement.body
    try:
        secrets = [unseal(hub, webhook.id, one) for one in sealed]
    except (InvalidToken, ValueError):
        log.error("the secret of webhook %s can't be opened: is people.key the one that sealed it?", webhook.id)
        return Answer(failure="secret")
    headers = signed_headers(delivery.announcement, body, secrets, hub.clock())
    return await post(webhook.url, body, headers, networks_from(hub.settings.webhook_networks))


def signed_headers(announcement: Announcement, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature for each secret in use."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    signatures = [Signer(secret).sign(announcement.id, moment, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "crosstally-hub",
        "webhook-id": announcement.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _settle(hub: Hub, connection: Connection, delivery: Delivery, answer: Answer) -> None:
    """Write down what came of an attempt, and what follows from it."""
    now, tried = hub.clock(), delivery.attempts + 1
    last = {"status": answer.status, "failure": answer.failure}
    if answer.failure is None:
        deliveries.settle(connection, delivery, DELIVERED, now, **last)
        note_success(connection, delivery.webhook, now)
    elif answer.status == GONE or tried >= MOST_ATTEMPTS:
        deliveries.settle(connection, delivery, FAILED, now, **last)
        _disable_where_hopeless(hub, connection, delivery, answer)
    else:
        wait = max(retry_after(tried, random.random()), wait_asked_for(answer.retry_after, now))
        deliveries.settle(connection, delivery, WAITING, now + wait, **last)


def _disable_where_hopeless(hub: Hub, connection: Connection, delivery: Delivery, answer: Answer) -> None:
    """Send nothing more to what is gone, or took nothing all the time that this was tried."""
    webhook = webhook_by_id(connection, delivery.webhook)
    if webhook is None or webhook.disabled:
        return
    reason = DisabledFor.GONE if answer.status == GONE else DisabledFor.FAILING
    took_something = webhook.last_success_at is not None and webhook.last_success_at > delivery.announcement.at
    if reason is DisabledFor.GONE or not took_something:
        disable_webhook(connection, webhook.id, reason)
        deliveries.give_up_waiting(connection, webhook.id, "disabled")
        hub.audit(connection, SYSTEM, "webhook.disable", f"{webhook.id}/{reason}", webhook.operator)
