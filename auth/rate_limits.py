"""Where the limiter counts requests: in the memory of this process.

The limiter's own memory starts a thread after almost every request, to forget what has expired, which costs as much as
a quarter of a submit. This one forgets when it has grown.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import NamedTuple

from limits.storage import Storage

IN_PROCESS = "in-process://"


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
