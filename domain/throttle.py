"""How long somebody who guessed wrong has to wait: longer each time, never for ever.

Failures are counted by what is guessed at and by where guesses come from. Waiting is not extended by asking again,
and failures are forgotten after a while, so that nobody is kept out for good by the guesses of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Throttle:
    """`free` failures cost nothing; the next one costs `first`, and each further one twice as much, up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta

    def delay(self, failures: int) -> timedelta:
        """How long to wait after so many failures in a row."""
        beyond = failures - self.free
        if beyond <= 0:
            return timedelta()
        return min(self.first * 2 ** min(beyond - 1, 32), self.longest)

    def waits_until(self, failures: int, last: datetime) -> datetime:
        """When the next attempt is heard."""
        return last + self.delay(failures)

    def has_forgotten(self, last: datetime, now: datetime) -> bool:
        """Whether the last failure was so long ago that counting starts again."""
        return now - last >= self.memory


OF_AN_ACCOUNT = Throttle(5, timedelta(seconds=15), timedelta(hours=1), timedelta(days=1))
OF_A_NETWORK = Throttle(30, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
