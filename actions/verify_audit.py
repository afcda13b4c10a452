"""Check that the audit log is as it was written."""

from __future__ import annotations

from actions.hub import Hub
from store.audit import first_broken_line


def verify_audit(hub: Hub) -> int | None:
    """The number of the first line that was altered, moved or removed; None when the chain holds."""
    with hub.database.read() as connection:
        return first_broken_line(connection)
