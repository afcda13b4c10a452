"""Give a client a further secret or key, so that it can change over before the old one ends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode
from sqlalchemy import Connection

from actions.authenticate_client import hash_secret
from actions.hub import Hub, managing
from domain.access import Principal, Scope
from domain.clients import MOST_CREDENTIALS, Client, Credential, credential_end
from domain.refusals import Conflict, Forbidden, Item, NotFound, RuleBroken
from store.clients import client_by_id
from store.credentials import add_credential, credentials_of

SHORTEST_RSA = 2048  # bits
CURVES = ("P-256", "P-384")
PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}


def add_secret(hub: Hub, *, by: Principal, client_id: str, expires_at: datetime | None = None) -> str:
    """Make a further secret for the client and answer it, once; raises NotFound, Conflict, RuleBroken."""
    end = credential_end(expires_at, hub.clock())
    with hub.database.write(managing(by)) as connection:
        require_equal(by, require_own_client(connection, by, client_id))
        secret, credential = make_secret(client_id, hub.clock(), end)
        _add(hub, connection, by, credential)
    return secret


def add_keys(
    hub: Hub, *, by: Principal, client_id: str, jwks: Mapping[str, Any], expires_at: datetime | None = None
) -> list[str]:
    """Register the public keys of a JWK Set (RFC 7517) and answer their ids, which are thumbprints (RFC 7638).

    Raises RuleBroken for a set that holds anything but good public keys, NotFound, and Conflict for a key that is
    there already or one too many.
    """
    keys = key_credentials(client_id, jwks, hub.clock(), expires_at)
    with hub.database.write(managing(by)) as connection:
        require_equal(by, require_own_client(connection, by, client_id))
        for credential in keys:
            _add(hub, connection, by, credential)
    return [credential.id for credential in keys]


def make_secret(client_id: str, now: datetime, end: datetime | None = None) -> tuple[str, Credential]:
    """A new secret of 256 random bits, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    credential = Credential(
        client_id, secrets.token_hex(4), now, end or credential_end(None, now), secret_sha256=hash_secret(secret)
    )
    return secret, credential


def key_credentials(
    client_id: str, jwks: Mapping[str, Any], now: datetime, expires_at: datetime | None = None
) -> list[Credential]:
    """What is kept of the keys of a JWK Set; raises RuleBroken."""
    end = credential_end(expires_at, now)
    keys = dict(_public_key(jwk, f"/jwks/keys/{number}") for number, jwk in enumerate(_keys_of(jwks)))
    return [Credential(client_id, thumbprint, now, end, jwk=jwk) for thumbprint, jwk in keys.items()]


def require_own_client(connection: Connection, by: Principal, client_id: str) -> Client:
    """The client, where `by` may manage it; raises ScopeMissing, or NotFound also where it is another operator's."""
    by.require(Scope.CLIENTS_MANAGE)
    client = client_by_id(connection, client_id)
    if client is None or by.operator not in (None, client.operator):
        raise NotFound(f"There is no client {client_id} that you may manage.")
    return client


def require_equal(by: Principal, client: Client) -> None:
    """Raise Forbidden where the client may do what `by` may not: its new secret would be a way to do it."""
    if not client.scopes <= by.scopes:
        raise Forbidden("Nobody grants a scope they do not hold.")


def _add(hub: Hub, connection: Connection, by: Principal, credential: Credential) -> None:
    there = credentials_of(connection, credential.client)
    if credential.id in {other.id for other in there}:
        raise Conflict("The client has this key already.")
    if len(there) >= MOST_CREDENTIALS:
        raise Conflict(f"A client has at most {MOST_CREDENTIALS} secrets and keys; remove one that has ended.")
    add_credential(connection, credential)
    hub.audit(connection, by, "credential.add", f"{credential.client}/{credential.id}")


def _keys_of(jwks: Mapping[str, Any]) -> list[Any]:
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_CREDENTIALS:
        raise RuleBroken(f"Give a JWK Set: an object with 1 to {MOST_CREDENTIALS} `keys`.", [_item("/jwks")])
    return keys


def _public_key(jwk: Any, pointer: str) -> tuple[str, dict[str, str]]:
    """The thumbprint and the public members of a good key; others are not looked at, and a private one is refused."""
    members = PUBLIC_MEMBERS.get(str(jwk.get("kty"))) if isinstance(jwk, dict) else None
    if members is None or jwk.get("use", "sig") != "sig" or not isinstance(jwk.get("kid", ""), str):
        raise RuleBroken("A key is an RSA or EC key for signatures; its kid is a text.", [_item(pointer)])
    if "d" in jwk:
        raise RuleBroken(
            "That is a private key: throw it away, make a new one, send its public half.", [_item(pointer)]
        )
    public = {name: jwk[name] for name in members if name in jwk}
    try:
        _require_strong(public, pointer)
        thumbprint = (ECKey if jwk["kty"] == "EC" else RSAKey).import_key(public).thumbprint()
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise RuleBroken("That is not a key.", [_item(pointer)]) from None
    return thumbprint, public | {name: jwk[name] for name in ("kid",) if name in jwk}


def _require_strong(public: Mapping[str, str], pointer: str) -> None:
    if public["kty"] == "EC" and public["crv"] not in CURVES:
        raise RuleBroken(f"The curve is one of {', '.join(CURVES)}.", [_item(pointer)])
    if public["kty"] == "RSA" and 8 * len(urlsafe_b64decode(public["n"].encode()).lstrip(b"\0")) < SHORTEST_RSA:
        raise RuleBroken(f"An RSA key has at least {SHORTEST_RSA} bits.", [_item(pointer)])


def _item(pointer: str) -> Item:
    return Item(pointer, "jwks_wrong", "See the detail.")
