"""A hub whose clock can be moved, on either database."""

from dataclasses import replace

import pytest

from actions.hub import Hub
from tests.auth.conftest import Clock
from tests.visitors import hash_cheaply


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(hub: Hub, clock: Clock) -> Hub:
    return replace(hub, clock=clock)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch) -> None:
    hash_cheaply(monkeypatch)
