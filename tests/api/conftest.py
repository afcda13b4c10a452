"""The whole application in one process, with real tokens."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from actions.hub import Hub
from actions.run_job import run_next_job
from tests.builders import furnished_hub, register_test_clients
from wsgi import create_app


class Door:
    """A caller of the API: answers of the test client, with the caller's token."""

    def __init__(self, http: FlaskClient, token: str | None = None) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, headers: dict | None = None, **kwargs: Any) -> TestResponse:
        return self.http.open(path, method=method, headers={**self.headers, **(headers or {})}, **kwargs)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = furnished_hub(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def http(hub: Hub) -> FlaskClient:
    return create_app(hub.settings, hub).test_client()


@pytest.fixture
def clients(hub: Hub) -> dict[str, tuple[str, str]]:
    """The id and the secret of `nyc`, `ri`, `sf`, `steward` and `researcher`."""
    return register_test_clients(hub)


@pytest.fixture
def doors(clients: dict[str, tuple[str, str]], http: FlaskClient) -> Callable[[str], Door]:
    """A door for `nyc`, `ri`, `sf`, `steward`, `researcher`, or `nobody`."""
    return partial(door_of, http, clients)


def door_of(http: FlaskClient, clients: dict[str, tuple[str, str]], name: str) -> Door:
    """The door of one of these clients, with a token of theirs, or of `nobody`."""
    if name == "nobody":
        return Door(http)
    basic = b64encode(":".join(clients[name]).encode()).decode()
    answer = http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    )
    return Door(http, answer.json["access_token"])


@pytest.fixture
def work(hub: Hub) -> Callable[[], None]:
    """Do every job that waits."""

    def run() -> None:
        while run_next_job(hub):
            pass

    return run
