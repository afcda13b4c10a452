"""Operators, sites and dictionaries: what anyone may know."""

from __future__ import annotations

from sqlalchemy import Connection

from actions.hub import Hub
from domain.access import Principal
from domain.dictionary import Dictionary
from domain.refusals import NotFound, WrongState
from domain.report import Operator, Site
from store.directory import all_operators, all_sites, operator_by_id, site_by_id
from store.tenancy import NO_OPERATOR


def list_operators(hub: Hub) -> list[Operator]:
    """Every operator, by id."""
    with hub.database.read(NO_OPERATOR) as connection:
        return all_operators(connection)


def read_operator(hub: Hub, operator: str) -> Operator:
    """One operator; raises NotFound."""
    with hub.database.read(NO_OPERATOR) as connection:
        found = operator_by_id(connection, operator)
    if found is None:
        raise NotFound(f"There is no operator {operator}.")
    return found


def list_sites(hub: Hub) -> list[Site]:
    """Every site, by id."""
    with hub.database.read(NO_OPERATOR) as connection:
        return all_sites(connection)


def read_site(hub: Hub, site: str) -> Site:
    """One site; raises NotFound."""
    with hub.database.read(NO_OPERATOR) as connection:
        return _known_site(connection, site)


def _known_site(connection: Connection, site: str) -> Site:
    found = site_by_id(connection, site)
    if found is None:
        raise NotFound(f"There is no site {site}; GET /v1/sites lists them.")
    return found


def read_dictionary(hub: Hub, version: str | None = None) -> Dictionary:
    """One version of the dictionary, or the newest; raises NotFound."""
    version = version or max(hub.dictionaries)
    if version not in hub.dictionaries:
        raise NotFound(f"There is no dictionary {version}.")
    return hub.dictionaries[version]


def require_own_site(hub: Hub, by: Principal, site: str) -> Site:
    """The site that the principal writes for; raises NotFound or NotYourSite."""
    found = read_site(hub, site)
    by.require_site(site)
    return found


def require_reporting_site(connection: Connection, by: Principal, site: str) -> Site:
    """As require_own_site, for a site whose reports can be changed; raises WrongState for a disabled one."""
    found = _known_site(connection, site)
    by.require_site(site)
    if found.disabled:
        raise WrongState("Nobody reports for this site any longer; the hub's administrator has disabled it.")
    return found


def require_own_or_reviewed_site(hub: Hub, by: Principal, site: str) -> Site:
    """The site about whose reports the principal says something: its own, or any for a reviewer.

    Raises NotFound or NotYourSite.
    """
    return read_site(hub, site) if by.reviews else require_own_site(hub, by, site)


def require_readable_site(hub: Hub, by: Principal, site: str) -> Site:
    """The site whose reports the principal may read: its own, or any for a reviewer; raises NotFound."""
    found = read_site(hub, site)
    if not by.owns(site) and not by.reviews:
        raise NotFound(f"There is no report of the site {site} that you may read.")
    return found
