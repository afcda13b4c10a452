"""Whether the hub can do its work."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from actions.hub import Hub
from domain.refusals import NotReady
from store.releases import latest_release
from store.tenancy import NO_OPERATOR


def check_readiness(hub: Hub) -> str:
    """The id of the release that readers get; raises NotReady without a database or a first release."""
    try:
        with hub.database.read(NO_OPERATOR) as connection:
            latest = latest_release(connection)
    except SQLAlchemyError:
        raise NotReady("The database does not answer.") from None
    if latest is None:
        raise NotReady("No release has been published yet.")
    return latest.id
