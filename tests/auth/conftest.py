"""A hub with clients, an application with a secured and a public view, and a clock that can be moved."""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from actions.hub import Hub
from auth.endpoints import install_auth
from auth.guard import current_principal, identify, public, secured
from auth.keys import release_keys
from domain.access import Scope
from openapi.problems import register_problems
from tests.builders import NOON, furnish, make_hub, register_test_clients
from tests.people import ANN, Directory

CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
"""What the server says of a body without Content-Length."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[str, str]]]:
    """A folder with the database of a hub that has clients, to be copied; and their ids and secrets."""
    folder = tmp_path_factory.mktemp("furnished")
    made = furnish(make_hub(folder))
    clients = register_test_clients(made)
    made.database.close()
    return folder, clients


@pytest.fixture
def hub(tmp_path: Path, furnished: tuple, clock: Clock) -> Iterator[Hub]:
    shutil.copytree(furnished[0], tmp_path, dirs_exist_ok=True)
    made = replace(make_hub(tmp_path), clock=clock)
    yield made
    made.database.close()


@pytest.fixture
def clients(furnished: tuple) -> dict[str, tuple[str, str]]:
    """Name -> (client id, secret); `nyc` holds reports:read and reports:write."""
    return furnished[1]


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def app(hub: Hub, directory: Directory) -> Flask:
    made = Flask("tests")
    made.extensions["crosstally"] = hub
    install_auth(made, hub, release_keys(hub.settings, hub.clock), directory.people)
    register_problems(made, hub.settings.issuer)
    made.add_url_rule("/secured", view_func=secured_view)
    made.add_url_rule("/either", view_func=view_of_either_scope)
    made.add_url_rule("/public", view_func=public_view)
    return made


@secured(Scope.REPORTS_READ)
def secured_view():
    caller = current_principal()
    return jsonify(client=caller.id, operator=caller.operator, sites=sorted(caller.sites), scopes=sorted(caller.scopes))


@secured(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
def view_of_either_scope():
    return jsonify(ok=True)


@public
def public_view():
    caller = identify()
    return jsonify(client=caller and caller.id)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


@dataclass(frozen=True)
class TokenDesk:
    """Asks the token endpoint as one of the clients."""

    http: FlaskClient
    clients: dict[str, tuple[str, str]]

    def ask(self, name: str = "nyc", **form: object):
        return self.http.post(
            "/oauth/token", data={"grant_type": "client_credentials", **form}, headers=self.basic(name)
        )

    def basic(self, name: str = "nyc") -> dict[str, str]:
        return basic(*self.clients[name])

    def bearer(self, name: str = "nyc", **form: object) -> dict[str, str]:
        return {"Authorization": "Bearer " + self.ask(name, **form).json["access_token"]}


@pytest.fixture
def desk(http: FlaskClient, clients: dict[str, tuple[str, str]]) -> TokenDesk:
    return TokenDesk(http, clients)


@pytest.fixture
def flow(hub: Hub, http: FlaskClient, directory: Directory):
    """A client that asks people, with ANN signed in."""
    from tests.auth.flow import CODE_APP, Flow, register

    directory.signed_in = ANN.id
    return Flow(http, directory, register(hub, CODE_APP))


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of HTTP Basic, as most clients send it: not form-encoded."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}
