"""What clients prove themselves with and are limited to, what people granted, what is no longer good."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
# The secrets that are there already get as long as a new one.
SECRET_LIFETIME = timedelta(days=365)
NEW_LIMITS: dict[str, Any] = {
    "grants": '["client_credentials"]',
    "redirect_uris": "[]",
    "networks": "[]",
    "introspects": sa.false(),
}
TABLES = ("client_credentials", "grants", "authorization_codes", "refresh_tokens", "spent_assertions", "revoked_tokens")


def upgrade() -> None:
    """Move each client's secret to a table that holds several, give clients their limits, and make the tables."""
    _create_client_credentials()
    _move_secrets()
    _change_clients()
    _create_grants()
    for name in ("authorization_codes", "refresh_tokens"):
        _create_tokens_of_grants(name)
    for name, key in (("spent_assertions", ("client", "jti")), ("revoked_tokens", ("jti",))):
        op.create_table(
            name,
            *(sa.Column(column, TEXT, nullable=False) for column in key),
            sa.Column("expires_at", MOMENT, nullable=False),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        )


def downgrade() -> None:
    """Remove the tables and limits; raises RuntimeError where there are clients, for their secrets would be lost."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM clients")):
        raise RuntimeError("This hub has clients; their secrets are not forgotten.")
    for name in reversed(TABLES):
        op.drop_table(name)
    with op.batch_alter_table("clients", copy_from=_clients(*_limits())) as clients:
        for column in _limits():
            clients.drop_column(column.name)
        clients.add_column(_secret(nullable=False))


def _create_client_credentials() -> None:
    op.create_table(
        "client_credentials",
        sa.Column("client", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        _secret(nullable=True),
        sa.Column("jwk", sa.JSON),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.PrimaryKeyConstraint("client", "id", name="pk_client_credentials"),
        sa.ForeignKeyConstraint(["client"], ["clients.id"], name="fk_client_credentials_client_clients"),
        sa.CheckConstraint("(secret_sha256 is null) <> (jwk is null)", name="ck_client_credentials_secret_or_key"),
    )


def _move_secrets() -> None:
    move = sa.text(
        "INSERT INTO client_credentials (client, id, secret_sha256, created_at, expires_at, last_used_at) "
        "SELECT id, 'first', secret_sha256, created_at, :end, last_used_at FROM clients"
    )
    op.get_bind().execute(move.bindparams(sa.bindparam("end", datetime.now(UTC) + SECRET_LIFETIME, MOMENT)))


def _change_clients() -> None:
    # A column that is there for all rows at once needs a value for those that are there: given, then forgotten.
    with op.batch_alter_table("clients", copy_from=_clients(_secret(nullable=False))) as clients:
        clients.drop_column("secret_sha256")
        for column in _limits(with_defaults=True):
            clients.add_column(column)
    with op.batch_alter_table("clients", copy_from=_clients(*_limits(with_defaults=True))) as clients:
        for name in NEW_LIMITS:
            clients.alter_column(name, server_default=None)


def _create_grants() -> None:
    op.create_table(
        "grants",
        *(sa.Column(name, TEXT, nullable=False) for name in ("id", "client", "person")),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.ForeignKeyConstraint(["client"], ["clients.id"], name="fk_grants_client_clients"),
    )


def _create_tokens_of_grants(name: str) -> None:
    of_codes = ("redirect_uri", "challenge") if name == "authorization_codes" else ()
    op.create_table(
        name,
        *(sa.Column(column, TEXT, nullable=False) for column in ("sha256", "grant_id", *of_codes)),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("redeemed_at" if of_codes else "used_at", MOMENT),
        sa.PrimaryKeyConstraint("sha256", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=f"fk_{name}_grant_id_grants", ondelete="CASCADE"),
    )


def _secret(*, nullable: bool) -> sa.Column:
    return sa.Column("secret_sha256", TEXT, nullable=nullable)


def _limits(*, with_defaults: bool = False) -> list[sa.Column]:
    return [
        sa.Column(
            name,
            sa.Boolean() if name == "introspects" else sa.JSON(),
            nullable=False,
            server_default=default if with_defaults else None,
        )
        for name, default in NEW_LIMITS.items()
    ]


def _clients(*columns: sa.Column) -> sa.Table:
    """The table of clients with these columns besides those it always has, for SQLite, which makes it anew."""
    return sa.Table(
        "clients",
        sa.MetaData(),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("operator", TEXT),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        *columns,
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.ForeignKeyConstraint(["operator"], ["operators.id"], name="fk_clients_operator_operators"),
    )
