"""Name a passkey of one's own, or remove it."""

from __future__ import annotations

from actions.hub import Hub
from actions.people.factors import require_another_factor
from domain.person import Person
from domain.refusals import NotFound
from store.factors import has_second_factor, passkeys_of, remove_passkey, rename_passkey, replace_recovery_codes
from store.tenancy import REGISTRAR
from store.users import secrets_of

LONGEST_NAME = 60


def name_passkey(hub: Hub, *, person: Person, passkey: str, name: str) -> None:
    """Give a passkey of one's own another name; raises NotFound."""
    with hub.database.write(REGISTRAR) as connection:
        if not rename_passkey(connection, person.id, passkey, passkey_name(name)):
            raise NotFound("There is no such passkey.")
        hub.audit(connection, person.principal(), "passkey.rename", f"user:{person.id}")


def forget_passkey(hub: Hub, *, person: Person, passkey: str) -> None:
    """Remove a passkey of one's own; raises NotFound, and Conflict where the person needs it."""
    with hub.database.write(REGISTRAR) as connection:
        others = len(passkeys_of(connection, person.id)) - 1
        has_app = secrets_of(connection, person.id).totp_secret is not None
        if not remove_passkey(connection, person.id, passkey):
            raise NotFound("There is no such passkey.")
        require_another_factor(person, others=others + has_app)
        if not has_second_factor(connection, person.id):
            replace_recovery_codes(connection, person.id, ())
        hub.audit(connection, person.principal(), "passkey.remove", f"user:{person.id}")


def passkey_name(text: str) -> str:
    """The name as it is kept: short, on one line, never empty."""
    name = "".join(filter(str.isprintable, " ".join(text.split())))
    return name[:LONGEST_NAME].strip() or "Passkey"
