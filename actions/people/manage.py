"""Who may manage whom: the hub's own everybody, an operator's admin the people of that operator.

Nobody gives a role that has more scopes than they hold, nor decides about somebody who holds more.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from domain.access import Principal, Role, Scope
from domain.person import Person, PersonState, scopes_of
from domain.refusals import Forbidden, Item, NotFound, RuleBroken
from store.directory import operator_by_id
from store.users import user_by_id

MANAGERS = (Scope.OPERATORS_ADMIN, Scope.CLIENTS_MANAGE)


def require_manager(by: Principal) -> None:
    """Raise ScopeMissing for who manages nobody."""
    by.require(Scope.OPERATORS_ADMIN if by.operator is None else Scope.CLIENTS_MANAGE)


def require_may_grant(by: Principal, roles: Iterable[Role], operator: str | None) -> None:
    """Raise Forbidden for roles that are not one's to give, RuleBroken for those that can't be held together."""
    wanted = frozenset(roles)
    if by.operator not in (None, operator):
        raise Forbidden("An operator's admin manages the people of that operator.")
    if not scopes_of(wanted) <= by.scopes:
        raise Forbidden("Nobody gives a role that may do more than they may themselves.")
    if not wanted:
        raise _roles_wrong("A person has a role, or several.")
    if operator is None and any(role.is_of_an_operator for role in wanted):
        raise _roles_wrong("Who sends reports belongs to an operator.")
    if operator is not None and Role.HUB_ADMIN in wanted:
        raise _roles_wrong("A hub admin belongs to no operator.")


def managed_person(connection: Connection, by: Principal, user: str) -> Person:
    """The person, if it is for `by` to decide about them; raises NotFound, Forbidden."""
    person = visible_person(connection, by, user)
    if not person.scopes <= by.scopes:
        raise Forbidden("This person may do more than you may yourself.")
    return person


def visible_person(connection: Connection, by: Principal, user: str) -> Person:
    """The person, if `by` may know of them; raises NotFound."""
    person = user_by_id(connection, user)
    if person is None or by.operator not in (None, person.operator):
        raise NotFound("There is no such person.")
    return person


def may_come_in(connection: Connection, person: Person) -> bool:
    """Whether the person's account is in use, and the operator that they work for is not disabled."""
    operator = operator_by_id(connection, person.operator) if person.operator else None
    return person.state is PersonState.ACTIVE and not (operator and operator.disabled)


def _roles_wrong(detail: str) -> RuleBroken:
    return RuleBroken(detail, [Item("/roles", "roles_wrong", detail)])
