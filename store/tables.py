"""The tables, and what the database itself refuses.

Counts live in `revisions.content` alone, as one packed document per revision. Revisions, reviews,
confirmations, releases, retractions and the audit log are append-only: triggers refuse update and delete, whoever asks.

This is what the tables are; `migrations` says how a database gets there, and a test that both agree.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    false,
)

import store.access_tables  # noqa: F401 - they are in the same metadata
import store.notice_tables  # noqa: F401 - these too
import store.people_tables  # noqa: F401 - and these
from store.append_only import make_append_only, make_forward_only
from store.base import Text, metadata
from store.moments import Moment

operators = Table(
    "operators",
    metadata,
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("k", Integer),
    Column("sentinel", Text, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)

sites = Table(
    "sites",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator", Text, ForeignKey("operators.id"), nullable=False),
    Column("city", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("opened", Text, nullable=False),
    Column("closed", Text),
    Column("timezone", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("stations", Integer),
    Column("series_breaks", JSON, nullable=False),
    Column("due_days", JSON, nullable=False, server_default="[]"),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)

clients = Table(
    "clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("operator", Text, ForeignKey("operators.id")),
    Column("scopes", JSON, nullable=False),
    Column("sites", JSON, nullable=False),
    Column("grants", JSON, nullable=False),
    Column("redirect_uris", JSON, nullable=False),
    Column("networks", JSON, nullable=False),
    Column("introspects", Boolean, nullable=False),
    Column("expires_at", Moment),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
)

# The head of each site-month: which revision is current, which one releases use.
reports = Table(
    "reports",
    metadata,
    Column("site", Text, ForeignKey("sites.id"), primary_key=True),
    Column("month", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("accepted_revision", Integer),
    CheckConstraint("state in ('submitted', 'returned', 'accepted', 'withdrawn')", name="state_known"),
    CheckConstraint("state <> 'withdrawn' or accepted_revision is null", name="withdrawn_is_not_in_use"),
    # Checked when the transaction ends: the head comes first, for its revisions refer to it.
    *(
        ForeignKeyConstraint(
            ["site", "month", number],
            ["revisions.site", "revisions.month", "revisions.number"],
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        )
        for number in ("revision", "accepted_revision")
    ),
    CheckConstraint("revision >= 1", name="revision_counts_from_one"),
    CheckConstraint("accepted_revision between 1 and revision", name="accepted_revision_is_not_ahead"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("site", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    ForeignKeyConstraint(["site", "month"], ["reports.site", "reports.month"]),
    CheckConstraint("number >= 1", name="number_counts_from_one"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("site", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("decision", Text, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("reviewed_by", Text, nullable=False),
    Column("reviewed_at", Moment, nullable=False),
    ForeignKeyConstraint(["site", "month", "revision"], ["revisions.site", "revisions.month", "revisions.number"]),
    CheckConstraint("decision in ('accept', 'return')", name="decision_known"),
)

# Second persons who looked at a revision and found it right.
confirmations = Table(
    "confirmations",
    metadata,
    Column("site", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("confirmed_by", Text, primary_key=True),
    Column("confirmed_at", Moment, nullable=False),
    ForeignKeyConstraint(["site", "month", "revision"], ["revisions.site", "revisions.month", "revisions.number"]),
)

# A release that is cut and not published yet; publishing moves it to `releases`.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("manifest", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    CheckConstraint("number >= 1", name="number_counts_from_one"),
)

# Which revision of which report a release used.
release_reports = Table(
    "release_reports",
    metadata,
    Column("release", Text, ForeignKey("releases.id"), primary_key=True),
    Column("site", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    ForeignKeyConstraint(["site", "month", "revision"], ["revisions.site", "revisions.month", "revisions.number"]),
)

# The indicators of which a release kept the counts of an earlier revision.
release_counts = Table(
    "release_counts",
    metadata,
    Column("release", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    ForeignKeyConstraint(
        ["release", "site", "month"], ["release_reports.release", "release_reports.site", "release_reports.month"]
    ),
    ForeignKeyConstraint(["site", "month", "revision"], ["revisions.site", "revisions.month", "revisions.number"]),
)

# Why a release or a draft hides what it hides; for stewards and operators, never published.
explanations = Table(
    "explanations",
    metadata,
    Column("release", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# Which release takes which one back, and why. Nothing is taken back twice.
retractions = Table(
    "retractions",
    metadata,
    Column("release", Text, ForeignKey("releases.id"), primary_key=True),
    Column("retracted", Text, ForeignKey("releases.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    CheckConstraint("release <> retracted", name="of_another"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("result", JSON),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    CheckConstraint("state in ('queued', 'running', 'succeeded', 'failed')", name="state_known"),
)

# `operator`: whose thing it was done to, else who did it acted for; nothing for what is the hub's alone.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("operator", Text),
)

# Where the log ends: what the next line continues, for writers who may not read the line itself.
audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    CheckConstraint("one = 1", name="one_row"),
)

APPEND_ONLY = (revisions, reviews, confirmations, releases, release_reports, release_counts, retractions, audit)
make_append_only(metadata, *APPEND_ONLY)
make_forward_only(audit_head)
