"""Every door says who may come in, and the document says the same."""

import re

import pytest

from api import BLUEPRINTS
from openapi.problems import declared_scopes
from wsgi import create_app

VALUES = {
    "site": "nyc-east",
    "month": "2026-05",
    "release": "2026-07-01.1",
    "earlier": "2026-06-01.1",
    "job": "x",
    "number": "1",
    "name": "x",
    "version": "x",
    "code": "not-found",
    "operator": "nyc",
    "client": "nyc-client",
    "credential": "x",
    "user": "x",
    "webhook": "wh-2f6c0d1e9b8a7f35",
    "what": "OPC_MONTHLY/all",
    "which": "dataflow/all",
}
OUTSIDE_THE_CONTRACT = {"oauth", "api-docs", "docs", "people"}


@pytest.fixture
def app(hub):
    return create_app(hub.settings, hub)


def views(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] not in OUTSIDE_THE_CONTRACT:
            yield rule, app.view_functions[rule.endpoint]


def test_every_view_declares_its_scopes_or_the_word_public(app):
    found = [(rule, view) for rule, view in views(app)]
    assert len(found) > 15
    assert [rule.rule for rule, view in found if "scopes" not in view._apidoc] == []


def test_what_is_documented_is_what_is_enforced(app):
    document = app.test_client().get("/openapi.json").json
    for rule, view in views(app):
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            operation = document["paths"][path][method.lower()]
            documented = [scope for need in operation["security"] for scope in need["oauth2"]]
            assert documented == [scope.value for scope in declared_scopes(view)]


def test_a_secured_door_is_closed_to_strangers(app):
    http = app.test_client()
    for rule, view in views(app):
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: VALUES[found[1]], rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = http.open(path, method=method)
            if declared_scopes(view):
                assert (path, answer.status_code) == (path, 401)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")
            else:
                assert answer.status_code not in (401, 403)


def test_no_answer_is_a_500_for_odd_paths(app):
    http = app.test_client()
    for path in ("/v1/sites/%ff/reports/2026-05", "/v1/releases/9999-99-99.9", "/v1/sites/" + "a" * 5000, "/%00"):
        assert http.get(path).status_code == 404


def test_the_doors_are_all_there(app):
    assert {blueprint.name for blueprint in BLUEPRINTS} <= set(app.blueprints)


def test_callers_are_told_their_limit(app):
    answer = app.test_client().get("/v1/sites")
    assert int(answer.headers["X-RateLimit-Limit"]) >= 600
    assert "Retry-After" not in answer.headers, "nobody is told to wait who need not"
    assert int(answer.headers["X-RateLimit-Remaining"]) < int(answer.headers["X-RateLimit-Limit"])


def test_who_asks_too_often_is_told_when_to_come_back(tmp_path):
    from tests.builders import make_hub

    hub = make_hub(tmp_path, rate_limit="3 per minute")
    http = create_app(hub.settings, hub).test_client()
    codes = [http.get("/v1/sites").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    refused = http.get("/v1/sites")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.content_type == "application/problem+json"
    hub.database.close()
