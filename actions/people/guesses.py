"""Guessing is slowed down: by what is guessed at, and by where guesses come from.

An attempt is counted before it is judged, so that many at once are as many; a right one is taken back. Strangers
who guess at somebody's password can make that person wait, but only in browsers where they have never signed in:
a browser that has is counted apart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from actions.hub import Hub
from domain.refusals import TooManyAttempts
from domain.throttle import OF_A_NETWORK, OF_AN_ACCOUNT, Throttle
from store.failures import (
    failures_at,
    forget_failures,
    forget_failures_before,
    set_failures,
    take_back_failure,
)
from store.tenancy import REGISTRAR


@dataclass(frozen=True)
class Guess:
    """An attempt: at what, and from which network."""

    target: str
    network: str

    @property
    def _counted(self) -> tuple[tuple[str, Throttle], ...]:
        target = (_hash(f"target:{self.target}"), OF_AN_ACCOUNT)
        return target, (_hash(f"network:{self.network}"), OF_A_NETWORK)


def count_guess(hub: Hub, guess: Guess) -> None:
    """Count the attempt; raises TooManyAttempts, and counts nothing, where it has to wait."""
    now = hub.clock()
    with hub.database.write(REGISTRAR) as connection:
        forget_failures_before(connection, now - OF_AN_ACCOUNT.memory)
        numbers = []
        for key, throttle in guess._counted:
            found = failures_at(connection, key)
            if found is None or throttle.has_forgotten(found.last_at, now):
                numbers.append((key, 1))
                continue
            wait = (throttle.waits_until(found.number, found.last_at) - now).total_seconds()
            if wait > 0:
                raise TooManyAttempts(wait)
            numbers.append((key, found.number + 1))
        for key, number in numbers:
            set_failures(connection, key, number, now)


def take_back(connection: Connection, guess: Guess) -> None:
    """The attempt was right: nothing is held against its target, and this one not against its network."""
    (target, _), (network, _) = guess._counted
    forget_failures(connection, target)
    take_back_failure(connection, network)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
