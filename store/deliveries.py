"""What was announced, and what of it is to be delivered, or was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, delete, exists, insert, select, update

from domain.webhooks import Announcement
from store.notice_tables import announcements, deliveries

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"


@dataclass(frozen=True)
class Delivery:
    """One announcement on its way to one webhook: how often it was tried, when last and with which answer."""

    announcement: Announcement
    webhook: str
    state: str
    attempts: int
    next_at: datetime
    last_at: datetime | None = None
    status: int | None = None
    failure: str | None = None

    @property
    def tried_next_at(self) -> datetime | None:
        """When it is tried next; never, once that is settled."""
        return self.next_at if self.state == WAITING else None


def add_announcement(connection: Connection, announcement: Announcement) -> None:
    """Keep it until its deliveries are made, and for a while after that."""
    connection.execute(insert(announcements).values(**vars(announcement), spread=False))


def unspread(connection: Connection, most: int) -> list[Announcement]:
    """Announcements whose deliveries are not made yet, the oldest first."""
    query = select(announcements).where(announcements.c.spread.is_(False))
    return [_announcement(row) for row in connection.execute(query.order_by(announcements.c.at).limit(most))]


def mark_spread(connection: Connection, announcement: str) -> None:
    """Its deliveries are made."""
    connection.execute(update(announcements).where(announcements.c.id == announcement).values(spread=True))


def add_delivery(connection: Connection, announcement: str, webhook: str, operator: str | None, at: datetime) -> None:
    """Have something delivered, from now on; the database refuses a second time."""
    values = {"announcement": announcement, "webhook": webhook, "operator": operator, "state": WAITING}
    connection.execute(insert(deliveries).values(**values, attempts=0, next_at=at))


def is_anything_due(connection: Connection, now: datetime) -> bool:
    """Whether there is something to spread or to deliver."""
    new = select(announcements.c.id).where(announcements.c.spread.is_(False)).limit(1)
    due = select(deliveries.c.webhook).where(deliveries.c.state == WAITING, deliveries.c.next_at <= now).limit(1)
    return any(connection.execute(query).first() for query in (new, due))


def take_due(connection: Connection, now: datetime, until: datetime, most: int) -> list[Delivery]:
    """Deliveries that are due, counted as tried and not due again until then, whatever becomes of who takes them."""
    query = _query().where(deliveries.c.state == WAITING, deliveries.c.next_at <= now)
    taken = [_delivery(row) for row in connection.execute(query.order_by(deliveries.c.next_at).limit(most))]
    for delivery in taken:
        _set(connection, delivery, attempts=delivery.attempts + 1, next_at=until, last_at=now)
    return taken


def settle(connection: Connection, delivery: Delivery, state: str, next_at: datetime, **answer: object) -> None:
    """Say what became of a delivery, unless it was given up meanwhile."""
    _set(connection, delivery, state=state, next_at=next_at, **answer)


def deliveries_of(connection: Connection, webhook: str, start: int, limit: int) -> list[Delivery]:
    """What was or is to be delivered to a webhook, the newest first."""
    query = _query().where(deliveries.c.webhook == webhook)
    newest_first = query.order_by(announcements.c.at.desc(), announcements.c.id)
    return [_delivery(row) for row in connection.execute(newest_first.offset(start).limit(limit))]


def give_up_waiting(connection: Connection, webhook: str, failure: str) -> None:
    """Deliver nothing of what waits for a webhook."""
    waits = and_(deliveries.c.webhook == webhook, deliveries.c.state == WAITING)
    connection.execute(update(deliveries).where(waits).values(state=FAILED, failure=failure))


def remove_older(connection: Connection, than: datetime) -> None:
    """Forget what was announced and delivered, or given up, before then."""
    old = select(announcements.c.id).where(announcements.c.at < than, announcements.c.spread.is_(True))
    connection.execute(delete(deliveries).where(deliveries.c.state != WAITING, deliveries.c.announcement.in_(old)))
    undelivered = exists().where(deliveries.c.announcement == announcements.c.id)
    is_old = and_(announcements.c.at < than, announcements.c.spread.is_(True))
    connection.execute(delete(announcements).where(is_old, ~undelivered))


def _query() -> Select:
    whole = select(deliveries, *(column.label(f"of_{column.name}") for column in announcements.c))
    return whole.join(announcements, announcements.c.id == deliveries.c.announcement)


def _set(connection: Connection, delivery: Delivery, **values: object) -> None:
    this = and_(
        deliveries.c.announcement == delivery.announcement.id,
        deliveries.c.webhook == delivery.webhook,
        deliveries.c.state == WAITING,
    )
    connection.execute(update(deliveries).where(this).values(**values))


def _announcement(row: Row) -> Announcement:
    return Announcement(row.id, row.event, row.operator, row.payload, row.at, row.webhook)


def _delivery(row: Row) -> Delivery:
    what = Announcement(row.of_id, row.of_event, row.of_operator, row.of_payload, row.of_at, row.of_webhook)
    return Delivery(what, row.webhook, row.state, row.attempts, row.next_at, row.last_at, row.status, row.failure)
