"""Access tokens: JSON Web Tokens by the profile of RFC 9068, signed with ES256 and nothing else."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NoReturn

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.keys import ALGORITHM
from domain.refusals import NotAuthenticated

TYPES = frozenset({"at+jwt", "application/at+jwt"})
CLAIMS: Mapping[str, type] = {
    "iss": str,
    "aud": str,
    "sub": str,
    "client_id": str,
    "jti": str,
    "scope": str,
    "iat": int,
    "exp": int,
}
LEEWAY = 5  # seconds by which the clocks of two machines of one hub may differ
LONGEST = 4096  # characters; ours have about 500


@dataclass(frozen=True)
class AccessToken:
    """What a good token says: whom it was given to, for whom, and what for.

    The subject is the client itself, or a person who granted it access; then `grant_id` says in which grant.
    """

    id: str
    client_id: str
    subject: str
    scopes: frozenset[str]
    issued_at: int
    expires_at: int
    grant_id: str | None = None


def new_token_id() -> str:
    """An id (`jti`) for a token that is to be issued."""
    return secrets.token_urlsafe(16)


def issue_token(
    key: ECKey,
    *,
    issuer: str,
    client_id: str,
    scope: str,
    now: datetime,
    lifetime: int,
    token_id: str | None = None,
    grant: tuple[str, str] | None = None,
) -> str:
    """A signed token, good for `lifetime` seconds; the hub is issuer and audience.

    It is for the client itself, or for the person of a grant: `(grant id, person)`.
    """
    issued = int(now.timestamp())
    grant_id, subject = grant or (None, client_id)
    claims = {
        "iss": issuer,
        "aud": issuer,
        "sub": subject,
        "client_id": client_id,
        "jti": token_id or new_token_id(),
        "scope": scope,
        "iat": issued,
        "exp": issued + lifetime,
        **({"grant_id": grant_id} if grant_id else {}),
    }
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.thumbprint()}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def read_token(text: str, keys: Mapping[str, ECKey], *, issuer: str, now: datetime) -> AccessToken:
    """What the token says; raises NotAuthenticated for one that is not ours, not for us, or no longer good."""
    claims = _proved_claims(text, keys)
    # Before anything reads the values: a correctly signed token can still hold a list for a string.
    if any(type(claims.get(name)) is not kind for name, kind in CLAIMS.items()):
        _refuse("The access token lacks a claim that it needs.")
    if claims["iss"] != issuer or claims["aud"] != issuer:
        _refuse("The access token was issued by, or for, another server.")
    if claims["exp"] <= now.timestamp():
        _refuse("The access token has expired.")
    if claims["iat"] > now.timestamp() + LEEWAY:
        _refuse("The access token is not good yet.")
    if not isinstance(claims.get("grant_id", ""), str):
        _refuse("The access token has a claim that it can't have.")
    return AccessToken(
        id=claims["jti"],
        client_id=claims["client_id"],
        subject=claims["sub"],
        scopes=frozenset(claims["scope"].split()),
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        grant_id=claims.get("grant_id"),
    )


_PROVED: dict[bytes, dict[str, Any]] = {}
_MOST = 1000


def _proved_claims(text: str, keys: Mapping[str, ECKey]) -> dict[str, Any]:
    """The claims of a token signed by one of the keys. A signature that held under these keys is not checked again;
    what the claims say, and who is behind them now, is asked with every request."""
    mark = sha256(" ".join([text, *keys]).encode("utf-8", "surrogatepass")).digest()
    claims = _PROVED.get(mark)
    if claims is None:
        claims = _verified_claims(text, keys)
        if len(_PROVED) >= _MOST:
            _PROVED.clear()
        _PROVED[mark] = claims
    return claims


def _verified_claims(text: str, keys: Mapping[str, ECKey]) -> dict[str, Any]:
    def key_of(token: Any) -> ECKey:
        return keys[token.headers()["kid"]]

    if len(text) > LONGEST:
        _refuse("The access token is not one of ours.")
    try:
        # A stranger's bytes: the library lets the errors of what it is built on through.
        token = jws.deserialize_compact(text, key_of, algorithms=[ALGORITHM])
        claims = json.loads(token.payload or b"")
        kind = token.headers().get("typ")
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        _refuse("The access token is not one of ours.")
    if not isinstance(claims, dict) or not isinstance(kind, str) or kind.lower() not in TYPES:
        _refuse("This is not an access token.")
    return claims


def _refuse(detail: str) -> NoReturn:
    raise NotAuthenticated(detail, presented=True) from None
