"""Register an operator and its sites."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import IntegrityError

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.calendar import are_in_order
from domain.refusals import Conflict, Item, RuleBroken
from domain.report import SENTINEL_LEVELS, Operator, Site
from store.directory import add_operator, add_site
from store.tenancy import REGISTRAR


def register_operator(hub: Hub, *, by: Principal, operator: Operator) -> Operator:
    """Store a new operator; raises RuleBroken for an agreement that can't be, Conflict where it exists."""
    by.require(Scope.OPERATORS_ADMIN)
    require_sound_operator(hub, operator)
    try:
        with hub.database.write(REGISTRAR) as connection:
            add_operator(connection, operator)
            hub.audit(connection, by, "operator.register", operator.id, operator.id)
    except IntegrityError:
        raise Conflict(f"There is an operator {operator.id} already.") from None
    return operator


def register_site(hub: Hub, *, by: Principal, site: Site) -> Site:
    """Store a new site; raises RuleBroken for facts that can't be, Conflict where it exists or has no operator."""
    by.require(Scope.OPERATORS_ADMIN)
    require_sound_site(hub, site)
    try:
        with hub.database.write(REGISTRAR) as connection:
            add_site(connection, site)
            hub.audit(connection, by, "site.register", site.id, site.operator)
    except IntegrityError:
        raise Conflict(f"There is a site {site.id} already, or no operator {site.operator}.") from None
    return site


def require_sound_operator(hub: Hub, operator: Operator) -> None:
    """Raise RuleBroken for an agreement that can't be."""
    if operator.k is not None and operator.k < hub.settings.k:
        raise RuleBroken("An operator's k is stricter than the hub's, never looser.", [_wrong("k")])
    if operator.sentinel not in SENTINEL_LEVELS:
        raise RuleBroken(f"The sentinel level is one of {', '.join(SENTINEL_LEVELS)}.", [_wrong("sentinel")])


def require_sound_site(hub: Hub, site: Site) -> None:
    """Raise RuleBroken for a time zone, indicator or month that can't be."""
    wrong = list(_faults(hub, site))
    if wrong:
        raise RuleBroken(" ".join(item.detail for item in wrong), wrong)


def _faults(hub: Hub, site: Site) -> Iterator[Item]:
    try:
        ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield _wrong("timezone", "There is no such time zone.")
    if site.closed and site.closed < site.opened:
        yield _wrong("closed", "A site closes after it opened.")
    if not are_in_order(site.due_days):
        yield _wrong("due_days", "Each due day holds from a later month than the one before it.")
    dictionary = hub.dictionaries[max(hub.dictionaries)]
    if any(b.indicator not in dictionary.by_id for b in site.series_breaks):
        yield _wrong("series_breaks", "A series is that of an indicator of the dictionary.")
    if any(b.code not in dictionary.code_list("series_breaks") for b in site.series_breaks):
        yield _wrong("series_breaks", "A break has a code of the dictionary's list series_breaks.")


def _wrong(field: str, detail: str = "See the detail.") -> Item:
    return Item(f"/{field}", f"{field}_wrong", detail)
