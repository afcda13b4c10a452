"""The whole application with people in it, at an https address, and a clock that can be moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from actions.hub import Hub
from tests.visitors import Visitor, hash_cheaply
from wsgi import create_app

ISSUER = "https://hub.example.org"


@pytest.fixture
def issuer() -> str:
    """Where the hub is; passkeys need a name and https."""
    return ISSUER


@pytest.fixture
def hub(hub: Hub, issuer: str) -> Hub:
    return replace(hub, settings=replace(hub.settings, issuer=issuer))


@pytest.fixture
def app(hub: Hub) -> Flask:
    return create_app(hub.settings, hub)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def visitors(app: Flask) -> Callable[[], Visitor]:
    """Makes further visitors, each with a browser of their own."""
    return lambda: Visitor(app)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch) -> None:
    hash_cheaply(monkeypatch)
