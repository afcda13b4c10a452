"""Requests are counted in windows of time, and what has ended takes no room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from auth import rate_limits
from auth.rate_limits import IN_PROCESS, InProcessCounts


class Time:
    """A clock that is put where a test wants it."""

    def __init__(self, at: float) -> None:
        self.at = at

    def time(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch) -> Time:
    clock = Time(1000.0)
    monkeypatch.setattr(rate_limits, "time", clock)
    return clock


def test_a_window_begins_with_its_first_request_and_ends(clock):
    counts = InProcessCounts()
    assert [counts.incr("a", 60), counts.incr("a", 60), counts.incr("b", 60)] == [1, 2, 1]
    clock.at += 59.9
    assert (counts.get("a"), counts.get_expiry("a")) == (2, 1060)
    clock.at += 0.1
    assert (counts.get("a"), counts.incr("a", 60), counts.get_expiry("a")) == (0, 1, 1120)


def test_what_has_ended_is_forgotten_and_what_has_not_is_kept(clock):
    counts = InProcessCounts()
    counts.incr("kept", 10_000)
    for number in range(5000):
        clock.at += 1
        counts.incr(f"address:{number}", 60)
    assert len(counts._windows) <= counts._FEW
    assert counts.get("kept") == 1


def test_it_limits_as_the_memory_of_the_library_does():
    rate = parse("3 per minute")
    ours, theirs = (FixedWindowRateLimiter(storage) for storage in (storage_from_string(IN_PROCESS), MemoryStorage()))
    for key in "abaabaaabb":
        assert ours.hit(rate, key) == theirs.hit(rate, key)
        assert ours.get_window_stats(rate, key).remaining == theirs.get_window_stats(rate, key).remaining


def test_no_request_is_counted_twice_or_left_out():
    counts = InProcessCounts()
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda _: counts.incr("a", 60), range(400))) == list(range(1, 401))


def test_it_is_emptied():
    counts = InProcessCounts()
    assert counts.incr("a", 60) == counts.incr("b", 60) == 1
    counts.clear("a")
    assert (counts.get("a"), counts.get("b"), counts.reset(), counts.get("b"), counts.check()) == (0, 1, 1, 0, True)
