"""Recovery codes: for whoever has lost the phone or the passkey."""

from __future__ import annotations

import base64
import hashlib
import secrets

from actions.hub import Hub
from domain.person import Person
from domain.refusals import WrongState
from store.factors import has_second_factor, replace_recovery_codes
from store.tenancy import REGISTRAR

NUMBER = 10
BYTES = 10  # of chance in each: 16 letters, so many that a plain SHA-256 can't be searched


def make_recovery_codes(hub: Hub, person: Person) -> list[str]:
    """New codes, in place of the ones before; shown now, and kept as hashes alone.

    Raises WrongState for somebody without a second factor.
    """
    codes = [_new_code() for _ in range(NUMBER)]
    with hub.database.write(REGISTRAR) as connection:
        if not has_second_factor(connection, person.id):
            raise WrongState("Set up an authenticator app or a passkey first.")
        replace_recovery_codes(connection, person.id, map(hash_of_code, codes))
        hub.audit(connection, person.principal(), "recovery_codes.new", f"user:{person.id}")
    return codes


def hash_of_code(code: str) -> str:
    """What is stored of a code; capital letters, hyphens and spaces make no difference."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
