"""Change what an operator agreed to, or let nobody act for it any longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.hub import Hub
from actions.read_directory import read_operator
from actions.register_operator import require_sound_operator
from domain.access import Principal, Scope
from domain.directory_content import operator_etag
from domain.preconditions import Preconditions
from domain.refusals import WrongState
from domain.report import Operator
from store.directory import operator_by_id, set_operator
from store.reports import has_reports
from store.tenancy import REGISTRAR, of_operator

CHANGEABLE = frozenset({"label", "k", "sentinel", "disabled"})


def change_operator(
    hub: Hub, *, by: Principal, operator: str, changes: Mapping[str, Any], preconditions: Preconditions
) -> Operator:
    """Change these facts and answer the operator as it is then.

    Raises NotFound, RuleBroken for an agreement that can't be, WrongState for another sentinel level once there are
    reports, and what preconditions refuse with.
    """
    by.require(Scope.OPERATORS_ADMIN)
    if not changes.keys() <= CHANGEABLE:
        raise TypeError(f"an operator changes in {', '.join(sorted(CHANGEABLE))}")
    before = read_operator(hub, operator)
    changed = replace(before, **changes)
    require_sound_operator(hub, changed)
    if changed.sentinel != before.sentinel and _has_reports(hub, operator):
        raise WrongState("The sentinel level is agreed before anything is counted; there are reports.")
    with hub.database.write(REGISTRAR) as connection:
        current = operator_by_id(connection, operator)
        assert current, "operators are never removed"
        preconditions.require(operator_etag(current))
        changed = replace(current, **changes)
        if changed != current:
            set_operator(connection, changed)
            hub.audit(connection, by, "operator.change", f"{operator}/{','.join(sorted(changes))}", operator)
    return changed


def _has_reports(hub: Hub, operator: str) -> bool:
    with hub.database.read(of_operator(operator)) as connection:
        return has_reports(connection)
