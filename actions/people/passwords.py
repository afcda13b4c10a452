"""Passwords as they are stored: argon2id, with the work of OWASP's password storage cheat sheet."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.passwords import LONGEST, normal_password, password_fault
from domain.person import Person
from domain.refusals import Item, RuleBroken

HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The password as it is stored."""
    return HASHER.hash(normal_password(password))


def is_password(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; as much work where none is stored."""
    try:
        HASHER.verify(stored or _nobodys(), normal_password(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether the password was hashed with less work than today's."""
    return HASHER.check_needs_rehash(stored)


def require_good_password(password: str, person: Person) -> None:
    """Raise RuleBroken for a password that is refused."""
    fault = password_fault(normal_password(password), name=person.name, email=person.email)
    if fault:
        raise RuleBroken(fault, [Item("/password", "password_refused", fault)])


@cache
def _nobodys() -> str:
    return HASHER.hash("")
