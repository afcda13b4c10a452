"""List and show people, and find out as whom they act."""

from __future__ import annotations

from actions.hub import Hub, managing
from actions.people.manage import require_manager, visible_person
from domain.access import Principal
from domain.person import Person, PersonState
from store.directory import all_sites
from store.tenancy import REGISTRAR
from store.users import all_users, user_by_email, user_by_id


def list_people(
    hub: Hub, *, by: Principal, operator: str | None = None, state: PersonState | None = None
) -> list[Person]:
    """The people whom `by` manages, perhaps those of one operator or in one state; raises ScopeMissing."""
    require_manager(by)
    with hub.database.read(managing(by)) as connection:
        people = all_users(connection, by.operator)
    return [one for one in people if operator in (None, one.operator) and state in (None, one.state)]


def read_person(hub: Hub, *, by: Principal, user: str) -> Person:
    """One person; raises ScopeMissing, NotFound."""
    require_manager(by)
    with hub.database.read(managing(by)) as connection:
        return visible_person(connection, by, user)


def find_person(hub: Hub, *, by: Principal, user_or_email: str) -> Person:
    """One person by id or e-mail address; raises ScopeMissing, NotFound."""
    require_manager(by)
    with hub.database.read(managing(by)) as connection:
        person = user_by_email(connection, user_or_email.lower())
        return visible_person(connection, by, person.id if person else user_or_email)


def principal_of(hub: Hub, user: str) -> Principal | None:
    """As whom the person acts now, bound to the sites of their operator; None for who may not come in."""
    with hub.database.read(REGISTRAR) as connection:
        person = user_by_id(connection, user)
        if person is None or person.state is not PersonState.ACTIVE:
            return None
        return person.principal(site.id for site in all_sites(connection) if site.operator == person.operator)
