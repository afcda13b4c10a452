"""Requests about a token: take it back (RFC 7009), or say whether it is good and for what (RFC 7662).

A token that is not ours, or no longer good, is no error in either: it is revoked already, and not active.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from actions.authenticate_client import find_client
from actions.hub import Hub
from actions.refresh_access import look_up_refresh_token
from actions.revoke_access import revoke_access_token, revoke_grant
from auth.callers import find_caller
from auth.grants import AUTH_METHODS
from auth.oauth_client import OAuthClient
from auth.tokens import AccessToken
from domain.clients import Client
from store.grants import GivenGrant, RefreshToken


@dataclass(frozen=True)
class HeldAccessToken:
    """An access token that has not expired."""

    server: Any
    token: AccessToken

    def check_client(self, client: OAuthClient) -> bool:
        return client.get_client_id() == self.token.client_id

    def revoke(self, hub: Hub, client: Client) -> None:
        """Take it back, and it alone."""
        end = datetime.fromtimestamp(self.token.expires_at, UTC)
        revoke_access_token(hub, client=client, token_id=self.token.id, expires_at=end)

    def describe(self) -> dict[str, Any] | None:
        """What RFC 7662 tells of it; None where it is no longer good."""
        caller = find_caller(self.server.hub, self.server.people, self.token)
        if caller is None:
            return None
        return {
            "scope": " ".join(sorted(caller[1].scopes)),
            "client_id": self.token.client_id,
            "token_type": "Bearer",
            "sub": self.token.subject,
            "iss": self.server.issuer,
            "aud": self.server.issuer,
            "jti": self.token.id,
            "iat": self.token.issued_at,
            "exp": self.token.expires_at,
        }


@dataclass(frozen=True)
class HeldRefreshToken:
    """A refresh token in whatever state."""

    server: Any
    token: RefreshToken
    grant: GivenGrant

    def check_client(self, client: OAuthClient) -> bool:
        return client.get_client_id() == self.grant.client

    def revoke(self, hub: Hub, client: Client) -> None:
        """End the grant it comes from, with every token of it."""
        revoke_grant(hub, client=client, grant=self.grant)

    def describe(self) -> dict[str, Any] | None:
        """What RFC 7662 tells of it; None where it is no longer good."""
        now = self.server.hub.clock()
        if self.token.used_at or now >= self.token.expires_at or not self.grant.is_good(now):
            return None
        client = find_client(self.server.hub, self.grant.client)
        if client is None or self.server.people.behind(client, self.grant) is None:
            return None
        return {
            "scope": " ".join(sorted(self.grant.scopes)),
            "client_id": self.grant.client,
            "sub": self.grant.person,
            "iss": self.server.issuer,
            "exp": int(self.token.expires_at.timestamp()),
        }


class _TokenQuery:
    """What both requests have in common; a hint at the kind of token is not needed, and so not believed."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_params(self, request: OAuth2Request, client: OAuthClient) -> None:
        """Nothing: that there is a token was checked before."""

    def query_token(self, text: str, _hint: str | None) -> HeldAccessToken | HeldRefreshToken | None:
        server = self.server  # type: ignore[attr-defined]
        token = server.read_token(text)
        if token:
            return HeldAccessToken(server, token)
        found = look_up_refresh_token(server.hub, text)
        return HeldRefreshToken(server, *found) if found else None


class Revocation(_TokenQuery, RevocationEndpoint):
    """Take back a token of one's own."""

    def revoke_token(self, token: HeldAccessToken | HeldRefreshToken, request: OAuth2Request) -> None:
        token.revoke(self.server.hub, request.client.client)


class Introspection(_TokenQuery, IntrospectionEndpoint):
    """Say what a token is good for, to clients that may ask."""

    def authenticate_endpoint_client(self, request: OAuth2Request) -> OAuthClient:
        """The client; raises OAuth2Error for one that may not ask."""
        client = super().authenticate_endpoint_client(request)
        if not client.client.introspects:
            raise OAuth2Error(
                error="access_denied", description="This client may not ask about tokens.", status_code=403
            )
        return client

    def check_permission(self, token: object, client: OAuthClient, request: OAuth2Request) -> bool:
        return True

    def create_introspection_payload(self, token: HeldAccessToken | HeldRefreshToken | None) -> dict[str, Any]:
        told = token.describe() if token else None
        return {"active": True, **told} if told else {"active": False}
