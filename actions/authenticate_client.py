"""Who is behind a client id and a secret."""

from __future__ import annotations

import hashlib
import hmac

from actions.hub import Hub
from store.clients import Client, client_by_id, mark_used
from store.tenancy import REGISTRAR


def hash_secret(secret: str) -> str:
    """What is stored of a secret. It holds 256 random bits, so a plain SHA-256 can't be searched."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def find_client(hub: Hub, client_id: str) -> Client | None:
    """The client if it exists, is not disabled and has not expired."""
    with hub.database.read(REGISTRAR) as connection:
        client = client_by_id(connection, client_id)
    return client if client and client.is_good(hub.clock()) else None


def authenticate_client(hub: Hub, client_id: str, secret: str) -> Client | None:
    """The client that the secret proves, or None; takes as long for a client that does not exist."""
    client = find_client(hub, client_id)
    stored = client.secret_sha256 if client else hash_secret("")
    return client if hmac.compare_digest(stored, hash_secret(secret)) and client else None


def note_token_issued(hub: Hub, client_id: str) -> None:
    """Remember when the client last got a token."""
    with hub.database.write(REGISTRAR) as connection:
        mark_used(connection, client_id, hub.clock())
