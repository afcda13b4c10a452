"""Read the audit log: all of it for the hub's auditors, an operator's own lines for the operator's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.audit import AuditFilter, Line
from store.audit import count_lines, find_lines
from store.tenancy import AUDITOR, of_operator


@dataclass(frozen=True)
class AuditPage:
    """Some lines, the newest first, and how many older ones there are (None: these were the last)."""

    lines: Sequence[Line]
    older: int | None
    is_whole_log: bool


def read_audit(
    hub: Hub, *, by: Principal, wanted: AuditFilter, limit: int = 100, older: int | None = None
) -> AuditPage:
    """The newest of the wanted lines, or of the `older` ones that a page left.

    Lines are only ever added, so that pages neither skip nor repeat one. An operator's auditor reads of no other's
    things, and is not told where in the log a line stands: the gaps would tell how much others do.
    """
    by.require(Scope.AUDIT_READ)
    with hub.database.read(of_operator(by.operator) if by.operator else AUDITOR) as connection:
        total = count_lines(connection, wanted)
        left = total if older is None else min(older, total)
        skip = max(0, left - limit)
        lines = find_lines(connection, wanted, skip=skip, limit=left - skip)
    return AuditPage(lines[::-1], skip or None, by.operator is None)
