"""Webhooks and their secrets, which only the worker reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from domain.webhooks import DisabledFor, Event, Webhook
from store.notice_tables import deliveries, webhook_secrets, webhooks


def add_webhook(connection: Connection, webhook: Webhook) -> None:
    """Store a new webhook, which has no secret yet."""
    connection.execute(insert(webhooks).values(**{**vars(webhook), "events": list(webhook.events)}))


def webhook_by_id(connection: Connection, webhook: str) -> Webhook | None:
    """The webhook, or None."""
    row = connection.execute(select(webhooks).where(webhooks.c.id == webhook)).one_or_none()
    return _webhook(row) if row else None


def all_webhooks(connection: Connection) -> list[Webhook]:
    """Every webhook that the transaction sees, by operator and label; the hub's own first."""
    found = map(_webhook, connection.execute(select(webhooks)))
    return sorted(found, key=lambda webhook: (webhook.operator or "", webhook.label, webhook.id))


def set_webhook(connection: Connection, webhook: Webhook) -> None:
    """Give a webhook those of these facts that may change."""
    values = {"label": webhook.label, "url": webhook.url, "events": list(webhook.events)}
    query = update(webhooks).where(webhooks.c.id == webhook.id)
    connection.execute(query.values(**values, disabled_for=webhook.disabled_for))


def disable_webhook(connection: Connection, webhook: str, reason: DisabledFor) -> None:
    """Send nothing to it any longer."""
    connection.execute(update(webhooks).where(webhooks.c.id == webhook).values(disabled_for=reason))


def note_success(connection: Connection, webhook: str, at: datetime) -> None:
    """Remember when it last took something."""
    connection.execute(update(webhooks).where(webhooks.c.id == webhook).values(last_success_at=at))


def remove_webhook(connection: Connection, webhook: str) -> None:
    """Forget the webhook, its secrets and what was or was to be delivered to it."""
    for table in (deliveries, webhook_secrets):
        connection.execute(delete(table).where(table.c.webhook == webhook))
    connection.execute(delete(webhooks).where(webhooks.c.id == webhook))


def add_secret(connection: Connection, webhook: Webhook, sealed: bytes, older_end_at: datetime) -> None:
    """Give a webhook a new secret; those that it has end then, unless they end before."""
    of_this = webhook_secrets.c.webhook == webhook.id
    connection.execute(
        update(webhook_secrets).where(of_this, webhook_secrets.c.ends_at.is_(None)).values(ends_at=older_end_at)
    )
    newest = connection.scalar(select(func.max(webhook_secrets.c.number)).where(of_this)) or 0
    values = {"webhook": webhook.id, "number": newest + 1, "operator": webhook.operator, "sealed": sealed}
    connection.execute(insert(webhook_secrets).values(**values))


def sealed_secrets(connection: Connection, webhook_ids: Iterable[str], now: datetime) -> dict[str, list[bytes]]:
    """The secrets in use of these webhooks, each's newest first."""
    is_good = or_(webhook_secrets.c.ends_at.is_(None), webhook_secrets.c.ends_at > now)
    query = select(webhook_secrets).where(webhook_secrets.c.webhook.in_(list(webhook_ids)), is_good)
    found: dict[str, list[bytes]] = {}
    for row in connection.execute(query.order_by(webhook_secrets.c.number.desc())):
        found.setdefault(row.webhook, []).append(row.sealed)
    return found


def remove_ended_secrets(connection: Connection, now: datetime) -> None:
    """Forget the secrets that have ended."""
    connection.execute(delete(webhook_secrets).where(webhook_secrets.c.ends_at <= now))


def _webhook(row: Row) -> Webhook:
    events = tuple(Event(event) for event in row.events)
    disabled_for = DisabledFor(row.disabled_for) if row.disabled_for else None
    return Webhook(**{**row._mapping, "events": events, "disabled_for": disabled_for})
