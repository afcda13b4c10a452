"""People who sign in: who they are for the hub, and what a sign-in still needs.

A person's roles are all the rights they have. Whoever can change what is published, or who may come in, needs a
second factor: a code of an authenticator app, or a passkey, which is both factors at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.access import PERSON, Principal, Role, Scope

NEED_SECOND_FACTOR = frozenset({Role.STEWARD, Role.RELEASE_OFFICER, Role.HUB_ADMIN, Role.OPERATOR_ADMIN})


class PersonState(StrEnum):
    """Whether somebody can sign in: not yet, yes, no longer."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Proof(StrEnum):
    """How somebody showed who they are."""

    PASSWORD = "password"
    PROVIDER = "provider"
    STRONG_PROVIDER = "strong_provider"  # the provider says that it asked for a second factor itself
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


SECOND_FACTORS = frozenset({Proof.STRONG_PROVIDER, Proof.TOTP, Proof.RECOVERY_CODE, Proof.PASSKEY})


class Stage(StrEnum):
    """What a sign-in waits for."""

    SECOND_FACTOR = "second_factor"
    ENROLMENT = "enrolment"  # a second factor is needed, and there is none yet
    COMPLETE = "complete"


@dataclass(frozen=True)
class Person:
    """A person with an account. `operator` is None for the hub's own people; `created_by` is a principal's id."""

    id: str
    name: str
    email: str
    operator: str | None
    roles: frozenset[Role]
    state: PersonState
    created_by: str
    created_at: datetime
    last_sign_in_at: datetime | None = None
    reset_requested_at: datetime | None = None

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the roles allow, together."""
        return scopes_of(self.roles)

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password alone never lets this person in."""
        return not self.roles.isdisjoint(NEED_SECOND_FACTOR)

    def principal(self, sites: Iterable[str] = ()) -> Principal:
        """The person as actions see them; `sites` are those of their operator."""
        return Principal(PERSON + self.id, self.scopes, self.operator, frozenset(sites))


def scopes_of(roles: Iterable[Role]) -> frozenset[Scope]:
    """What several roles allow together."""
    return frozenset(scope for role in roles for scope in role.scopes)


def stage_of(proofs: frozenset[Proof], *, has_second_factor: bool, needs_second_factor: bool) -> Stage:
    """What a sign-in waits for, after these proofs, for somebody who has or needs a second factor."""
    if not proofs.isdisjoint(SECOND_FACTORS):
        return Stage.COMPLETE
    if has_second_factor:
        return Stage.SECOND_FACTOR
    return Stage.ENROLMENT if needs_second_factor else Stage.COMPLETE


def normal_email(text: str) -> str:
    """The address as it is compared: in lower case, without spaces around it or what can't be seen."""
    return "".join(filter(str.isprintable, text)).strip().lower()


VISITOR = Principal("(visitor)", frozenset())
"""Whoever is at the door, not known yet; no client's id has brackets."""
