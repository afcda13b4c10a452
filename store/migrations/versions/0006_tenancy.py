"""Row-level security and grants; lines of the log name an operator; operators and sites can be disabled."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
ROLES = ("crosstally_app", "crosstally_reviewer", "crosstally_calendar", "crosstally_registrar", "crosstally_auditor")
APP, REVIEWER, CALENDAR, REGISTRAR, AUDITOR = ROLES

TENANT = "nullif(current_setting('app.operator', true), '')"
OF_OWN_SITE = f"site IN (SELECT sites.id FROM sites WHERE sites.operator = {TENANT})"
OF_OWN_CLIENT = f"client IN (SELECT clients.id FROM clients WHERE clients.operator = {TENANT})"
OF_OWN_OPERATOR = f"operator = {TENANT}"
# Table -> whose rows the app has, and which it may add; and the roles that have everybody's.
GUARDED = {
    "reports": (OF_OWN_SITE, OF_OWN_SITE, [REVIEWER, CALENDAR]),
    "revisions": (OF_OWN_SITE, OF_OWN_SITE, [REVIEWER, CALENDAR]),
    "reviews": (OF_OWN_SITE, OF_OWN_SITE, [REVIEWER, CALENDAR]),
    "release_reports": (OF_OWN_SITE, OF_OWN_SITE, [REVIEWER]),
    "release_counts": (OF_OWN_SITE, OF_OWN_SITE, [REVIEWER]),
    "drafts": (None, None, [REVIEWER]),
    "explanations": (None, None, [REVIEWER]),
    "clients": (OF_OWN_OPERATOR, OF_OWN_OPERATOR, [REGISTRAR]),
    "client_credentials": (OF_OWN_CLIENT, OF_OWN_CLIENT, [REGISTRAR]),
    "grants": (None, None, [REGISTRAR]),
    "authorization_codes": (None, None, [REGISTRAR]),
    "refresh_tokens": (None, None, [REGISTRAR]),
    "spent_assertions": (None, None, [REGISTRAR]),
    "revoked_tokens": (None, None, [REGISTRAR]),
    "audit": (OF_OWN_OPERATOR, f"operator IS NOT DISTINCT FROM {TENANT}", [REVIEWER, REGISTRAR, AUDITOR]),
}
DIRECTORY = {
    "operators": "label, k, sentinel, disabled",
    "sites": "label, closed, timezone, stations, series_breaks, disabled",
}
GRANTS = [
    *(f"SELECT ON operators, sites TO {role}" for role in ROLES),
    *(f"INSERT, UPDATE ({columns}) ON {table} TO {REGISTRAR}" for table, columns in DIRECTORY.items()),
    f"SELECT ON releases, retractions TO {APP}",
    f"SELECT, INSERT ON releases, retractions TO {REVIEWER}",
    f"SELECT, INSERT, UPDATE ON jobs TO {APP}",
    f"USAGE ON SEQUENCE jobs_number_seq TO {APP}",
    *(f"SELECT, INSERT, UPDATE ON audit_head TO {role}" for role in (APP, REVIEWER, REGISTRAR)),
    f"SELECT ON audit_head TO {AUDITOR}",
    f"SELECT, INSERT, UPDATE ON reports TO {APP}",
    f"SELECT, UPDATE ON reports TO {REVIEWER}",
    f"SELECT (site, month, state, revision, accepted_revision) ON reports TO {CALENDAR}",
    f"SELECT, INSERT ON revisions TO {APP}",
    f"SELECT ON revisions TO {REVIEWER}",
    f"SELECT (site, month, number, submitted_at) ON revisions TO {CALENDAR}",
    f"SELECT ON reviews TO {APP}",
    f"SELECT, INSERT ON reviews TO {REVIEWER}",
    f"SELECT (site, month, revision, decision, reviewed_at) ON reviews TO {CALENDAR}",
    f"SELECT ON release_reports, release_counts TO {APP}",
    f"SELECT, INSERT ON release_reports, release_counts TO {REVIEWER}",
    f"SELECT, INSERT, DELETE ON drafts, explanations TO {REVIEWER}",
    *(f"SELECT, INSERT, UPDATE ON clients TO {role}" for role in (APP, REGISTRAR)),
    *(f"SELECT, INSERT, UPDATE, DELETE ON client_credentials TO {role}" for role in (APP, REGISTRAR)),
    "SELECT, INSERT, UPDATE, DELETE ON grants, authorization_codes, refresh_tokens, spent_assertions, revoked_tokens "
    f"TO {REGISTRAR}",
    f"SELECT, INSERT ON audit TO {APP}",
    *(f"INSERT ON audit TO {role}" for role in (REVIEWER, REGISTRAR)),
    f"SELECT ON audit TO {AUDITOR}",
]
ALEMBIC = ", ".join((*ROLES, "crosstally_migrator"))


def upgrade() -> None:
    """Add the columns and the head of the log; in PostgreSQL guard every table."""
    op.add_column("audit", sa.Column("operator", TEXT))
    for table in DIRECTORY:
        op.add_column(table, sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()))
    _create_audit_head()
    for statement in _triggers_of_sqlite() if _on_sqlite() else _triggers_of_postgresql():
        op.execute(statement)
    if not _on_sqlite():
        for statement in _guards():
            op.execute(statement)


def downgrade() -> None:
    """Take all of it back; raises RuntimeError where a line names an operator, which its hash holds."""
    if not _on_sqlite():
        for statement in _unguards():
            op.execute(statement)
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM audit WHERE operator IS NOT NULL")):
        raise RuntimeError("This hub has been written to; its log names operators.")
    op.drop_table("audit_head")
    for table in reversed(DIRECTORY):
        op.drop_column(table, "disabled")
    op.drop_column("audit", "operator")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _create_audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_audit_head"),
        sa.CheckConstraint("one = 1", name="ck_audit_head_one_row"),
    )
    op.execute(
        "INSERT INTO audit_head (one, number, sha256) SELECT 1, number, sha256 FROM audit ORDER BY number DESC LIMIT 1"
    )


def _triggers_of_postgresql() -> list[str]:
    trigger = "CREATE TRIGGER audit_head_refuse_{} BEFORE {} ON audit_head FOR EACH {} EXECUTE FUNCTION refuse_change()"
    return [
        trigger.format("back", "UPDATE", "ROW WHEN (NEW.number <> OLD.number + 1)"),
        trigger.format("delete", "DELETE", "STATEMENT"),
        trigger.format("truncate", "TRUNCATE", "STATEMENT"),
    ]


def _triggers_of_sqlite() -> list[str]:
    occasions = {
        "back": "UPDATE ON audit_head WHEN NEW.number <> OLD.number + 1",
        "delete": "DELETE ON audit_head",
        "replace": "INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)",
    }
    return [
        f"CREATE TRIGGER audit_head_refuse_{what} BEFORE {occasion} "
        "BEGIN SELECT RAISE(ABORT, 'table audit_head is append-only'); END"
        for what, occasion in occasions.items()
    ]


def _guards() -> Iterable[str]:
    for table, (own, added, others) in GUARDED.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        if own:
            yield f"CREATE POLICY own_operator ON {table} TO {APP} USING ({own}) WITH CHECK ({added})"
        everybody = ", ".join(others)
        yield f"CREATE POLICY every_operator ON {table} TO {everybody} USING (true) WITH CHECK (true)"
    yield from (f"GRANT {grant}" for grant in GRANTS)
    yield f"GRANT SELECT ON alembic_version TO {ALEMBIC}"


def _unguards() -> Iterable[str]:
    for grant in GRANTS:
        yield "REVOKE " + grant.replace(" TO ", " FROM ")
    yield f"REVOKE SELECT ON alembic_version FROM {ALEMBIC}"
    for table, (own, _added, _others) in GUARDED.items():
        if own:
            yield f"DROP POLICY own_operator ON {table}"
        yield f"DROP POLICY every_operator ON {table}"
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
