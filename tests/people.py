"""People for tests of the OAuth server: who there is, and who is signed in, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from auth.people import People, SignedIn
from domain.access import OPERATOR_SCOPES, Principal, Role

ANN = Principal("user:ann", Role.STEWARD.scopes)
BEA = Principal("user:bea", OPERATOR_SCOPES, "nyc", frozenset({"nyc-east", "nyc-north"}))


@dataclass
class Directory:
    """People by id, and the id of the one who is signed in."""

    persons: dict[str, Principal] = field(default_factory=lambda: {person.id: person for person in (ANN, BEA)})
    signed_in: str | None = None

    @property
    def people(self) -> People:
        return People(signed_in=self._signed_in, find=self.persons.get)

    def _signed_in(self) -> SignedIn | None:
        person = self.persons.get(self.signed_in or "")
        return SignedIn(person, f"{person.id} of the tests") if person else None
