"""A hub that may speak to this machine, with a clock that can be turned, and a receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from actions.hub import Hub
from actions.webhooks.deliver import deliver_announcements
from actions.webhooks.register_webhook import register_webhook
from domain.access import SYSTEM
from domain.webhooks import Event, Webhook
from tests.receiver import Receiver, receiving


@dataclass
class Clock:
    """Tells the time, which the reference package compares with its own; `turn` moves it on."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def turn(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(hub: Hub, clock: Clock) -> Hub:
    settings = replace(hub.settings, webhook_networks="127.0.0.0/8", issuer="https://hub.example.org")
    return replace(hub, settings=settings, clock=clock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def hook(hub: Hub, receiver: Receiver) -> Callable[..., tuple[Webhook, str]]:
    """A function that registers a webhook at the receiver, of nyc and told of everything unless said otherwise."""

    def register(operator: str | None = "nyc", *events: Event, url: str = "") -> tuple[Webhook, str]:
        told = events or (tuple(Event) if operator else (Event.RELEASE_PUBLISHED,))
        return register_webhook(hub, by=SYSTEM, operator=operator, label="Hook", url=url or receiver.url, events=told)

    return register


@pytest.fixture
def deliver(hub: Hub) -> Callable[[], None]:
    """Deliver until nothing is due."""

    def run() -> None:
        while deliver_announcements(hub):
            pass

    return run
