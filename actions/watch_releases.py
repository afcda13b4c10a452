"""What whoever keeps answers has to watch: a published release is only ever taken back by a retraction."""

from __future__ import annotations

from collections.abc import Set

from actions.hub import Hub
from store.changes import Mark
from store.retractions import all_retractions
from store.tenancy import NO_OPERATOR


def change_mark(hub: Hub) -> Mark | None:
    """What is the same as long as nothing is written; None where that is not known."""
    return hub.database.changes.mark()


def retractions_so_far(hub: Hub) -> Set[str]:
    """The releases by which others were retracted."""
    with hub.database.read(NO_OPERATOR) as connection:
        return all_retractions(connection).keys()
