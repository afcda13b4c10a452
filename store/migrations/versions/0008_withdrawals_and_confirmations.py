"""Reports can be withdrawn, and second persons confirm revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
APP, REVIEWER = "crosstally_app", "crosstally_reviewer"
TENANT = "nullif(current_setting('app.operator', true), '')"
OF_OWN_SITE = f"site IN (SELECT sites.id FROM sites WHERE sites.operator = {TENANT})"

REVISION = ["revisions.site", "revisions.month", "revisions.number"]
HEADS = {
    "fk_reports_site_month_revision_revisions": ["site", "month", "revision"],
    "fk_reports_site_month_accepted_revision_revisions": ["site", "month", "accepted_revision"],
}
COLUMNS = "site, month, state, revision, accepted_revision"
KNOWN, NOT_IN_USE = "ck_reports_state_known", "ck_reports_withdrawn_is_not_in_use"
BEFORE = {KNOWN: "state in ('submitted', 'returned', 'accepted')"}
AFTER = {
    KNOWN: "state in ('submitted', 'returned', 'accepted', 'withdrawn')",
    NOT_IN_USE: "state <> 'withdrawn' or accepted_revision is null",
}
CONFIRMATION = ("site", "month", "revision", "confirmed_by")
SAME_ROW = " AND ".join(f"{column} = NEW.{column}" for column in CONFIRMATION)


def upgrade() -> None:
    """Let heads be withdrawn; make the table of confirmations, guarded and written once."""
    _check_states(BEFORE, AFTER)
    op.create_table(
        "confirmations",
        sa.Column("site", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("confirmed_by", TEXT, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*CONFIRMATION, name="pk_confirmations"),
        sa.ForeignKeyConstraint(
            ["site", "month", "revision"], REVISION, name="fk_confirmations_site_month_revision_revisions"
        ),
    )
    for statement in _guards_of_sqlite() if _on_sqlite() else _guards_of_postgresql():
        op.execute(statement)


def downgrade() -> None:
    """Take both back; raises RuntimeError where a report was withdrawn or confirmed."""
    for found in ("reports WHERE state = 'withdrawn'", "confirmations"):
        if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {found}")):
            raise RuntimeError("This hub has withdrawn or confirmed reports; that is not forgotten.")
    op.drop_table("confirmations")
    _check_states(AFTER, BEFORE)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _check_states(before: dict[str, str], after: dict[str, str]) -> None:
    if _on_sqlite():
        _make_reports_anew(after)
        return
    for name in before:
        op.drop_constraint(name, "reports", type_="check")
    for name, condition in after.items():
        op.create_check_constraint(name, "reports", condition)


def _make_reports_anew(checks: dict[str, str]) -> None:
    """SQLite changes no constraint. What refers to the rows waits for them until the transaction ends."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMP TABLE reports_before AS SELECT * FROM reports")
    op.drop_table("reports")
    op.create_table(
        "reports",
        *(sa.Column(name, TEXT, nullable=False) for name in ("site", "month", "state")),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("accepted_revision", sa.Integer),
        sa.PrimaryKeyConstraint("site", "month", name="pk_reports"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_reports_site_sites"),
        *(
            sa.ForeignKeyConstraint(columns, REVISION, name=name, deferrable=True, initially="DEFERRED")
            for name, columns in HEADS.items()
        ),
        *(sa.CheckConstraint(condition, name=name) for name, condition in checks.items()),
        sa.CheckConstraint("revision >= 1", name="ck_reports_revision_counts_from_one"),
        sa.CheckConstraint(
            "accepted_revision between 1 and revision", name="ck_reports_accepted_revision_is_not_ahead"
        ),
    )
    op.execute(f"INSERT INTO reports ({COLUMNS}) SELECT {COLUMNS} FROM reports_before")
    op.execute("DROP TABLE reports_before")


def _guards_of_sqlite() -> list[str]:
    occasions = {
        "update": "UPDATE ON confirmations",
        "delete": "DELETE ON confirmations",
        "replace": f"INSERT ON confirmations WHEN EXISTS (SELECT 1 FROM confirmations WHERE {SAME_ROW})",
    }
    return [
        f"CREATE TRIGGER confirmations_refuse_{what} BEFORE {occasion} "
        "BEGIN SELECT RAISE(ABORT, 'table confirmations is append-only'); END"
        for what, occasion in occasions.items()
    ]


def _guards_of_postgresql() -> list[str]:
    return [
        *(
            f"CREATE TRIGGER confirmations_refuse_{verb} BEFORE {verb} ON confirmations "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for verb in ("update", "delete", "truncate")
        ),
        "ALTER TABLE confirmations ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE confirmations FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_operator ON confirmations TO {APP} USING ({OF_OWN_SITE}) WITH CHECK ({OF_OWN_SITE})",
        f"CREATE POLICY every_operator ON confirmations TO {REVIEWER} USING (true) WITH CHECK (true)",
        *(f"GRANT SELECT, INSERT ON confirmations TO {role}" for role in (APP, REVIEWER)),
    ]
