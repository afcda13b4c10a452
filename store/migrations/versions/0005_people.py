"""People: accounts, second factors, links, sessions, and providers at which they sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)

# In the order in which they can be made.
TABLES = (
    "users", "passkeys", "recovery_codes", "links", "sessions", "ceremonies", "failures", "providers", "identities",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables."""
    _create_users()
    _create_factors()
    _create_links()
    _create_sessions()
    _create_providers()


def downgrade() -> None:
    """Remove the tables; raises RuntimeError where there are people."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM users")):
        raise RuntimeError("This hub has people; they are not forgotten.")
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_sign_in_at", MOMENT),
        sa.Column("reset_requested_at", MOMENT),
        sa.Column("password_hash", TEXT),
        sa.Column("totp_secret", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_users_operator_operators"),
        sa.CheckConstraint("state in ('invited', 'active', 'disabled')", name="ck_users_state_known"),
        sa.CheckConstraint("email = lower(email)", name="ck_users_email_in_lower_case"),
    )


def _create_factors() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name="fk_passkeys_person_users"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name="fk_recovery_codes_person_users"),
    )


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_links"),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name="fk_links_person_users"),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("proofs", sa.JSON, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("browser", TEXT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name="fk_sessions_person_users"),
        sa.CheckConstraint("stage in ('second_factor', 'enrolment', 'complete')", name="ck_sessions_stage_known"),
    )
    op.create_table(
        "ceremonies",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_ceremonies"),
    )
    op.create_table(
        "failures",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_failures"),
    )


def _create_providers() -> None:
    op.create_table(
        "providers",
        sa.Column("operator", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("secret_from", TEXT),
        sa.Column("email_domain", TEXT, nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("operator", name="pk_providers"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_providers_operator_operators"),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.UniqueConstraint("issuer", "person", name="uq_identities_issuer_person"),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name="fk_identities_person_users"),
    )
