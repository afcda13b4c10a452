"""Change the facts about a site, or let nobody report for it any longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.hub import Hub
from actions.read_directory import read_site
from actions.register_operator import require_sound_site
from domain.access import Principal, Scope
from domain.calendar import differ_before
from domain.completeness import calendar_of
from domain.directory_content import site_etag
from domain.preconditions import Preconditions
from domain.refusals import Item, RuleBroken
from domain.report import Site
from store.directory import set_site, site_by_id
from store.tenancy import REGISTRAR, SITE_CHANGES


def change_site(
    hub: Hub, *, by: Principal, site: str, changes: Mapping[str, Any], preconditions: Preconditions
) -> Site:
    """Change these facts and answer the site as it is then; releases keep the facts of their day.

    Its operator, its city, when it opened and whether it is synthetic never change: what was published with it was
    proved safe for these. Raises NotFound, RuleBroken, also for due days of months that have ended, and what
    preconditions refuse with.
    """
    by.require(Scope.OPERATORS_ADMIN)
    if not changes.keys() <= set(SITE_CHANGES):
        raise TypeError(f"a site changes in {', '.join(SITE_CHANGES)}")
    require_sound_site(hub, replace(read_site(hub, site), **changes))
    with hub.database.write(REGISTRAR) as connection:
        current = site_by_id(connection, site)
        assert current, "sites are never removed"
        preconditions.require(site_etag(current))
        changed = replace(current, **changes)
        _require_past_kept(hub, current, changed)
        if changed != current:
            set_site(connection, changed)
            hub.audit(connection, by, "site.change", f"{site}/{','.join(sorted(changes))}", changed.operator)
    return changed


def _require_past_kept(hub: Hub, before: Site, after: Site) -> None:
    """Raise RuleBroken where other due days would make a report of the past late, or on time."""
    old, new = (replace(calendar_of(site), closed=None, timezone="UTC") for site in (before, after))
    current = calendar_of(before).current_month(hub.clock())
    if differ_before(old, new, current):
        detail = f"Due days change from {current} on; those of months that have ended stay as they were."
        raise RuleBroken(detail, [Item("/due_days", "past_due_days", detail)])
