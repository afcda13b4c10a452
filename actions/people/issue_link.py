"""Issue a single-use link with which somebody chooses a password. Links are handed over by hand, not mailed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from actions.hub import Hub
from actions.people.manage import managed_person, require_manager
from actions.people.sessions import hash_of
from domain.access import Principal
from domain.person import Person, PersonState
from domain.refusals import WrongState
from store.factors import remove_factors
from store.links import replace_link
from store.sessions import remove_sessions_of
from store.tenancy import REGISTRAR

INVITATION = timedelta(days=7)
RESET = timedelta(days=1)


@dataclass(frozen=True)
class Link:
    """The address to open, and until when that works."""

    url: str
    expires_at: datetime


def issue_link(hub: Hub, *, by: Principal, user: str, forget_factors: bool = False) -> Link:
    """A new link for somebody who was invited or has forgotten the password; earlier links end.

    With `forget_factors` their second factors, which are lost, go, and they are signed out everywhere. Raises
    NotFound, Forbidden, and WrongState for somebody who is disabled.
    """
    require_manager(by)
    with hub.database.write(REGISTRAR) as connection:
        person = managed_person(connection, by, user)
        if person.state is PersonState.DISABLED:
            raise WrongState("Enable this person first.")
        hub.audit(connection, by, "user.link", f"user:{person.id}", person.operator)
        if forget_factors:
            remove_factors(connection, person.id)
            remove_sessions_of(connection, person.id)
            hub.audit(connection, by, "user.forget_factors", f"user:{person.id}", person.operator)
        return new_link(hub, connection, person, INVITATION if person.state is PersonState.INVITED else RESET)


def new_link(hub: Hub, connection: Connection, person: Person, lifetime: timedelta) -> Link:
    """A link for the person, in the transaction of the connection."""
    token, now = secrets.token_urlsafe(32), hub.clock()
    expires_at = now + lifetime
    replace_link(connection, person.id, hash_of(token), created_at=now, expires_at=expires_at)
    return Link(f"{hub.settings.issuer}/link/{token}", expires_at)
