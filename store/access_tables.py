"""The tables of access: what clients prove themselves with, what people granted, what is no longer good.

Secrets, codes and refresh tokens are here as a hash alone; of a client's key only the public half is known.
"""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Table

from store.base import Text, metadata
from store.moments import Moment

# Several at once, so that a new one can be in use before the old one ends.
client_credentials = Table(
    "client_credentials",
    metadata,
    Column("client", Text, ForeignKey("clients.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("secret_sha256", Text),
    Column("jwk", JSON(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    CheckConstraint("(secret_sha256 is null) <> (jwk is null)", name="secret_or_key"),
)

# What a person let a client do in their name: the family of all codes and tokens that come from it.
grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client", Text, ForeignKey("clients.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("grant_id", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("redeemed_at", Moment),
    ForeignKeyConstraint(["grant_id"], ["grants.id"], ondelete="CASCADE"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("grant_id", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    ForeignKeyConstraint(["grant_id"], ["grants.id"], ondelete="CASCADE"),
)

# The assertions that authenticated a client; none does so twice.
spent_assertions = Table(
    "spent_assertions",
    metadata,
    Column("client", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", Moment, nullable=False),
)

# Access tokens that were taken back before they expired.
revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("expires_at", Moment, nullable=False),
)
