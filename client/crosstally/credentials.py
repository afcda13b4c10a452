"""Who a client is to its hub: by a secret, or by a private key that never leaves the machine (RFC 7523)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Protocol

from crosstally.extras import needed

_LIFE = 60
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_PURPOSE = "Signing in with a private key"
_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384"}


class Credentials(Protocol):
    """What proves who a client is. `form` and `basic` go into a token request for the server at an address."""

    @property
    def client_id(self) -> str:
        """The id under which the hub knows the client."""

    def form(self, audience: str) -> Mapping[str, str]:
        """The fields of the request's form."""

    def basic(self) -> tuple[str, str] | None:
        """The name and password of HTTP's basic authentication, where they are used."""


@dataclass(frozen=True)
class ClientSecret:
    """A client with a secret, sent to the token endpoint alone."""

    client_id: str
    secret: str = field(repr=False)

    def form(self, audience: str) -> Mapping[str, str]:
        """Nothing: the secret goes into a header."""
        return {}

    def basic(self) -> tuple[str, str]:
        """The id and the secret."""
        return self.client_id, self.secret


@dataclass(frozen=True)
class PrivateKey:
    """A client with a private key (`key`: PEM or JWK), of which the hub has the public half."""

    client_id: str
    key: str = field(repr=False)

    @classmethod
    def from_file(cls, client_id: str, path: Path) -> PrivateKey:
        """The key in a file, PEM or JWK."""
        return cls(client_id, path.read_text())

    def form(self, audience: str) -> Mapping[str, str]:
        """A fresh assertion, signed, for this audience and a minute."""
        jwt = needed("joserfc.jwt", extra="keys", purpose=_PURPOSE)
        key = _imported(self.key)
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": audience, "iat": now, "exp": now + _LIFE}
        algorithm = _ALGORITHMS.get(getattr(key, "curve_name", ""), "RS256")
        header = {"alg": algorithm, "kid": key.thumbprint()}
        assertion = jwt.encode(header, {**claims, "jti": token_urlsafe(24)}, key, algorithms=[algorithm])
        return {"client_id": self.client_id, "client_assertion_type": _ASSERTION, "client_assertion": assertion}

    def basic(self) -> None:
        """Nothing: the assertion says who it is."""
        return None


def _imported(key: str) -> Any:
    """The key, of whatever kind it is; raises ValueError that does not quote it."""
    jwk = needed("joserfc.jwk", extra="keys", purpose=_PURPOSE)
    wrong = (ValueError, TypeError, needed("joserfc.errors", extra="keys", purpose=_PURPOSE).JoseError)
    for kind in (jwk.ECKey, jwk.RSAKey):
        with suppress(*wrong):
            found = kind.import_key(json.loads(key) if key.lstrip().startswith("{") else key)
            if found.is_private and getattr(found, "curve_name", "P-256") in _ALGORITHMS:
                return found
    raise ValueError("This is no private key of a kind that the hub takes: elliptic curve P-256 or P-384, or RSA.")
