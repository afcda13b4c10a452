"""The hub as a client of OpenID Connect providers: discovery, a code with PKCE, and an ID token that is believed.

A provider is believed about its own people only where everything fits: the issuer is the configured one in its
metadata, in the answer and in the token; the token is signed with a key of the issuer, was made for this hub and
for this very sign-in, and is fresh. Each provider has a return address of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from flask import Flask, current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from actions.hub import Hub
from actions.people.providers import LOOPBACK, client_secret
from actions.people.sign_in_elsewhere import Identity
from domain.refusals import NotAuthenticated, NotReady
from store.providers import Provider

EXTENSION = "crosstally.providers"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
STRONG = "mfa"  # RFC 8176: several factors, of several kinds
SECONDS = 5.0
FRESH_FOR = 600.0
SOONEST = 30.0  # seconds between two looks for new keys
LEEWAY = 60
# What a provider sends is a stranger's: the libraries let errors of what they are built on through.
_UNREADABLE = (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError, AttributeError)


@dataclass
class Discovered:
    """What a provider says of itself, its keys, and when that was."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at: float = field(default_factory=time.monotonic)

    def is_older_than(self, seconds: float) -> bool:
        """Whether it was read longer ago."""
        return time.monotonic() - self.at > seconds


def install_providers(app: Flask, hub: Hub) -> None:
    """Give the application a place to remember what providers say of themselves."""
    app.extensions[EXTENSION] = {}


def provider_client(provider: Provider) -> ProviderClient:
    """The hub as a client of this provider, in the application at hand."""
    return ProviderClient(current_app.extensions["crosstally"], provider, current_app.extensions[EXTENSION])


class ProviderClient:
    """The hub as a client of one provider; `known` is remembered between requests."""

    def __init__(self, hub: Hub, provider: Provider, known: dict[str, Discovered]) -> None:
        self.hub, self.provider, self.known = hub, provider, known
        self.redirect_uri = f"{hub.settings.issuer}/signin/elsewhere/{provider.operator}/back"

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser; raises NotReady where the provider does not answer as it should."""
        place = self._metadata["authorization_endpoint"]
        address, _ = self._session().create_authorization_url(place, state=state, nonce=nonce, code_verifier=verifier)
        return address

    def check_sender(self, issuer: str | None) -> None:
        """Raise NotAuthenticated where the answer is of another provider than the one asked (RFC 9207)."""
        promised = self._metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer != self.provider.issuer and (promised or issuer is not None):
            _refuse()

    def identity(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Whom the provider speaks of; raises NotAuthenticated for anything that does not fit, and NotReady."""
        token = self._token(code, verifier)
        try:
            claims = self._claims(token, nonce)
            if "email" not in claims and "userinfo_endpoint" in self._metadata:
                claims = {**self._userinfo(token, claims["sub"]), **claims}
            return _identity(claims)
        except _UNREADABLE:
            _refuse()

    def _token(self, code: str, verifier: str) -> dict[str, Any]:
        try:
            return self._session().fetch_token(
                self._metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                timeout=SECONDS,
                allow_redirects=False,
            )
        except RequestException:
            raise _silent() from None
        except _UNREADABLE:
            _refuse()

    def _claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token; raises one of many errors for a token that is not to be believed."""
        issuer, client_id = self.provider.issuer, self.provider.client_id
        decoded = self._decoded(token["id_token"])
        wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
        facts = {"nonce": nonce, "client_id": client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, wanted, facts)
        claims.validate(now=int(self.hub.clock().timestamp()), leeway=LEEWAY)
        # A token for others too could have been got by one of them.
        if claims["aud"] not in (client_id, [client_id]):
            raise ValueError("for others too")
        return dict(claims)

    def _decoded(self, text: str) -> jwt.Token:
        # Where no key fits, the provider may have a new one since.
        for age in (FRESH_FOR, SOONEST):
            for key in self._discovered(age).keys.keys:
                with suppress(*_UNREADABLE):
                    return jwt.decode(text, key, algorithms=ALGORITHMS)
        raise ValueError("no key of the issuer fits")

    def _userinfo(self, token: Mapping[str, Any], subject: str) -> dict[str, Any]:
        claims = self._get(self._metadata["userinfo_endpoint"], {"Authorization": f"Bearer {token['access_token']}"})
        if claims.get("sub") != subject:
            raise ValueError("somebody else's")
        return {name: claims[name] for name in ("email", "email_verified") if name in claims}

    @property
    def _metadata(self) -> Mapping[str, Any]:
        return self._discovered(FRESH_FOR).metadata

    def _discovered(self, age: float) -> Discovered:
        issuer = self.provider.issuer
        found = self.known.get(issuer)
        if found is None or found.is_older_than(age):
            found = self.known[issuer] = self._discover(issuer)
        return found

    def _discover(self, issuer: str) -> Discovered:
        metadata = self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if metadata.get("issuer") != issuer or not all(_is_safe(metadata.get(name)) for name in ENDPOINTS):
            raise _silent()
        try:
            keys: Any = self._get(metadata["jwks_uri"])
            return Discovered(metadata, KeySet.import_key_set(keys))
        except _UNREADABLE:
            raise _silent() from None

    def _get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = requests.get(address, headers=headers, timeout=SECONDS, allow_redirects=False)
            content = answer.json() if answer.status_code == 200 else None
        except (RequestException, ValueError):
            content = None
        if not isinstance(content, dict):
            raise _silent()
        return content

    def _session(self) -> OAuth2Session:
        secret = client_secret(self.provider)
        return OAuth2Session(
            self.provider.client_id,
            secret,
            token_endpoint_auth_method=self._auth_method() if secret else "none",
            scope="openid email",
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )

    def _auth_method(self) -> str:
        offered = self._metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject, email, amr = claims["sub"], claims.get("email", ""), claims.get("amr") or []
    texts = (subject, email)
    if not all(isinstance(text, str) and text.isprintable() and len(text) <= 255 for text in texts) or not subject:
        raise ValueError("no sound claims")
    return Identity(claims["iss"], subject, email, claims.get("email_verified") is True, strong=STRONG in amr)


def _is_safe(address: object) -> bool:
    parts = urlsplit(address) if isinstance(address, str) else None
    return parts is not None and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _silent() -> NotReady:
    return NotReady("Your organisation's sign-in does not answer as it should. Try again later.")


def _refuse() -> NoReturn:
    raise NotAuthenticated(
        "Your organisation's answer does not fit what was asked. Begin again.", presented=True
    ) from None
