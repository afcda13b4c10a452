"""What the OAuth server asks about people: who is signed in here, and what somebody may do now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.access import Principal
from domain.clients import Client
from store.grants import GivenGrant


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in, and how they are called."""

    principal: Principal
    name: str


@dataclass(frozen=True)
class People:
    """Where the answers come from: the session of the request, and the directory, by the id of a principal."""

    signed_in: Callable[[], SignedIn | None]
    find: Callable[[str], Principal | None]

    def behind(self, client: Client, grant: GivenGrant) -> Principal | None:
        """The person of the grant acting through the client, with what both may do now; None where either can't."""
        person = self.find(grant.person)
        return client.acting_for(person) if person else None
