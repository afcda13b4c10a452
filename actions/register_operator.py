"""Register an operator and its sites."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import IntegrityError

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.refusals import Conflict, Item, RuleBroken
from domain.report import Operator, Site
from store.directory import add_operator, add_site
from store.tenancy import REGISTRAR

SENTINEL_LEVELS = ("site_month", "site_year", "all_year", "none")


def register_operator(hub: Hub, *, by: Principal, operator: Operator) -> None:
    """Store a new operator; raises RuleBroken for an agreement that can't be, Conflict where it exists."""
    by.require(Scope.OPERATORS_ADMIN)
    if operator.k is not None and operator.k < hub.settings.k:
        raise RuleBroken("An operator's k is stricter than the hub's, never looser.", [_wrong("k")])
    if operator.sentinel not in SENTINEL_LEVELS:
        raise RuleBroken(f"The sentinel level is one of {', '.join(SENTINEL_LEVELS)}.", [_wrong("sentinel")])
    try:
        with hub.database.write(REGISTRAR) as connection:
            add_operator(connection, operator)
            hub.audit(connection, by, "operator.register", operator.id)
    except IntegrityError:
        raise Conflict(f"There is an operator {operator.id} already.") from None


def register_site(hub: Hub, *, by: Principal, site: Site) -> None:
    """Store a new site; raises RuleBroken for an unknown time zone, Conflict where it exists or has no operator."""
    by.require(Scope.OPERATORS_ADMIN)
    try:
        ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise RuleBroken("There is no such time zone.", [_wrong("timezone")]) from None
    try:
        with hub.database.write(REGISTRAR) as connection:
            add_site(connection, site)
            hub.audit(connection, by, "site.register", site.id)
    except IntegrityError:
        raise Conflict(f"There is a site {site.id} already, or no operator {site.operator}.") from None


def _wrong(field: str) -> Item:
    return Item(f"/{field}", f"{field}_wrong", "See the detail.")
