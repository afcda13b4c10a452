"""Change the facts about a site, or let nobody report for it any longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.hub import Hub
from actions.read_directory import read_site
from actions.register_operator import require_sound_site
from domain.access import Principal, Scope
from domain.directory_content import site_etag
from domain.preconditions import Preconditions
from domain.report import Site
from store.directory import set_site, site_by_id
from store.tenancy import REGISTRAR, SITE_CHANGES


def change_site(
    hub: Hub, *, by: Principal, site: str, changes: Mapping[str, Any], preconditions: Preconditions
) -> Site:
    """Change these facts and answer the site as it is then; releases keep the facts of their day.

    Its operator, its city, when it opened and whether it is synthetic never change: what was published with it was
    proved safe for these. Raises NotFound, RuleBroken, and what preconditions refuse with.
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
        if changed != current:
            set_site(connection, changed)
            hub.audit(connection, by, "site.change", f"{site}/{','.join(sorted(changes))}", changed.operator)
    return changed
