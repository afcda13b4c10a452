"""The tables of people: who they are, how they sign in, where they are signed in.

What proves something is here as a hash alone: passwords (argon2id), recovery codes, links, sessions. The one
secret that has to be read back, that of an authenticator app, is encrypted with a key outside the database.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from store.base import Text, metadata
from store.moments import Moment

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, unique=True),
    Column("operator", Text, ForeignKey("operators.id")),
    Column("roles", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_sign_in_at", Moment),
    Column("reset_requested_at", Moment),
    Column("password_hash", Text),
    Column("totp_secret", LargeBinary),
    # The step of the last code that was used: none up to it is taken again.
    Column("totp_step", BigInteger),
    CheckConstraint("state in ('invited', 'active', 'disabled')", name="state_known"),
    CheckConstraint("email = lower(email)", name="email_in_lower_case"),
)

SECRET_OF_USERS = ("password_hash", "totp_secret", "totp_step")

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("person", Text, ForeignKey("users.id"), nullable=False),
)

# Links for those who have no password yet, or no longer know it.
links = Table(
    "links",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("person", Text, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("person", Text, ForeignKey("users.id"), nullable=False),
    Column("proofs", JSON, nullable=False),
    Column("stage", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    CheckConstraint("stage in ('second_factor', 'enrolment', 'complete')", name="stage_known"),
)

# What begins in one request and ends in another, once and soon: passkeys, sign-in elsewhere, links that were opened.
ceremonies = Table(
    "ceremonies",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

# Where an operator's people can sign in, if not here.
providers = Table(
    "providers",
    metadata,
    Column("operator", Text, ForeignKey("operators.id"), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("secret_from", Text),
    Column("email_domain", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

# Who somebody is elsewhere, once that has been proved.
identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person", Text, ForeignKey("users.id"), nullable=False),
    Column("linked_at", Moment, nullable=False),
    UniqueConstraint("issuer", "person"),
)
