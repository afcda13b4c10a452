"""Which passwords are refused: short ones, common ones, and those that tell who their owner is.

There is no rule on kinds of characters and no date on which a password ends: neither makes one harder to guess
(NIST SP 800-63B, 3.1.1). `common_passwords.txt` holds the commonest of leaked passwords (the list of zxcvbn, MIT),
without the digits and signs around them, and the common long ones.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

SHORTEST = 12
LONGEST = 256
LONG_ENOUGH_TO_TELL = 4  # letters of a name that nobody needs in a password

_AROUND = "".join(chr(code) for code in range(33, 127) if not chr(code).isalpha()) + " "
_REPEATED = re.compile(r"(.{1,10}?)\1+")


def normal_password(text: str) -> str:
    """The password as it is hashed: the same on every keyboard that can type it (RFC 8265, NFKC)."""
    return unicodedata.normalize("NFKC", text)


def password_fault(password: str, *, name: str, email: str) -> str | None:
    """What is wrong with a new password, as a sentence for its owner; None for a good one."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; a few words are easy to remember."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if is_common(password):
        return "This password is among the first that an attacker tries. Choose another one."
    if any(word in password.casefold() for word in _telling_words(name, email)):
        return "A password does not contain your name or your e-mail address."
    return None


def is_common(password: str) -> bool:
    """Whether it is a common password, perhaps repeated or with digits and signs around it, or nothing but those."""
    folded = password.casefold()
    core = folded.strip(_AROUND)
    repeated = _REPEATED.fullmatch(core)
    unit = repeated.group(1) if repeated else core
    return not core or len(set(folded)) < 5 or not {folded, core, unit}.isdisjoint(_common_passwords())


def _telling_words(name: str, email: str) -> set[str]:
    parts = [*name.casefold().split(), *re.split(r"[@.+_-]", email.casefold()), email.casefold()]
    return {part for part in parts if len(part) >= LONG_ENOUGH_TO_TELL}


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset((files("domain") / "common_passwords.txt").read_text().split())
