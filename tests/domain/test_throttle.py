"""Waiting grows, has an end, and is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.throttle import OF_A_NETWORK, OF_AN_ACCOUNT

NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)


def test_a_few_failures_are_free_then_each_costs_twice_as_much():
    seconds = [OF_AN_ACCOUNT.delay(number).total_seconds() for number in range(11)]
    assert seconds == [0, 0, 0, 0, 0, 0, 15, 30, 60, 120, 240]


@pytest.mark.parametrize("throttle", [OF_AN_ACCOUNT, OF_A_NETWORK])
def test_no_number_of_failures_makes_anybody_wait_for_ever(throttle):
    assert throttle.delay(10**9) == throttle.longest < throttle.memory
    assert throttle.waits_until(10**9, NOON) == NOON + throttle.longest


def test_an_account_takes_few_guesses_in_a_year():
    per_day = timedelta(days=1) / OF_AN_ACCOUNT.longest
    assert per_day * 365 < 10_000


def test_failures_are_forgotten_after_a_while():
    assert not OF_AN_ACCOUNT.has_forgotten(NOON, NOON + timedelta(hours=23, minutes=59))
    assert OF_AN_ACCOUNT.has_forgotten(NOON, NOON + timedelta(days=1))
