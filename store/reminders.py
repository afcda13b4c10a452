"""Reminders: one for each person, report and day of reminding, and whether it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from domain.periods import Month
from store.notice_tables import reminders

WAITING, SENT, NEEDLESS, REFUSED = "waiting", "sent", "needless", "refused"


@dataclass(frozen=True)
class DueReminder:
    """A reminder on its way to a person."""

    site: str
    month: Month
    days: int
    person: str
    attempts: int
    expires_at: datetime


def reminded(connection: Connection, site: str, month: Month, days: int) -> set[str]:
    """The people who have been, or are to be, reminded of this on this day of the plan."""
    query = select(reminders.c.person).where(
        reminders.c.site == site, reminders.c.month == str(month), reminders.c.days == days
    )
    return set(connection.scalars(query))


def add_reminder(connection: Connection, reminder: DueReminder, at: datetime) -> None:
    """Have somebody reminded, from now on; the database refuses a second time."""
    values = {**vars(reminder), "month": str(reminder.month), "state": WAITING, "next_at": at}
    connection.execute(insert(reminders).values(**values))


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Whether a reminder is to be sent now."""
    return connection.execute(select(reminders.c.person).where(_is_due(now)).limit(1)).first() is not None


def take_due(connection: Connection, now: datetime, until: datetime, most: int) -> list[DueReminder]:
    """Reminders that are due, counted as tried and not due again until then, whatever becomes of who takes them."""
    query = select(reminders).where(_is_due(now)).order_by(reminders.c.next_at).limit(most)
    taken = [_reminder(row) for row in connection.execute(query)]
    for reminder in taken:
        settle(connection, reminder, WAITING, next_at=until, attempts=reminder.attempts + 1, last_at=now)
    return taken


def settle(connection: Connection, reminder: DueReminder, state: str, **changes: object) -> None:
    """Say what became of a reminder."""
    this = and_(
        reminders.c.site == reminder.site,
        reminders.c.month == str(reminder.month),
        reminders.c.days == reminder.days,
        reminders.c.person == reminder.person,
    )
    connection.execute(update(reminders).where(this).values(state=state, **changes))


def remove_reminders_before(connection: Connection, moment: datetime) -> None:
    """Forget reminders whose time was over then."""
    connection.execute(delete(reminders).where(reminders.c.expires_at < moment))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(reminders.c.state == WAITING, reminders.c.next_at <= now)


def _reminder(row: Row) -> DueReminder:
    return DueReminder(row.site, Month.parse(row.month), row.days, row.person, row.attempts, row.expires_at)
