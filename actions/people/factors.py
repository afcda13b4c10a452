"""What second factors a person has."""

from __future__ import annotations

from dataclasses import dataclass

from actions.hub import Hub
from actions.people.sessions import SignIn
from domain.person import Person, Stage
from domain.refusals import Conflict, Forbidden
from store.factors import Passkey, passkeys_of, recovery_codes_left
from store.tenancy import REGISTRAR
from store.users import secrets_of


@dataclass(frozen=True)
class Factors:
    """What a person signs in with, besides or instead of a password."""

    has_password: bool
    has_app: bool
    passkeys: tuple[Passkey, ...]
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor."""
        return self.has_app or bool(self.passkeys)


def factors_of(hub: Hub, person: Person) -> Factors:
    """The factors of the person, without what proves them."""
    with hub.database.read(REGISTRAR) as connection:
        secrets = secrets_of(connection, person.id)
        return Factors(
            has_password=secrets.password_hash is not None,
            has_app=secrets.totp_secret is not None,
            passkeys=tuple(passkeys_of(connection, person.id)),
            recovery_codes=recovery_codes_left(connection, person.id),
        )


def require_may_add_factor(sign_in: SignIn) -> None:
    """Raise Forbidden for somebody who has a second factor and has not given it yet."""
    if sign_in.session.stage is Stage.SECOND_FACTOR:
        raise Forbidden("Give the second factor that you have first.")


def require_another_factor(person: Person, *, others: int) -> None:
    """Raise Conflict where the person needs a second factor and would be left without one."""
    if person.needs_second_factor and not others:
        raise Conflict("Your roles need a second factor; set up another one first.")
