"""Change what a client is limited to, or let it in no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.add_credential import require_equal, require_own_client
from actions.hub import Hub, managing
from actions.register_client import require_grantable
from domain.access import Principal
from domain.clients import Client, require_sound
from domain.directory_content import client_etag
from domain.preconditions import Preconditions
from store.clients import change_client as store_changes
from store.directory import all_sites

CHANGEABLE = frozenset(
    {"label", "scopes", "sites", "expires_at", "grants", "redirect_uris", "networks", "introspects", "disabled"}
)
LOCK_OUT = {"disabled": True}


def change_client(
    hub: Hub, *, by: Principal, client_id: str, changes: Mapping[str, Any], preconditions: Preconditions
) -> Client:
    """Change these facts, with effect on the next request of the client, and answer it as it is then.

    Nobody changes a client that may do more than they may, except to lock it out, nor gives one more than they hold.
    Raises NotFound, Forbidden, RuleBroken, and what preconditions refuse with.
    """
    if not changes.keys() <= CHANGEABLE:
        raise TypeError(f"a client changes in {', '.join(sorted(CHANGEABLE))}")
    with hub.database.write(managing(by)) as connection:
        current = require_own_client(connection, by, client_id)
        preconditions.require(client_etag(current))
        changed = replace(current, **changes)
        if changes != LOCK_OUT:
            require_equal(by, current)
            require_grantable(by, changed)
            require_sound(changed, [site.id for site in all_sites(connection) if site.operator == changed.operator])
        if changed != current:
            store_changes(connection, client_id, **changes)
            hub.audit(connection, by, "client.change", f"{client_id}/{','.join(sorted(changes))}", changed.operator)
    return changed
