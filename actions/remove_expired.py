"""Forget what has expired: assertions, codes, refresh tokens, grants, revoked tokens."""

from __future__ import annotations

from actions.hub import Hub
from store import grants, spent
from store.tenancy import REGISTRAR


def remove_expired(hub: Hub) -> None:
    """Forget it; what is still needed to recognise a replay stays."""
    with hub.database.write(REGISTRAR) as connection:
        grants.remove_ended(connection, hub.clock())
        spent.remove_expired(connection, hub.clock())
