"""A small application behind the real guard: a secured view with a body, public views with queries and paths."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate

from auth.endpoints import install_auth
from auth.guard import current_principal, public, secured
from auth.keys import release_keys
from domain.access import Scope
from domain.refusals import WrongState
from openapi.api import Api
from openapi.blueprint import Blueprint
from tests.builders import furnish, make_hub, register_test_clients
from tests.people import Directory

SMALL = 300  # bytes, the limit of the body of POST /v1/things/...


class PartSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(max=5))
    size = fields.Integer(strict=True, allow_none=False)


class ThingSchema(Schema):
    label = fields.String(required=True)
    parts = fields.List(fields.Nested(PartSchema))


class OptionsSchema(Schema):
    dry = fields.Boolean(load_default=False)


class ThingQuerySchema(Schema):
    period = fields.String(validate=validate.Regexp("^[0-9]{4}$"))
    city = fields.List(fields.String())


def make_app(folder: Path) -> Flask:
    hub = furnish(make_hub(folder))
    app = Flask("tests")
    app.extensions["crosstally"] = hub
    api = Api(app, hub.settings)
    install_auth(app, hub, release_keys(hub.settings), Directory().people)
    api.register_blueprint(make_blueprint())
    return app


def make_blueprint() -> Blueprint:
    things = Blueprint("things", "things", url_prefix="/v1", description="Things.")

    @things.route("/things/<slug:site>/<month:month>", methods=["PUT"])
    @secured(Scope.REPORTS_WRITE)
    @things.arguments(ThingSchema, max_bytes=SMALL)
    @things.response(200, ThingSchema)
    @things.refuses(WrongState)
    def put_thing(thing: dict, site: str, month: object) -> dict:
        """Put a thing"""
        assert current_principal().id
        return {**thing, "label": f"{thing['label']} {site} {month!r}"}

    @things.route("/things/<slug:site>/<month:month>")
    @secured(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
    @things.response(200, ThingSchema)
    def get_thing(site: str, month: object) -> dict:
        """A thing"""
        return {"label": site}

    @things.route("/things")
    @public
    @things.arguments(ThingQuerySchema, location="query")
    @things.response(200, ThingSchema(only=["label"]))
    def get_things(query: dict) -> dict:
        """The things"""
        return {"label": f"{query.get('city')} {query.get('period')}"}

    @things.route("/options", methods=["POST"])
    @public
    @things.arguments(OptionsSchema, required=False)
    @things.response(200, OptionsSchema)
    def post_options(options: dict) -> dict:
        """Options that need not be sent"""
        return options

    @things.route("/releases/<release:release>/<name:name>")
    @public
    @things.response(200, ThingSchema)
    def get_file(release: str, name: str) -> dict:
        """A file"""
        return {"label": f"{release} {name}"}

    @things.route("/bug")
    @public
    @things.response(200, ThingSchema)
    def get_bug() -> dict:
        """A bug whose words hold a count"""
        try:
            raise KeyError("4711 participants")
        except KeyError as error:
            raise ValueError("4711 is odd") from error

    return things


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("hub"))
    yield made
    made.extensions["crosstally"].database.close()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def bearer_of(app: Flask) -> Callable[[str], dict[str, str]]:
    """The header of a client with a token for all that it holds."""
    clients = register_test_clients(app.extensions["crosstally"])

    def header(name: str) -> dict[str, str]:
        form = {"grant_type": "client_credentials"}
        answer = app.test_client().post("/oauth/token", data=form, auth=clients[name])
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    return header


@pytest.fixture(scope="session")
def bearer(bearer_of: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """The header of an operator's client, which may write and read reports."""
    return bearer_of("nyc")
