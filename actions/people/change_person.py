"""Change a person's name or roles; disable and enable people."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from actions.hub import Hub, managing
from actions.people.invite_person import checked_name
from actions.people.manage import managed_person, require_manager, require_may_grant
from domain.access import PERSON, Principal, Role
from domain.person import Person, PersonState
from domain.refusals import Forbidden, WrongState
from store.links import remove_links_of
from store.sessions import remove_sessions_of
from store.users import rename_user, set_roles, set_state, user_by_id


def change_person(
    hub: Hub, *, by: Principal, user: str, name: str | None = None, roles: Iterable[Role] | None = None
) -> Person:
    """Change what is given; other roles end the person's sessions. Raises NotFound, Forbidden, RuleBroken."""
    require_manager(by)
    with hub.database.write(managing(by)) as connection:
        person = managed_person(connection, by, user)
        if name is not None:
            rename_user(connection, person.id, checked_name(name))
        if roles is not None:
            _set_roles(connection, by, person, frozenset(roles))
        hub.audit(connection, by, "user.change", f"user:{person.id}", person.operator)
        return user_by_id(connection, person.id) or person


def disable_person(hub: Hub, *, by: Principal, user: str) -> Person:
    """Let the person in no longer, at once: sessions and links end. Raises NotFound, Forbidden, WrongState."""
    require_manager(by)
    with hub.database.write(managing(by)) as connection:
        person = managed_person(connection, by, user)
        if person.state is PersonState.DISABLED:
            raise WrongState("This person is disabled already.")
        if by.id == PERSON + person.id:
            raise Forbidden("Nobody disables themselves.")
        remove_sessions_of(connection, person.id)
        remove_links_of(connection, person.id)
        return _move(hub, connection, by, person, PersonState.DISABLED, "user.disable")


def enable_person(hub: Hub, *, by: Principal, user: str) -> Person:
    """Let a disabled person in again; who never came in needs a new link. Raises NotFound, Forbidden, WrongState."""
    require_manager(by)
    with hub.database.write(managing(by)) as connection:
        person = managed_person(connection, by, user)
        if person.state is not PersonState.DISABLED:
            raise WrongState("This person is not disabled.")
        state = PersonState.ACTIVE if person.last_sign_in_at else PersonState.INVITED
        return _move(hub, connection, by, person, state, "user.enable")


def _set_roles(connection: Connection, by: Principal, person: Person, roles: frozenset[Role]) -> None:
    require_may_grant(by, roles, person.operator)
    set_roles(connection, person.id, roles)
    if roles != person.roles:
        remove_sessions_of(connection, person.id)


def _move(hub: Hub, connection: Connection, by: Principal, person: Person, state: PersonState, action: str) -> Person:
    set_state(connection, person.id, state)
    hub.audit(connection, by, action, f"user:{person.id}", person.operator)
    return user_by_id(connection, person.id) or person
