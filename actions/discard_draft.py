"""Discard a draft: a release that was cut and will not be published."""

from __future__ import annotations

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.refusals import NotFound, WrongState
from store.releases import draft_by_id, known_ids, release_by_id, remove_draft, remove_explanation
from store.tenancy import EVERY_OPERATOR


def discard_draft(hub: Hub, *, by: Principal, release: str) -> None:
    """Forget the draft and remove its files; its id may be given to another cut of the day.

    Raises NotFound, and WrongState when it is published already.
    """
    by.require(Scope.RELEASES_PUBLISH)
    with hub.artefacts.writing():
        with hub.database.write(EVERY_OPERATOR) as connection:
            if draft_by_id(connection, release) is None:
                published = release_by_id(connection, release)
                raise WrongState("It is published.") if published else NotFound(f"There is no draft {release}.")
            hub.artefacts.mark(release)
            remove_draft(connection, release)
            remove_explanation(connection, release)
            hub.audit(connection, by, "release.discard", release)
        # A cut may have got the id by now; nobody gets one while it is asked.
        with hub.database.write(EVERY_OPERATOR) as connection:
            if release not in known_ids(connection):
                hub.artefacts.give_way(release)
