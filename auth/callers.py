"""Who is behind an access token, at this moment."""

from __future__ import annotations

from dataclasses import replace

from actions.find_access import Access, find_access
from actions.hub import Hub
from auth.people import People
from auth.tokens import AccessToken
from domain.access import Principal
from domain.clients import Client


def find_caller(hub: Hub, people: People, token: AccessToken) -> tuple[Client, Principal] | None:
    """The client, and who acts through it with the scopes that both the token and they themselves have now.

    None where the token was revoked, or its client, grant or person has ended.
    """
    access = find_access(hub, client_id=token.client_id, token_id=token.id, grant_id=token.grant_id)
    principal = _principal(people, access) if access else None
    if access is None or principal is None or principal.id != token.subject:
        return None
    return access.client, replace(principal, scopes=frozenset(s for s in principal.scopes if s in token.scopes))


def _principal(people: People, access: Access) -> Principal | None:
    return people.behind(access.client, access.grant) if access.grant else access.client.principal
