"""Operators, sites and clients as JSON values: what administrators read and change, and what an entity tag names."""

from __future__ import annotations

from domain.canonical import entity_tag
from domain.clients import Client
from domain.report import Operator, Site
from domain.site_content import site_content


def operator_etag(operator: Operator) -> str:
    """The entity tag of an operator."""
    return entity_tag(vars(operator))


def site_facts(site: Site) -> dict[str, object]:
    """All that is known of a site: what releases keep of it, when its reports are due, and whether anyone reports."""
    due_days = [{"month": str(due.month), "day": due.day} for due in site.due_days]
    return {**site_content(site), "due_days": due_days, "disabled": site.disabled}


def site_etag(site: Site) -> str:
    """The entity tag of a site."""
    return entity_tag(site_facts(site))


def client_content(client: Client) -> dict[str, object]:
    """A client, without what it proves itself with."""
    return {
        "id": client.id,
        "label": client.label,
        "operator": client.operator,
        "scopes": sorted(client.scopes),
        "sites": sorted(client.sites),
        "grants": sorted(client.grants),
        "redirect_uris": list(client.redirect_uris),
        "networks": list(client.networks),
        "introspects": client.introspects,
        "expires_at": client.expires_at and client.expires_at.isoformat(),
        "disabled": client.disabled,
    }


def client_etag(client: Client) -> str:
    """The entity tag of a client."""
    return entity_tag(client_content(client))
