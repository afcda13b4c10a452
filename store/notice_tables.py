"""The tables of what the hub tells others: webhooks, what is announced to them, and reminders by e-mail.

Both kinds wait here, written with what they tell of, until a worker has delivered them. None holds a count. Secrets of
webhooks are encrypted with a key outside the database.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
)

from store.base import Text, metadata
from store.moments import Moment

# `operator`: nothing for the hub's own. `disabled_for`: nothing while it is in use.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator", Text, ForeignKey("operators.id")),
    Column("label", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("disabled_for", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_success_at", Moment),
    CheckConstraint("disabled_for in ('administrator', 'gone', 'failing')", name="disabled_for_known"),
)

# The newest has no end; one before it is good until its own, so that receivers change over without a break.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("webhook", Text, ForeignKey("webhooks.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("operator", Text, ForeignKey("operators.id")),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", Moment),
)

# `webhook`: the one that alone is to hear of it. `spread`: its deliveries have been made.
announcements = Table(
    "announcements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("operator", Text, ForeignKey("operators.id")),
    Column("webhook", Text),
    Column("payload", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    Column("spread", Boolean, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("announcement", Text, ForeignKey("announcements.id"), primary_key=True),
    Column("webhook", Text, ForeignKey("webhooks.id"), primary_key=True),
    Column("operator", Text, ForeignKey("operators.id")),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("last_at", Moment),
    Column("status", Integer),
    Column("failure", Text),
    CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="state_known"),
)

# One for each person, report and day of reminding, `days` before (negative) or after the due day: never two.
reminders = Table(
    "reminders",
    metadata,
    Column("site", Text, ForeignKey("sites.id"), primary_key=True),
    Column("month", Text, primary_key=True),
    Column("days", Integer, primary_key=True),
    Column("person", Text, ForeignKey("users.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_at", Moment),
    CheckConstraint("state in ('waiting', 'sent', 'needless', 'refused')", name="state_known"),
)
