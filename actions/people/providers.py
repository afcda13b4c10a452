"""Say at which OpenID Connect provider an operator's people sign in, and whom it may sign in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from actions.hub import Hub
from domain.access import Principal, Role, Scope
from domain.refusals import Item, NotFound, NotReady, RuleBroken
from domain.settings import PREFIX
from store.directory import all_operators
from store.providers import Provider, all_providers, remove_provider, set_provider
from store.tenancy import REGISTRAR

LOOPBACK = ("localhost", "127.0.0.1", "::1")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def configure_provider(
    hub: Hub,
    *,
    by: Principal,
    operator: str,
    issuer: str,
    client_id: str,
    secret_from: str | None,
    email_domain: str,
    roles: Iterable[Role],
    disabled: bool = False,
) -> Provider:
    """Store the operator's provider, in place of the one it had; raises RuleBroken for what can't be."""
    by.require(Scope.OPERATORS_ADMIN)
    made = Provider(operator, issuer, client_id, secret_from, email_domain.lower(), frozenset(roles), disabled)
    _check(made)
    with hub.database.write(REGISTRAR) as connection:
        if operator not in {known.id for known in all_operators(connection)}:
            raise _wrong("operator", "There is no such operator.")
        set_provider(connection, made)
        hub.audit(connection, by, "provider.set", operator, operator)
    return made


def forget_provider(hub: Hub, *, by: Principal, operator: str) -> None:
    """The operator's people sign in here alone from now on; raises NotFound."""
    by.require(Scope.OPERATORS_ADMIN)
    with hub.database.write(REGISTRAR) as connection:
        if not remove_provider(connection, operator):
            raise NotFound(f"{operator} has no provider.")
        hub.audit(connection, by, "provider.remove", operator, operator)


def list_providers(hub: Hub) -> list[Provider]:
    """Every provider at which people sign in, by operator."""
    with hub.database.read(REGISTRAR) as connection:
        return [provider for provider in all_providers(connection) if not provider.disabled]


def read_provider(hub: Hub, operator: str) -> Provider:
    """The provider of an operator; raises NotFound where it has none in use."""
    found = next((provider for provider in list_providers(hub) if provider.operator == operator), None)
    if found is None:
        raise NotFound("There is no such way to sign in.")
    return found


def client_secret(provider: Provider) -> str | None:
    """The secret of the hub at the provider, from where the configuration says; raises NotReady."""
    if provider.secret_from is None:
        return None
    kind, _, place = provider.secret_from.partition(":")
    try:
        return os.environ[place] if kind == "env" else Path(place).read_text().strip()
    except (KeyError, OSError):
        raise NotReady("The hub lacks its secret at this provider. Tell its administrator.") from None


def _check(provider: Provider) -> None:
    address = urlsplit(provider.issuer)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
        raise _wrong("issuer", "The issuer is an https address.")
    if address.query or address.fragment or not provider.issuer.isprintable() or not provider.client_id.isprintable():
        raise _wrong("issuer", "The issuer is an address without a query.")
    kind, _, place = (provider.secret_from or "env:-").partition(":")
    if kind not in ("env", "file") or not place or place.startswith(PREFIX):
        raise _wrong("secret_from", f"Write env:NAME (not beginning with {PREFIX}) or file:PATH.")
    if not DOMAIN.fullmatch(provider.email_domain):
        raise _wrong("email_domain", "The domain of e-mail addresses is like example.org.")
    if not provider.roles or Role.HUB_ADMIN in provider.roles:
        raise _wrong("roles", "Name the roles that may come this way; never hub admin.")


def _wrong(field: str, detail: str) -> RuleBroken:
    return RuleBroken(detail, [Item(f"/{field}", f"{field}_wrong", detail)])
