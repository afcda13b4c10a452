"""The whole way of a token, from consent to its end, on each database that the hub runs on."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actions.hub import Hub
from actions.register_client import register_client
from actions.remove_expired import remove_expired
from auth.endpoints import install_auth
from auth.keys import release_keys
from domain.access import SYSTEM
from openapi.problems import register_problems
from tests.auth.conftest import view_of_either_scope
from tests.auth.flow import CODE_APP, Flow, register
from tests.auth.test_client_assertion import KEYED, TYPE, key, public, sign
from tests.auth.test_code_flow import is_good
from tests.auth.test_server import assert_error
from tests.auth.test_token_queries import API
from tests.people import ANN, Directory


@pytest.fixture
def directory() -> Directory:
    return Directory(signed_in=ANN.id)


@pytest.fixture
def http(hub: Hub, directory: Directory) -> FlaskClient:
    app = Flask("tests")
    app.extensions["crosstally"] = hub
    install_auth(app, hub, release_keys(hub.settings, hub.clock), directory.people)
    register_problems(app, hub.settings.issuer)
    app.add_url_rule("/either", view_func=view_of_either_scope)
    return app.test_client()


def test_consent_leads_to_tokens_that_are_renewed_and_end_together(hub, http, directory):
    flow = Flow(http, directory, register(hub, CODE_APP))
    api = register(hub, API)
    first = flow.tokens()
    assert is_good(flow, first)
    second = flow.refresh(first["refresh_token"]).json
    assert flow.post("/oauth/introspect", api, token=second["access_token"]).json["active"]
    assert_error(flow.refresh(first["refresh_token"]), 400, "invalid_grant")
    assert flow.post("/oauth/introspect", api, token=second["access_token"]).json == {"active": False}
    assert not is_good(flow, first) and not is_good(flow, second)


def test_a_code_is_redeemed_once(hub, http, directory):
    flow = Flow(http, directory, register(hub, CODE_APP))
    code = flow.code()
    tokens = flow.redeem(code).json
    assert_error(flow.redeem(code), 400, "invalid_grant")
    assert not is_good(flow, tokens)


def test_a_token_is_taken_back(hub, http, directory):
    flow = Flow(http, directory, register(hub, CODE_APP))
    tokens = flow.tokens()
    assert flow.post("/oauth/revoke", token=tokens["access_token"]).status_code == 200
    assert not is_good(flow, tokens)
    remove_expired(hub)
    assert not is_good(flow, tokens)


def test_an_assertion_proves_its_client_once(hub, http):
    register_client(hub, by=SYSTEM, client=KEYED, jwks=public(key("P-384")))
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
    form["client_assertion"] = sign({}, algorithm="ES384")
    assert http.post("/oauth/token", data=form).status_code == 200
    assert_error(http.post("/oauth/token", data=form), 401, "invalid_client")
