"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)

# In the order in which they can be made; and what makes a row of an append-only table the same row.
TABLES = (
    "operators", "sites", "clients", "reports", "revisions", "reviews", "drafts", "releases", "release_reports", "jobs",
    "audit",
)  # fmt: skip
APPEND_ONLY = {
    "revisions": "site = NEW.site AND month = NEW.month AND number = NEW.number",
    "reviews": "site = NEW.site AND month = NEW.month AND revision = NEW.revision",
    "releases": "id = NEW.id OR number = NEW.number",
    "release_reports": "release = NEW.release AND site = NEW.site AND month = NEW.month",
    "audit": "number = NEW.number",
}
HEADS = {
    "fk_reports_site_month_revision_revisions": ["site", "month", "revision"],
    "fk_reports_site_month_accepted_revision_revisions": ["site", "month", "accepted_revision"],
}
REVISION = ["revisions.site", "revisions.month", "revisions.number"]


def upgrade() -> None:
    """Make every table, and the triggers of those that are written once."""
    _create_directory()
    _create_clients()
    _create_reports()
    _create_revisions()
    _create_reviews()
    _create_releases()
    _create_release_reports()
    _create_jobs()
    _create_audit()
    if _on_sqlite():
        _guard_on_sqlite()
    else:
        _tie_heads_to_revisions()
        _guard_on_postgresql()


def downgrade() -> None:
    """Remove every table; raises RuntimeError where anything was ever written."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM audit")):
        raise RuntimeError("This hub has been written to; its tables are not removed.")
    if not _on_sqlite():
        for name in HEADS:
            op.drop_constraint(name, "reports", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_change()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _create_directory() -> None:
    op.create_table(
        "operators",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("k", sa.Integer),
        sa.Column("sentinel", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
    )
    op.create_table(
        "sites",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("operator", TEXT, nullable=False),
        sa.Column("city", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("opened", TEXT, nullable=False),
        sa.Column("closed", TEXT),
        sa.Column("timezone", TEXT, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("stations", sa.Integer),
        sa.Column("series_breaks", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_sites_operator_operators"),
    )


def _create_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("secret_sha256", TEXT, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_clients_operator_operators"),
    )


def _create_reports() -> None:
    # SQLite takes a reference to a table that is not there yet, and none later.
    heads = [
        sa.ForeignKeyConstraint(columns, REVISION, name=name, deferrable=True, initially="DEFERRED")
        for name, columns in HEADS.items()
        if _on_sqlite()
    ]
    op.create_table(
        "reports",
        sa.Column("site", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("accepted_revision", sa.Integer),
        sa.PrimaryKeyConstraint("site", "month", name="pk_reports"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_reports_site_sites"),
        *heads,
        sa.CheckConstraint("state in ('submitted', 'returned', 'accepted')", name="ck_reports_state_known"),
        sa.CheckConstraint("revision >= 1", name="ck_reports_revision_counts_from_one"),
        sa.CheckConstraint(
            "accepted_revision between 1 and revision", name="ck_reports_accepted_revision_is_not_ahead"
        ),
    )


def _create_revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("site", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("submitted_by", TEXT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", "month", "number", name="pk_revisions"),
        sa.ForeignKeyConstraint(
            ["site", "month"], ["reports.site", "reports.month"], name="fk_revisions_site_month_reports"
        ),
        sa.CheckConstraint("number >= 1", name="ck_revisions_number_counts_from_one"),
    )


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("site", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("reviewed_by", TEXT, nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", "month", "revision", name="pk_reviews"),
        sa.ForeignKeyConstraint(
            ["site", "month", "revision"], REVISION, name="fk_reviews_site_month_revision_revisions"
        ),
        sa.CheckConstraint("decision in ('accept', 'return')", name="ck_reviews_decision_known"),
    )


def _create_releases() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_table(
        "releases",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_releases"),
        sa.UniqueConstraint("id", name="uq_releases_id"),
        sa.CheckConstraint("number >= 1", name="ck_releases_number_counts_from_one"),
    )


def _create_release_reports() -> None:
    op.create_table(
        "release_reports",
        sa.Column("release", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("release", "site", "month", name="pk_release_reports"),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_release_reports_release_releases"),
        sa.ForeignKeyConstraint(
            ["site", "month", "revision"], REVISION, name="fk_release_reports_site_month_revision_revisions"
        ),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("result", sa.JSON),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sa.CheckConstraint("state in ('queued', 'running', 'succeeded', 'failed')", name="ck_jobs_state_known"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )


def _tie_heads_to_revisions() -> None:
    referred = [column.partition(".")[2] for column in REVISION]
    for name, columns in HEADS.items():
        op.create_foreign_key(name, "reports", "revisions", columns, referred, deferrable=True, initially="DEFERRED")


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in APPEND_ONLY:
        for verb in ("update", "delete", "truncate"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def _guard_on_sqlite() -> None:
    for table, same_row in APPEND_ONLY.items():
        there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same_row})"
        occasions = {"update": "UPDATE ON {}", "delete": "DELETE ON {}", "replace": f"INSERT ON {{}} {there}"}
        for what, occasion in occasions.items():
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{what} BEFORE {occasion.format(table)} "
                f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
            )
