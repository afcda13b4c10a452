"""Clients that prove who they are by a signed assertion: `private_key_jwt` (RFC 7523, section 3).

The audience is this server alone, by the name it gives itself or by that of its token endpoint: an assertion that
names a second audience could be carried there by this one, or here by that one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from domain.clients import Credential

AUTH_METHOD = "private_key_jwt"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
}
"""The algorithms, each with the kind and curve of its keys: none of them takes a public key for a secret."""

TYPES = (None, "JWT", "client-authentication+jwt")
LONGEST_LIFE = 300  # seconds
LEEWAY = 30  # seconds by which the clock of a client may differ
LONGEST = 8192  # characters
LONGEST_JTI = 255


@dataclass(frozen=True)
class Assertion:
    """What an assertion claims; nothing of it is true before `signed_by` found the key."""

    text: str
    client_id: str
    jti: str
    expires_at: float
    algorithm: str
    kid: str | None


class BadAssertion(Exception):
    """The assertion proves nothing; the words say why, and are told to nobody outside."""


def read_assertion(text: str, *, audiences: Collection[str], now: float) -> Assertion:
    """What it claims, in the right shape, for us and in time; raises BadAssertion."""
    header, claims = _take_apart(text)
    _require(header.get("alg") in ALGORITHMS, "algorithm")
    _require(header.get("typ") in TYPES and "crit" not in header, "type")
    client_id, jti = _text(claims, "sub"), _text(claims, "jti")
    _require(client_id == claims.get("iss"), "issuer and subject")
    _require(0 < len(jti) <= LONGEST_JTI, "jti")
    _require(_only(claims.get("aud")) in audiences, "audience")
    return Assertion(text, client_id, jti, _checked_end(claims, now), header["alg"], header.get("kid"))


def signed_by(assertion: Assertion, credentials: Collection[Credential]) -> Credential | None:
    """The key that signed it: the one it names, or any that fits its algorithm where it names none."""
    for credential in credentials:
        if credential.jwk and _fits(assertion, credential) and _is_signed(assertion, credential.jwk):
            return credential
    return None


def _take_apart(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if not text.isascii() or len(text) > LONGEST:
        raise BadAssertion("not a JWT")
    try:
        token = jws.extract_compact(text.encode("ascii"))
        header, claims = token.headers(), json.loads(token.payload or b"")
    # A stranger's bytes: the library lets the errors of what it is built on through.
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadAssertion("not a JWT") from None
    if not isinstance(claims, dict) or not isinstance(header.get("alg"), str) or not _is_text_or_none(header):
        raise BadAssertion("not a JWT")
    return header, claims


def _is_text_or_none(header: Mapping[str, Any]) -> bool:
    return all(isinstance(header.get(name), str | None) for name in ("typ", "kid"))


def _only(audience: Any) -> Any:
    """The audience, where there is exactly one."""
    if isinstance(audience, list):
        audience = audience[0] if len(audience) == 1 else None
    return audience if isinstance(audience, str) else None


def _checked_end(claims: Mapping[str, Any], now: float) -> float:
    """When it expires: soon, and not yet."""
    end = _moment(claims, "exp")
    _require(now - LEEWAY < end <= now + LONGEST_LIFE + LEEWAY, "exp")
    for name in ("iat", "nbf"):
        _require(name not in claims or _moment(claims, name) <= now + LEEWAY, name)
    return end


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise BadAssertion(name)
    return value


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value
    raise BadAssertion(name)


def _fits(assertion: Assertion, credential: Credential) -> bool:
    jwk = credential.jwk or {}
    named = assertion.kid in (None, credential.id, jwk.get("kid"))
    return named and ALGORITHMS[assertion.algorithm] == (jwk["kty"], jwk.get("crv"))


def _is_signed(assertion: Assertion, jwk: Mapping[str, Any]) -> bool:
    key = (RSAKey if jwk["kty"] == "RSA" else ECKey).import_key(dict(jwk))
    try:
        jws.deserialize_compact(assertion.text, key, algorithms=[assertion.algorithm])
    except (JoseError, ValueError):
        return False
    return True


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise BadAssertion(what)
