"""The OAuth 2.0 token server: client credentials (RFC 6749 4.4) for access tokens (RFC 9068).

Clients authenticate with `client_secret_basic`. A scope that the client does not hold is refused, never left out;
a request that names no scope gets all that the client holds, and is told so (RFC 6749 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.common.security import is_secure_transport
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Response, current_app, json, request

from actions.authenticate_client import authenticate_client, note_token_issued
from actions.hub import Hub
from auth.keys import KeyRing
from auth.token_request import GRANT_TYPES, read_basic, read_form
from auth.tokens import issue_token
from domain.refusals import BodyTooLarge
from store.clients import Client

TOKEN_PATH = "/oauth/token"
AUTH_METHOD = "client_secret_basic"
EXTENSION = "crosstally.auth"

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class OAuthClient(ClientMixin):
    """A client, as the OAuth library asks about it."""

    client: Client

    def get_client_id(self) -> str:
        return self.client.id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == AUTH_METHOD

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What is granted: exactly what was asked, or all that is held; None where that can't be."""
        asked: frozenset[str] = self.client.scopes if scope is None else frozenset(scope.split(" "))
        granted = " ".join(sorted(asked))
        return granted if granted and asked <= self.client.scopes else None


class ClientCredentials(ClientCredentialsGrant):
    """The grant of RFC 6749 4.4, without the library's habit of writing the token into its debug log."""

    TOKEN_ENDPOINT_AUTH_METHODS = [AUTH_METHOD]

    def create_token_response(self) -> tuple[int, dict[str, Any], Headers]:
        token = self.generate_token(scope=self.request.payload.scope, include_refresh_token=False)
        self.save_token(token)
        return 200, token, []


class TokenServer(AuthorizationServer):
    """Answers token requests, and holds what the guard and the key endpoints need.

    Raises ValueError for an issuer that is neither https nor http on a loopback address.
    """

    def __init__(self, hub: Hub, *, keys: KeyRing, release_keys: KeyRing) -> None:
        if not is_secure_transport(hub.settings.issuer):
            raise ValueError("CROSSTALLY_ISSUER: https, or http on a loopback address")
        super().__init__()
        self.hub, self.keys, self.release_keys = hub, keys, release_keys
        self.issuer = hub.settings.issuer
        self.register_client_auth_method(AUTH_METHOD, self._authenticate)
        self.register_grant(ClientCredentials)
        self.register_token_generator("default", BearerTokenGenerator(self._issue, expires_generator=self._lifetime))

    def answer(self) -> Response:
        """The answer to the token request at hand."""
        try:
            self._check_transport()
            return self.create_token_response(read_form(request))
        except OAuth2Error as error:
            return self.handle_error_response(None, error)
        except BodyTooLarge as refusal:
            return oauth_error(413, "invalid_request", refusal.detail)

    def create_oauth2_request(self, form: Mapping[str, str]) -> OAuth2Request:
        """The request as the library sees it: the form and nothing else, sent to the public address of the hub."""
        asked = OAuth2Request("POST", self.issuer + TOKEN_PATH, headers=request.headers)
        asked.payload = BasicOAuth2Payload(form)
        return asked

    def save_token(self, _token: dict[str, Any], granted: OAuth2Request) -> None:
        """Tokens are not kept; that the client got one is."""
        note_token_issued(self.hub, granted.client.get_client_id())

    def handle_response(self, status: int, body: dict[str, Any], _headers: Headers) -> Response:
        """An answer of the library, with our headers for its own."""
        return oauth_answer(status, body)

    def _check_transport(self) -> None:
        if self.issuer.startswith("https:") and not request.is_secure:
            raise InvalidRequestError("Use https. Behind a proxy that ends TLS, set CROSSTALLY_TRUSTED_PROXIES.")

    def _authenticate(self, _query_client: object, asked: OAuth2Request) -> OAuthClient:
        for client_id, secret in read_basic(asked.headers.get("Authorization", "")):
            client = authenticate_client(self.hub, client_id, secret)
            if client and asked.payload.client_id in (None, client.id):
                return OAuthClient(client)
        raise InvalidClientError("Send the client id and secret by HTTP Basic; they must be right.", status_code=401)

    def _issue(self, *, client: OAuthClient, scope: str, **_: object) -> str:
        return issue_token(
            self.keys.signing_key,
            issuer=self.issuer,
            client_id=client.get_client_id(),
            scope=scope,
            now=self.hub.clock(),
            lifetime=self.hub.settings.token_lifetime,
        )

    def _lifetime(self, _client: OAuthClient, _grant_type: str) -> int:
        return self.hub.settings.token_lifetime


def token_server() -> TokenServer:
    """The token server of the application at hand."""
    return current_app.extensions[EXTENSION]


def oauth_answer(status: int, body: Mapping[str, Any]) -> Response:
    """A JSON answer of the token endpoint that nobody may keep (RFC 6749 5.1, 5.2)."""
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="crosstally"'
    return response


def oauth_error(status: int, error: str, description: str) -> Response:
    """An error answer of the token endpoint (RFC 6749 5.2)."""
    return oauth_answer(status, {"error": error, "error_description": description})
