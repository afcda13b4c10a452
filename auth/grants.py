"""The three ways to a token, as the OAuth library drives them: client credentials, a code, a refresh token.

The library checks the request; what is spent and written down is one transaction of an action. Its own way of
answering is not taken: it would write tokens into its debug log, and spend a code in a step of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, grants
from authlib.oauth2.rfc7636 import CodeChallenge

from actions.grant_access import grant_access
from actions.note_event import note_event
from actions.redeem_code import find_code, redeem_code
from actions.refresh_access import find_refresh_token, refresh_access
from auth.client_assertion import AUTH_METHOD as PRIVATE_KEY_JWT
from auth.oauth_client import OAuthClient, granted_scopes
from auth.tokens import new_token_id
from domain.access import Scope
from domain.clients import Client
from store.grants import Code, GivenGrant, RefreshToken

AUTH_METHODS = ["client_secret_basic", PRIVATE_KEY_JWT]
S256 = re.compile(r"[A-Za-z0-9_-]{43}")

Answer = tuple[int, dict[str, Any], list]


@dataclass(frozen=True)
class IssuedCode:
    """A code that can be redeemed, as the library asks about it."""

    code: Code
    grant: GivenGrant
    code_challenge_method = "S256"

    @property
    def code_challenge(self) -> str:
        return self.code.challenge

    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri


@dataclass(frozen=True)
class IssuedRefreshToken:
    """A refresh token that can be used, as the library asks about it."""

    token: RefreshToken
    grant: GivenGrant

    def check_client(self, client: OAuthClient) -> bool:
        return client.get_client_id() == self.grant.client

    def get_scope(self) -> str:
        return " ".join(sorted(self.grant.scopes))


class ClientCredentials(grants.ClientCredentialsGrant):
    """A token for the client itself (RFC 6749 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def create_token_response(self) -> Answer:
        client: Client = self.request.client.client
        scopes, token_id = granted_scopes(self.request.payload.scope, client.scopes), new_token_id()
        note_event(self.server.hub, by=client.principal, action="token.issue", subject=token_id)
        return self.server.give_token(client, scopes, token_id)


class AuthorizationCode(grants.AuthorizationCodeGrant):
    """A token for a person who consented (RFC 6749 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def generate_authorization_code(self) -> str:
        """The code, which is stored as it is made."""
        asked = self.request.payload
        return grant_access(
            self.server.hub,
            by=self.request.user,
            client=self.request.client.client,
            scopes=frozenset(map(Scope, asked.scope.split(" "))),
            redirect_uri=asked.redirect_uri,
            challenge=asked.data["code_challenge"],
        )

    def save_authorization_code(self, code: str, request: object) -> None:
        """Nothing: it is stored."""

    def query_authorization_code(self, code: str, client: OAuthClient) -> IssuedCode | None:
        found = find_code(self.server.hub, code, client=client.client)
        return IssuedCode(*found) if found else None

    def create_token_response(self) -> Answer:
        client: Client = self.request.client.client
        issued: IssuedCode = self.request.authorization_code
        self.server.require_still_held(client, issued.grant, issued.grant.scopes)
        token_id = new_token_id()
        refresh = redeem_code(self.server.hub, client=client, code=issued.code, grant=issued.grant, token_id=token_id)
        if refresh is None:
            raise InvalidGrantError()
        return self.server.give_token(client, issued.grant.scopes, token_id, issued.grant, refresh)


class Refresh(grants.RefreshTokenGrant):
    """A further token of a grant (RFC 6749 6), and a new refresh token with it."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> IssuedRefreshToken | None:
        found = find_refresh_token(self.server.hub, refresh_token, client=self.request.client.client)
        return IssuedRefreshToken(*found) if found else None

    def create_token_response(self) -> Answer:
        client: Client = self.request.client.client
        issued: IssuedRefreshToken = self.request.refresh_token
        scopes = granted_scopes(self.request.payload.scope, issued.grant.scopes)
        self.server.require_still_held(client, issued.grant, scopes)
        token_id = new_token_id()
        refresh = refresh_access(
            self.server.hub, client=client, token=issued.token, grant=issued.grant, token_id=token_id
        )
        if refresh is None:
            raise InvalidGrantError()
        return self.server.give_token(client, scopes, token_id, issued.grant, refresh)


class S256Challenge(CodeChallenge):
    """PKCE (RFC 7636) by S256 for every client; the library's own lets a request without it pass, and `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: AuthorizationCode, redirect_uri: str) -> None:
        """Raise InvalidRequestError for a request without a challenge by S256."""
        asked = grant.request.payload.data
        if asked.get("code_challenge_method") != "S256" or not S256.fullmatch(asked.get("code_challenge", "")):
            raise InvalidRequestError("Send a code_challenge with code_challenge_method=S256.")
