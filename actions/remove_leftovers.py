"""Remove what interrupted cuts and retractions left on disk."""

from __future__ import annotations

import logging

from actions.hub import Hub
from store.releases import known_ids
from store.tenancy import EVERY_OPERATOR

log = logging.getLogger(__name__)


def remove_leftovers(hub: Hub) -> list[str]:
    """Remove them, and answer their names; none while any process on this machine writes a release.

    The tables are asked in the turn of a writer: no other machine on the same tables is between naming a folder
    and telling the tables of it.
    """
    with hub.artefacts.alone() as is_alone:
        if not is_alone:
            return []
        with hub.database.write(EVERY_OPERATOR) as connection:
            removed = hub.artefacts.remove_leftovers(known_ids(connection))
    for name in removed:
        log.warning("removed %s, which an interrupted cut or retraction left", name)
    return removed
