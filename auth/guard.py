"""Who is asking, and whether they may.

Every view says `@secured(Scope...)` or `@public`. Both store the scopes in the view's `_apidoc`, which is what the
OpenAPI document prints; `secured` enforces the very same tuple, so that the two can't differ.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from auth.callers import find_caller
from auth.server import TokenServer, token_server
from auth.tokens import read_token
from domain.access import Principal, Scope
from domain.refusals import NotAuthenticated

View = Callable[..., Any]


def secured(*scopes: Scope) -> Callable[[View], View]:
    """Let in only who holds one of the scopes; goes outermost, right under the route.

    The view refuses with NotAuthenticated or ScopeMissing before anything of the request is read.
    """
    if not scopes:
        raise TypeError("secured needs a scope; what everybody may do is public")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            current_principal().require(*scopes)
            return view(*args, **kwargs)

        return _declare(guarded, scopes)

    return decorate


def public(view: View) -> View:
    """Let everybody in, and say so."""
    return _declare(view, ())


def current_principal() -> Principal:
    """Who is asking; raises NotAuthenticated for a request without a good access token."""
    caller = _caller()
    if isinstance(caller, NotAuthenticated):
        raise caller
    return caller


def identify() -> Principal | None:
    """Who is asking, or None where the request has no good access token; never raises a refusal."""
    caller = _caller()
    return caller if isinstance(caller, Principal) else None


def _declare(view: View, scopes: tuple[Scope, ...]) -> View:
    declared = getattr(view, "_apidoc", {})
    if "scopes" in declared:
        raise TypeError(f"{view.__name__} says twice who may call it")
    vars(view)["_apidoc"] = {**declared, "scopes": scopes}
    return view


def _caller() -> Principal | NotAuthenticated:
    """What the Authorization header says, read once in a request."""
    if "crosstally_caller" not in g:
        try:
            header = request.headers.get("Authorization")
            g.crosstally_caller = read_caller(token_server(), header, request.remote_addr)
        except NotAuthenticated as refusal:
            g.crosstally_caller = refusal
    return g.crosstally_caller


def read_caller(server: TokenServer, header: str | None, address: str | None) -> Principal:
    """Who sends this Authorization header from this address; raises NotAuthenticated."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated("This needs an access token, as Authorization: Bearer.")
    now = server.hub.clock()
    claims = read_token(token.strip(), server.keys.verifying_keys(), issuer=server.issuer, now=now)
    caller = find_caller(server.hub, server.people, claims)
    if caller is None:
        raise NotAuthenticated("The token was revoked, or who it was given to can no longer use it.", presented=True)
    client, principal = caller
    if not client.may_come_from(address):
        raise NotAuthenticated("The client of this token may not come from this network.", presented=True)
    return principal
