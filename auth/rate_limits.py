"""How many requests everybody may make, counted in the memory of this process.

    limits = Limits("600 per minute", InProcessCounts())
    limits.count(caller, door).is_exceeded

The library's own memory starts a thread after almost every request, to forget what has expired. This one forgets when
it has grown.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from limits import parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

IN_PROCESS = "in-process://"


@dataclass(frozen=True)
class Standing:
    """Where a caller stands with a limit, the request at hand counted; `ends` is when the window does, in seconds."""

    limit: int
    remaining: int
    ends: int
    is_exceeded: bool

    @property
    def headers(self) -> dict[str, str]:
        """What every answer tells of it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.ends),
        }

    @property
    def retry_after(self) -> str:
        """Seconds until it is worth trying again."""
        return str(max(1, int(self.ends - time.time())))


class Limits:
    """So many requests in so much time, in the words of a setting: `600 per minute; 10000 per day`."""

    def __init__(self, words: str, counts: Storage) -> None:
        self._rates = sorted(parse_many(words))
        self._windows = FixedWindowRateLimiter(counts)

    def count(self, *what: str) -> Standing:
        """Count a request; answers the first limit that it exceeds, or else the shortest."""
        standings = []
        for rate in self._rates:
            is_within = self._windows.hit(rate, *what)
            ends, remaining = self._windows.get_window_stats(rate, *what)
            standings.append(Standing(rate.amount, remaining, int(ends) + 1, not is_within))
            if not is_within:
                break
        return standings[-1] if standings[-1].is_exceeded else standings[0]


class _Window(NamedTuple):
    requests: int
    ends: float


class InProcessCounts(Storage):
    """Counts in fixed windows of time, each of which begins with its first request."""

    STORAGE_SCHEME = ["in-process"]
    _FEW = 1000

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._windows: dict[str, _Window] = {}
        self._forget_at = self._FEW
        self._lock = Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in the window of the key or in a new one; answers the count."""
        with self._lock:
            window = self._window(key, expiry)
            self._windows[key] = window = _Window(window.requests + amount, window.ends)
            if len(self._windows) > self._forget_at:
                self._forget()
        return window.requests

    def get(self, key: str) -> int:
        """The count of the key's window; 0 where it has none."""
        return self._window(key).requests

    def get_expiry(self, key: str) -> float:
        """When the window of the key ends; now where it has none."""
        return self._window(key).ends

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything; answers how many windows there were."""
        with self._lock:
            forgotten = len(self._windows)
            self._windows.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget the window of the key."""
        self._windows.pop(key, None)

    def _window(self, key: str, seconds: float = 0.0) -> _Window:
        now, window = time.time(), self._windows.get(key)
        return window if window and window.ends > now else _Window(0, now + seconds)

    def _forget(self) -> None:
        now = time.time()
        self._windows = {key: window for key, window in self._windows.items() if window.ends > now}
        self._forget_at = max(self._FEW, 2 * len(self._windows))
