"""A small OpenID Connect provider, on a port of its own, that can be told to lie."""

from __future__ import annotations

import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.util import urlsafe_b64encode
from werkzeug.serving import make_server

CLIENT_ID = "crosstally"
CLIENT_SECRET = "s3cret+with/odd=chars"
Claims = dict[str, Any]


@dataclass
class OpenIDProvider:
    """What the provider says and does; tests change it."""

    issuer: str = ""
    person: Claims = field(
        default_factory=lambda: {"sub": "248289", "email": "rosa@ri.example.org", "email_verified": True}
    )
    now: Callable[[], float] = time.time
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    published: list[Any] | None = None
    algorithm: str = "RS256"
    metadata: Claims = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    answer: Claims = field(default_factory=dict)
    forge: Callable[[Claims], str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("provider")
        app.get("/.well-known/openid-configuration")(self._configuration)
        app.get("/jwks")(self._keys)
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        app.get("/userinfo")(self._userinfo)
        app.before_request(lambda: self.asked.append(request.path))
        return app

    def _configuration(self) -> Response:
        content = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return jsonify({name: value for name, value in content.items() if value is not None})

    def _keys(self) -> Response:
        keys = self.published if self.published is not None else [self.key]
        return jsonify(keys=[key.as_dict(private=False) for key in keys])

    def _authorize(self) -> Response:
        asked = request.args.to_dict()
        assert asked["client_id"] == CLIENT_ID and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and set(asked["scope"].split()) >= {"openid", "email"}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer, **self.answer}
        return redirect(
            asked["redirect_uri"] + "?" + urlencode({name: value for name, value in back.items() if value is not None})
        )

    def _token(self) -> tuple[Response, int] | Response:
        sent = request.form
        client = b64decode(request.headers["Authorization"].partition(" ")[2]).decode()
        asked = self.codes.pop(sent["code"], None)
        proof = urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode()
        if client != f"{CLIENT_ID}:{CLIENT_SECRET}" or asked is None or proof != asked["code_challenge"]:
            return jsonify(error="invalid_grant"), 400
        assert sent["redirect_uri"] == asked["redirect_uri"]
        now = int(self.now())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**claims, **self.person, **self.claims}.items() if value is not None}
        return jsonify(access_token="opaque", token_type="Bearer", id_token=(self.forge or self.sign)(claims))

    def sign(self, claims: Claims) -> str:
        """The ID token."""
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    def sign_with_secret(self, claims: Claims) -> str:
        """A token signed with what the client knows too."""
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET.ljust(32)), algorithms=["HS256"])

    def sign_not_at_all(self, claims: Claims) -> str:
        """A token whose header says that it needs no signature."""
        parts = [jwt.encode({"alg": "ES256"}, claims, ECKey.generate_key("P-256"), algorithms=["ES256"]).split(".")[1]]
        return urlsafe_b64encode(b'{"alg":"none"}').decode() + "." + parts[0] + "."

    def sign_with_another_key(self, claims: Claims) -> str:
        """A token of somebody else who names the provider's key."""
        other = RSAKey.generate_key(2048)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, other, algorithms=["RS256"])

    def _userinfo(self) -> Response:
        assert request.headers["Authorization"] == "Bearer opaque"
        return jsonify({**self.person, **self.userinfo})


@contextmanager
def running_provider(**facts: Any) -> Iterator[OpenIDProvider]:
    """A provider that answers until the block ends."""
    provider = OpenIDProvider(**facts)
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
