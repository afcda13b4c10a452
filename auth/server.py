"""The OAuth 2.0 authorization server: who asks, and what they are given.

Clients authenticate with `client_secret_basic` or `private_key_jwt`. A scope that the client or the person does not
hold is refused, never left out; a client that acts for itself and names no scope gets all that it holds, and is told
so (RFC 6749 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from authlib.common.security import is_secure_transport
from authlib.common.urls import add_params_to_uri
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Response, current_app, json, request

from actions.authenticate_client import (
    accept_assertion,
    authenticate_client,
    find_client,
    find_known_client,
    note_refused_client,
)
from actions.hub import Hub
from auth.client_assertion import ASSERTION_TYPE, LEEWAY, BadAssertion, read_assertion, signed_by
from auth.grants import Answer, AuthorizationCode, ClientCredentials, Refresh, S256Challenge
from auth.keys import KeyRing
from auth.oauth_client import OAuthClient
from auth.people import People
from auth.token_queries import Introspection, Revocation
from auth.token_request import read_basic, read_form, require_grant_type, require_token
from auth.tokens import AccessToken, issue_token, read_token
from domain.access import Scope
from domain.clients import Client
from domain.refusals import BodyTooLarge, NotAuthenticated
from store.grants import GivenGrant

TOKEN_PATH = "/oauth/token"
EXTENSION = "crosstally.auth"

Headers = list[tuple[str, str]]


class FormRequest(OAuth2Request):
    """A request as the library sees it: the parameters we read, and nothing else."""

    def __init__(self, uri: str, parameters: Mapping[str, str]) -> None:
        super().__init__("POST", uri, headers=request.headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> Mapping[str, str]:
        return self.payload.data


class TokenServer(AuthorizationServer):
    """Answers the requests of clients, and holds what the guard and the key endpoints need.

    Raises ValueError for an issuer that is neither https nor http on a loopback address.
    """

    def __init__(self, hub: Hub, *, keys: KeyRing, release_keys: KeyRing, people: People) -> None:
        if not is_secure_transport(hub.settings.issuer):
            raise ValueError("CROSSTALLY_ISSUER: https, or http on a loopback address")
        super().__init__()
        self.hub, self.keys, self.release_keys, self.people = hub, keys, release_keys, people
        self.issuer = hub.settings.issuer
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode, [S256Challenge()])
        self.register_grant(Refresh)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def answer_token_request(self) -> Response:
        """The answer to the token request at hand."""
        return self._answer(require_grant_type, self.create_token_response)

    def answer_about_token(self, endpoint: str) -> Response:
        """The answer to the request at hand to take back a token, or to describe it."""
        return self._answer(require_token, partial(self.create_endpoint_response, endpoint))

    def create_oauth2_request(self, parameters: Mapping[str, str]) -> OAuth2Request:
        """The request as the library sees it, sent to the public address of the hub."""
        return FormRequest(self.issuer + TOKEN_PATH, parameters)

    def query_client(self, client_id: str) -> OAuthClient | None:
        """A client that is good, by its id."""
        client = find_client(self.hub, client_id)
        return OAuthClient(client) if client else None

    def authenticate_client(self, asked: FormRequest, methods: object, endpoint: str = "token") -> OAuthClient:
        """The client that proves who it is; raises InvalidClientError, in the same words whatever is wrong."""
        by_assertion = "client_assertion" in asked.form
        claimed, client = self._by_assertion(asked.form) if by_assertion else self._by_secret(asked)
        if client is None or asked.payload.client_id not in (None, client.id):
            if claimed:
                note_refused_client(self.hub, claimed)
            raise InvalidClientError(
                "The client did not prove who it is, by HTTP Basic or an assertion.", status_code=401
            )
        return OAuthClient(client)

    def give_token(
        self,
        client: Client,
        scopes: frozenset[Scope],
        token_id: str,
        grant: GivenGrant | None = None,
        refresh_token: str | None = None,
    ) -> Answer:
        """The answer with a new access token: for the client, or for the person of a grant."""
        scope, lifetime = " ".join(sorted(scopes)), self.hub.settings.token_lifetime
        token = issue_token(
            self.keys.signing_key,
            issuer=self.issuer,
            client_id=client.id,
            scope=scope,
            now=self.hub.clock(),
            lifetime=lifetime,
            token_id=token_id,
            grant=(grant.id, grant.person) if grant else None,
        )
        body = {"token_type": "Bearer", "access_token": token, "expires_in": lifetime, "scope": scope}
        return 200, body | ({"refresh_token": refresh_token} if refresh_token else {}), []

    def require_still_held(self, client: Client, grant: GivenGrant, scopes: frozenset[Scope]) -> None:
        """Raise OAuth2Error unless the person of the grant is there and holds the scopes, as the client does."""
        acting = self.people.behind(client, grant)
        if acting is None:
            raise InvalidGrantError("The person of this grant is gone.")
        if not scopes <= acting.scopes:
            raise InvalidScopeError("The person or the client no longer holds a scope of this grant.")

    def read_token(self, text: str) -> AccessToken | None:
        """What an access token says that is ours and has not expired; None for anything else."""
        try:
            return read_token(text, self.keys.verifying_keys(), issuer=self.issuer, now=self.hub.clock())
        except NotAuthenticated:
            return None

    def handle_response(self, status: int, body: dict[str, Any], headers: Headers) -> Response:
        """An answer of the library, with our headers for its own."""
        if status == 302:
            return self._redirect(dict(headers)["Location"])
        return oauth_answer(status, body)

    def handle_error_response(self, asked: OAuth2Request | None, error: OAuth2Error) -> Response:
        """The answer to a refusal; the library leaves that of a grant without words."""
        if isinstance(error, InvalidGrantError) and not error.description:
            error.description = "The code or token is unknown, used, expired, revoked or given to another client."
        return super().handle_error_response(asked, error)

    def check_transport(self) -> None:
        """Raise InvalidRequestError for a request in the clear, where the hub is reached by https."""
        if self.issuer.startswith("https:") and not request.is_secure:
            raise InvalidRequestError("Use https. Behind a proxy that ends TLS, set CROSSTALLY_TRUSTED_PROXIES.")

    def _answer(self, check: Callable[[dict[str, str]], None], act: Callable[[dict[str, str]], Response]) -> Response:
        try:
            self.check_transport()
            form = read_form(request)
            check(form)
            return act(form)
        except OAuth2Error as error:
            return self.handle_error_response(None, error)
        except BodyTooLarge as refusal:
            return oauth_error(413, "invalid_request", refusal.detail)

    def _redirect(self, location: str) -> Response:
        # Also errors: a client that talks to several servers sees by `iss` which one answers (RFC 9207).
        answer = Response(status=303)
        answer.headers["Location"] = add_params_to_uri(location, [("iss", self.issuer)])
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    def _by_secret(self, asked: FormRequest) -> tuple[str, Client | None]:
        """Who the client says it is, and the client if a secret proves it."""
        claimed = ""
        for claimed, secret in read_basic(asked.headers.get("Authorization", "")):
            client = authenticate_client(self.hub, claimed, secret, request.remote_addr)
            if client:
                return claimed, client
        return claimed, None

    def _by_assertion(self, form: Mapping[str, str]) -> tuple[str, Client | None]:
        """Who the client says it is, and the client if a key that it registered proves it."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return "", None
        audiences = (self.issuer, self.issuer + TOKEN_PATH)
        try:
            assertion = read_assertion(form["client_assertion"], audiences=audiences, now=self.hub.clock().timestamp())
        except BadAssertion:
            return "", None
        known = find_known_client(self.hub, assertion.client_id, request.remote_addr)
        key = signed_by(assertion, known.credentials) if known else None
        remember_until = datetime.fromtimestamp(assertion.expires_at + LEEWAY, UTC)
        if known and key and accept_assertion(self.hub, key, assertion.jti, remember_until):
            return assertion.client_id, known.client
        return assertion.client_id, None


def token_server() -> TokenServer:
    """The token server of the application at hand."""
    return current_app.extensions[EXTENSION]


def oauth_answer(status: int, body: Mapping[str, Any]) -> Response:
    """A JSON answer that nobody may keep (RFC 6749 5.1, 5.2)."""
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="crosstally"'
    return response


def oauth_error(status: int, error: str, description: str) -> Response:
    """An error answer (RFC 6749 5.2)."""
    return oauth_answer(status, {"error": error, "error_description": description})
