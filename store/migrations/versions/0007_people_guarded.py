"""Row-level security and grants for people, in PostgreSQL."""

from alembic import op

revision = "0007"
down_revision = "0006"

APP, REGISTRAR = "crosstally_app", "crosstally_registrar"
TENANT = "nullif(current_setting('app.operator', true), '')"
OF_OWN_OPERATOR = f"operator = {TENANT}"
OF_OWN_PERSON = f"person IN (SELECT users.id FROM users WHERE users.operator = {TENANT})"
# Table -> whose rows the app has.
GUARDED = {
    "users": OF_OWN_OPERATOR,
    "sessions": OF_OWN_PERSON,
    "links": OF_OWN_PERSON,
    **dict.fromkeys(("passkeys", "recovery_codes", "ceremonies", "failures", "providers", "identities")),
}
WHO = "id, name, email, operator, roles, state, created_by, created_at, last_sign_in_at, reset_requested_at"
GRANTS = (
    f"SELECT ({WHO}), INSERT ({WHO}), UPDATE (name, roles, state) ON users TO {APP}",
    f"SELECT (person), DELETE ON sessions TO {APP}",
    f"SELECT (person), INSERT, DELETE ON links TO {APP}",
    f"SELECT, INSERT, UPDATE ON users TO {REGISTRAR}",
    "SELECT, INSERT, UPDATE, DELETE ON sessions, links, passkeys, recovery_codes, ceremonies, failures, providers, "
    f"identities TO {REGISTRAR}",
)


def upgrade() -> None:
    """Guard the tables."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, own in GUARDED.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        if own:
            op.execute(f"CREATE POLICY own_operator ON {table} TO {APP} USING ({own}) WITH CHECK ({own})")
        op.execute(f"CREATE POLICY every_operator ON {table} TO {REGISTRAR} USING (true) WITH CHECK (true)")
    for grant in GRANTS:
        op.execute(f"GRANT {grant}")


def downgrade() -> None:
    """Take the policies and grants back."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for grant in GRANTS:
        op.execute("REVOKE " + grant.replace(" TO ", " FROM "))
    for table, own in GUARDED.items():
        if own:
            op.execute(f"DROP POLICY own_operator ON {table}")
        op.execute(f"DROP POLICY every_operator ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
