"""Write down what happened outside the tables: a token was issued, a key was changed."""

from __future__ import annotations

from actions.hub import Hub
from domain.access import Principal
from store.tenancy import of_operator


def note_event(hub: Hub, *, by: Principal, action: str, subject: str) -> None:
    """Add the line to the audit log; what it speaks of is used only after it."""
    with hub.database.write(of_operator(by.operator)) as connection:
        hub.audit(connection, by, action, subject)
