"""A client, as the OAuth library asks about it."""

from __future__ import annotations

from dataclasses import dataclass

from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError

from domain.access import Scope
from domain.clients import Client, Grant


@dataclass(frozen=True)
class OAuthClient(ClientMixin):
    """The answers of one client."""

    client: Client

    def get_client_id(self) -> str:
        return self.client.id

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.client.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and Grant.AUTHORIZATION_CODE in self.client.grants

    def check_grant_type(self, grant_type: str) -> bool:
        needed = Grant.AUTHORIZATION_CODE if grant_type == "refresh_token" else grant_type
        return needed in self.client.grants

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scope itself where the client may have all of it; the library would leave out what it may not."""
        return scope if scope and _read(scope) <= self.client.scopes else None


def granted_scopes(scope: str | None, held: frozenset[Scope]) -> frozenset[Scope]:
    """Exactly what was asked, or all that is held where nothing was; raises InvalidScopeError where that can't be."""
    asked = held if scope is None else _read(scope)
    if not asked or not asked <= held:
        raise InvalidScopeError()
    return frozenset(map(Scope, asked))


def _read(scope: str) -> frozenset[str]:
    return frozenset(scope.split(" "))
