"""Invite somebody: an account without a password, and a link with which its owner chooses one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from actions.hub import Hub, managing
from actions.people.issue_link import INVITATION, Link, new_link
from actions.people.manage import require_manager, require_may_grant
from domain.access import Principal, Role
from domain.person import Person, PersonState, normal_email
from domain.refusals import Conflict, Item, RuleBroken
from store.directory import all_operators
from store.users import add_user

EMAIL = re.compile(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
LONGEST_EMAIL = 254
LONGEST_NAME = 100


def invite_person(
    hub: Hub, *, by: Principal, name: str, email: str, roles: Iterable[Role], operator: str | None = None
) -> tuple[Person, Link]:
    """Store a new person and answer the link to hand to them, which is kept nowhere.

    Raises Forbidden for who may not, RuleBroken for what can't be, Conflict for an address that is in use.
    """
    require_manager(by)
    granted = frozenset(roles)
    require_may_grant(by, granted, operator)
    address = checked_email(email)
    person = Person(
        secrets.token_hex(8), checked_name(name), address, operator, granted, PersonState.INVITED, by.id, hub.clock()
    )
    try:
        with hub.database.write(managing(by)) as connection:
            if operator not in {None, *(known.id for known in all_operators(connection))}:
                raise RuleBroken("There is no such operator.", [Item("/operator", "operator_wrong", "Unknown.")])
            add_user(connection, person)
            hub.audit(connection, by, "user.invite", f"user:{person.id}", person.operator)
            return person, new_link(hub, connection, person, INVITATION)
    except IntegrityError:
        raise Conflict("Somebody signs in with this e-mail address already.") from None


def checked_name(text: str) -> str:
    """The name on one line; raises RuleBroken for none, one that is too long, or unprintable ones."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise RuleBroken(f"A name has 1 to {LONGEST_NAME} letters.", [Item("/name", "name_wrong", "See the detail.")])
    return name


def checked_email(text: str) -> str:
    """The address as it is compared; raises RuleBroken for what is none."""
    address = normal_email(text)
    if len(address) > LONGEST_EMAIL or not EMAIL.fullmatch(address):
        raise RuleBroken("This is no e-mail address.", [Item("/email", "email_wrong", "Write name@example.org.")])
    return address
