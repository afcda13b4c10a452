"""Clients: programs that ask for tokens, for themselves or for a person; and what each is limited to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Scope
from domain.refusals import Item, RuleBroken

CREDENTIAL_LIFETIME = timedelta(days=365)
MOST_CREDENTIALS = 10
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NETLOC = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Grant(StrEnum):
    """How a client comes to tokens; refresh tokens come with codes."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"


@dataclass(frozen=True)
class Client:
    """A party that asks for tokens. `operator` is None for the hub's own clients.

    `scopes` are the most it can have. Acting for itself it is bound to `sites`; acting for a person, to those of
    them that are the person's, and to all of the person's where none are named. No `networks` means from anywhere.
    `acts_for_nobody`: its operator is disabled.
    """

    id: str
    label: str
    operator: str | None
    sites: frozenset[str]
    scopes: frozenset[Scope]
    expires_at: datetime | None = None
    disabled: bool = False
    grants: frozenset[Grant] = frozenset({Grant.CLIENT_CREDENTIALS})
    redirect_uris: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    introspects: bool = False
    acts_for_nobody: bool = False

    def is_good(self, now: datetime) -> bool:
        """Neither disabled, nor its operator, nor expired."""
        return not self.disabled and not self.acts_for_nobody and (self.expires_at is None or now < self.expires_at)

    def may_come_from(self, address: str | None) -> bool:
        """Whether the client is let in from this address."""
        if not self.networks:
            return True
        found = _address(address or "")
        return found is not None and any(found in ip_network(network) for network in self.networks)

    @property
    def principal(self) -> Principal:
        """The client acting for itself."""
        return Principal(self.id, self.scopes, self.operator, self.sites)

    def acting_for(self, person: Principal) -> Principal | None:
        """The person, acting through this client: what both may do; None where the client is another operator's."""
        if self.operator not in (None, person.operator):
            return None
        sites = person.sites & self.sites if self.sites else person.sites
        return Principal(person.id, person.scopes & self.scopes, person.operator, sites, via=self.id)


@dataclass(frozen=True)
class Credential:
    """A secret or a public key by which a client proves who it is: of a secret the hash, of a key the JWK."""

    client: str
    id: str
    created_at: datetime
    expires_at: datetime
    secret_sha256: str | None = None
    jwk: dict | None = None
    last_used_at: datetime | None = None


def require_sound(client: Client, own_sites: Iterable[str]) -> None:
    """Raise RuleBroken with everything that is wrong with a client; `own_sites` are those of its operator."""
    wrong = [
        *_wrong_id(client),
        *_wrong_sites(client, frozenset(own_sites)),
        *_wrong_grants(client),
        *(_item("redirect_uris", fault) for uri in client.redirect_uris if (fault := _fault_of_uri(uri))),
        *(_item("networks", fault) for network in client.networks if (fault := _fault_of_network(network))),
    ]
    if wrong:
        raise RuleBroken("; ".join(item.detail for item in wrong), wrong)


def credential_end(asked: datetime | None, now: datetime) -> datetime:
    """When a new secret or key ends; raises RuleBroken for a moment that is past or too far away."""
    latest = now + CREDENTIAL_LIFETIME
    if asked is None:
        return latest
    if not now < asked <= latest:
        raise RuleBroken(
            f"A secret or key ends in the future, within {CREDENTIAL_LIFETIME.days} days.",
            [_item("expires_at", "Give a moment within that time.")],
        )
    return asked


def _wrong_id(client: Client) -> list[Item]:
    if _ID.fullmatch(client.id) and client.id != SYSTEM.id:
        return []
    return [
        _item("id", "A client's id is up to 100 letters, digits, dots, dashes and underscores, and not the hub's own.")
    ]


def _wrong_sites(client: Client, own: frozenset[str]) -> list[Item]:
    if not client.sites <= own:
        return [_item("sites", "A client is bound to sites of its own operator.")]
    if client.scopes & OPERATOR_SCOPES and not client.sites and Grant.CLIENT_CREDENTIALS in client.grants:
        return [_item("sites", "Who sends or reads reports is bound to sites.")]
    return []


def _wrong_grants(client: Client) -> list[Item]:
    if not client.grants:
        return [_item("grants", f"Give at least one of {', '.join(Grant)}.")]
    if (Grant.AUTHORIZATION_CODE in client.grants) != bool(client.redirect_uris):
        return [_item("redirect_uris", "Who asks people has redirect URIs, and nobody else.")]
    return []


def _fault_of_uri(uri: str) -> str | None:
    """What is wrong with a redirect URI; they are compared as they are, character by character (RFC 9700 2.1)."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return f"{uri!r} is not a URI."
    if not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri or not host:
        return f"{uri!r} is not an absolute URI in printable ASCII."
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        return f"{uri!r} is neither https nor http on this machine."
    if "#" in uri or not _NETLOC.fullmatch(parts.netloc):
        return f"{uri!r} has a fragment, credentials or an odd host."
    return None


def _fault_of_network(network: str) -> str | None:
    try:
        ip_network(network)
    except ValueError:
        return f"{network!r} is not a network such as 192.0.2.0/24 or 2001:db8::/32."
    return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _item(field: str, detail: str) -> Item:
    return Item(f"/{field}", f"{field}_wrong", detail)
