"""Due days of sites; webhooks, what is announced to them, reminders; guarded in PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
APP, REVIEWER, REGISTRAR = "crosstally_app", "crosstally_reviewer", "crosstally_registrar"
TENANT = "nullif(current_setting('app.operator', true), '')"
OF_OWN_OPERATOR = f"operator = {TENANT}"
# Table -> whose rows the app has, and the roles that have everybody's.
GUARDED = {
    "webhooks": (OF_OWN_OPERATOR, REGISTRAR),
    "webhook_secrets": (OF_OWN_OPERATOR, REGISTRAR),
    "announcements": (OF_OWN_OPERATOR, f"{REVIEWER}, {REGISTRAR}"),
    "deliveries": (OF_OWN_OPERATOR, REGISTRAR),
    "reminders": (None, REGISTRAR),
}
GRANTS = (
    f"UPDATE (due_days) ON sites TO {REGISTRAR}",
    f"SELECT, INSERT, UPDATE (label, url, events, disabled_for), DELETE ON webhooks TO {APP}",
    f"SELECT (webhook, number, operator, ends_at), INSERT, UPDATE (ends_at), DELETE ON webhook_secrets TO {APP}",
    f"SELECT, INSERT ON announcements TO {APP}",
    f"SELECT, UPDATE (state, failure), DELETE ON deliveries TO {APP}",
    f"INSERT ON announcements TO {REVIEWER}",
    f"SELECT, INSERT, UPDATE, DELETE ON {', '.join(GUARDED)} TO {REGISTRAR}",
)


def upgrade() -> None:
    """Add the column and the tables; in PostgreSQL guard them."""
    op.add_column("sites", sa.Column("due_days", sa.JSON, nullable=False, server_default="[]"))
    _create_webhooks()
    _create_announcements()
    _create_reminders()
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, (own, others) in GUARDED.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        if own:
            op.execute(f"CREATE POLICY own_operator ON {table} TO {APP} USING ({own}) WITH CHECK ({own})")
        op.execute(f"CREATE POLICY every_operator ON {table} TO {others} USING (true) WITH CHECK (true)")
    for grant in GRANTS:
        op.execute(f"GRANT {grant}")


def downgrade() -> None:
    """Drop the tables and the column; a grant on a column ends with it."""
    for table in ("reminders", "deliveries", "announcements", "webhook_secrets", "webhooks"):
        op.drop_table(table)
    op.drop_column("sites", "due_days")


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("disabled_for", TEXT),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_success_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_webhooks_operator_operators"),
        sa.CheckConstraint(
            "disabled_for in ('administrator', 'gone', 'failing')", name="ck_webhooks_disabled_for_known"
        ),
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("webhook", TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.PrimaryKeyConstraint("webhook", "number", name="pk_webhook_secrets"),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name="fk_webhook_secrets_webhook_webhooks"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_webhook_secrets_operator_operators"),
    )


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("webhook", TEXT),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("spread", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_announcements_operator_operators"),
    )
    op.create_table(
        "deliveries",
        sa.Column("announcement", TEXT, nullable=False),
        sa.Column("webhook", TEXT, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT),
        sa.Column("status", sa.Integer),
        sa.Column("failure", TEXT),
        sa.PrimaryKeyConstraint("announcement", "webhook", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["announcement"], ["announcements.id"], name="fk_deliveries_announcement_announcements"
        ),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name="fk_deliveries_webhook_webhooks"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_deliveries_operator_operators"),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="ck_deliveries_state_known"),
    )


def _create_reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("site", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT),
        sa.PrimaryKeyConstraint("site", "month", "days", "person", name="pk_reminders"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_reminders_site_sites"),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name="fk_reminders_person_users"),
        sa.CheckConstraint("state in ('waiting', 'sent', 'needless', 'refused')", name="ck_reminders_state_known"),
    )
