"""Who is behind a client id: by a secret, or by a key of which the client proves to have the private half.

A client that is disabled, has expired or comes from elsewhere is nobody, in the same words as one that never was.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from actions.hub import Hub
from domain.clients import Client, Credential
from domain.person import VISITOR
from store.clients import client_by_id, mark_client_used
from store.credentials import credentials_of, mark_credential_used
from store.spent import is_spent, spend_assertion
from store.tenancy import REGISTRAR

# A use is written down once a minute, so that a client that proves itself often does not write each time.
USE_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True)
class KnownClient:
    """A client that may come in, and the secrets and keys that it could use now."""

    client: Client
    credentials: Sequence[Credential]


def hash_secret(secret: str) -> str:
    """What is stored of a secret, code or refresh token.

    Each holds 256 random bits that we chose, so a plain SHA-256 can't be searched, unlike that of a password.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def find_client(hub: Hub, client_id: str) -> Client | None:
    """The client if it exists, is not disabled and has not expired."""
    with hub.database.read(REGISTRAR) as connection:
        client = client_by_id(connection, client_id)
    return client if client and client.is_good(hub.clock()) else None


def find_known_client(hub: Hub, client_id: str, address: str | None) -> KnownClient | None:
    """The client, if it is good and may come from this address, with what it could prove itself with."""
    now = hub.clock()
    with hub.database.read(REGISTRAR) as connection:
        client = client_by_id(connection, client_id)
        credentials = credentials_of(connection, client_id)
    if client is None or not client.is_good(now) or not client.may_come_from(address):
        return None
    return KnownClient(client, [credential for credential in credentials if now < credential.expires_at])


def authenticate_client(hub: Hub, client_id: str, secret: str, address: str | None) -> Client | None:
    """The client that the secret proves, or None; takes as long for a client that does not exist."""
    known = find_known_client(hub, client_id, address)
    presented = hash_secret(secret)
    stored = [c for c in known.credentials if c.secret_sha256] if known else []
    right = [c for c in stored if hmac.compare_digest(c.secret_sha256 or "", presented)]
    if not known or not right:
        return None
    if _is_worth_noting(right[0], hub.clock()):
        with hub.database.write(REGISTRAR) as connection:
            _note_use(connection, right[0], hub.clock())
    return known.client


def note_refused_client(hub: Hub, claimed: str) -> None:
    """Write down that somebody did not prove to be a client; an id that is nobody's is not kept."""
    with hub.database.write(REGISTRAR) as connection:
        client = client_by_id(connection, claimed)
        subject, operator = (client.id, client.operator) if client else ("(unknown)", None)
        hub.audit(connection, VISITOR, "token.refuse", subject, operator)


def accept_assertion(hub: Hub, credential: Credential, jti: str, expires_at: datetime) -> bool:
    """Take an assertion that the key signed, once; False for a replay."""
    with hub.database.write(REGISTRAR) as connection:
        if is_spent(connection, credential.client, jti):
            return False
        spend_assertion(connection, credential.client, jti, expires_at)
        _note_use(connection, credential, hub.clock())
    return True


def _is_worth_noting(credential: Credential, now: datetime) -> bool:
    return credential.last_used_at is None or now - credential.last_used_at >= USE_PRECISION


def _note_use(connection: Connection, credential: Credential, at: datetime) -> None:
    mark_credential_used(connection, credential.client, credential.id, at)
    mark_client_used(connection, credential.client, at)
