"""Who gets through the guard, and what the others are told."""

import json

import pytest

from actions.authenticate_client import find_client
from auth.callers import find_caller
from auth.guard import identify, public, secured
from auth.keys import token_keys
from auth.tokens import issue_token
from domain.access import Scope
from openapi.problems import declared_scopes
from store.access_tables import client_credentials
from store.tables import clients as clients_table
from store.tenancy import REGISTRAR
from tests.auth.conftest import public_view, secured_view, view_of_either_scope


def challenge(scope: str, error: str = "") -> str:
    parameters = {"realm": "crosstally", "error": error, "scope": scope}
    return "Bearer " + ", ".join(f"{name}=" + json.dumps(value) for name, value in parameters.items() if value)


def assert_challenged(answer, error: str = "invalid_token", scopes=("reports:read",)) -> None:
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == ", ".join(challenge(scope, error) for scope in scopes)


def test_a_good_token_gets_through_as_its_client(http, desk):
    answer = http.get("/secured", headers=desk.bearer())
    assert answer.json == {
        "client": "nyc-client",
        "operator": "nyc",
        "sites": ["nyc-east", "nyc-north"],
        "scopes": ["reports:read", "reports:write"],
    }


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_has_no_case(http, desk, scheme):
    token = desk.ask().json["access_token"]
    assert http.get("/secured", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


def test_no_token_is_challenged_without_an_error_code(http):
    assert_challenged(http.get("/secured"), error="")
    assert_challenged(http.get("/either"), error="", scopes=("reports:read", "reports:review"))


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Token abc", "\xff\xfe"])
def test_another_scheme_is_no_token(http, header):
    assert_challenged(http.get("/secured", headers={"Authorization": header}), error="")


@pytest.mark.parametrize("token", ["", " ", "x", "a.b.c", "\xe9\xe9", "a" * 9000, "..", "null"])
def test_a_token_that_is_none_is_invalid(http, token):
    assert_challenged(http.get("/secured", headers={"Authorization": f"Bearer {token}"}))


def test_a_token_in_the_url_or_the_body_is_not_looked_at(http, desk):
    token = desk.ask().json["access_token"]
    assert_challenged(http.get(f"/secured?access_token={token}"), error="")


def test_a_token_without_the_scope_is_told_which_one(http, desk):
    answer = http.get("/secured", headers=desk.bearer(scope="reports:write"))
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == challenge("reports:read", "insufficient_scope")


def test_one_of_several_scopes_is_enough(http, desk):
    assert http.get("/either", headers=desk.bearer("nyc")).status_code == 200
    assert http.get("/either", headers=desk.bearer("steward")).status_code == 200
    refused = http.get("/either", headers=desk.bearer("nyc", scope="reports:write"))
    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"].count("insufficient_scope") == 2


def test_a_token_expires(http, desk, clock):
    header = desk.bearer()
    clock.forward(seconds=899)
    assert http.get("/secured", headers=header).status_code == 200
    clock.forward(seconds=1)
    assert_challenged(http.get("/secured", headers=header))


@pytest.mark.parametrize(
    "change", [{"disabled": True}, {"expires_at": "now"}, {"id": "somebody-else"}], ids=["disabled", "expired", "gone"]
)
def test_a_token_ends_with_its_client(http, desk, hub, change):
    header = desk.bearer()
    change = {name: hub.clock() if value == "now" else value for name, value in change.items()}
    with hub.database.write(REGISTRAR) as connection:
        connection.execute(client_credentials.delete())
        connection.execute(clients_table.update().where(clients_table.c.id == "nyc-client").values(**change))
    assert_challenged(http.get("/secured", headers=header))


def test_a_scope_taken_from_the_client_is_taken_from_its_tokens(http, desk, hub):
    header = desk.bearer()
    with hub.database.write(REGISTRAR) as connection:
        connection.execute(
            clients_table.update().where(clients_table.c.id == "nyc-client").values(scopes=["reports:write"])
        )
    assert http.get("/secured", headers=header).status_code == 403


def test_a_scope_given_to_the_client_is_not_given_to_its_tokens(http, desk, hub):
    header = desk.bearer(scope="reports:write")
    assert find_client(hub, "nyc-client").scopes == {Scope.REPORTS_READ, Scope.REPORTS_WRITE}
    assert http.get("/secured", headers=header).status_code == 403


def test_a_token_outlives_a_rotation_of_the_keys_but_not_the_overlap(http, desk, hub, clock):
    ring = token_keys(hub.settings, clock)
    old = ring.signing_key
    header = desk.bearer()
    ring.rotate()
    assert http.get("/secured", headers=header).status_code == 200
    assert http.get("/secured", headers=desk.bearer()).status_code == 200
    clock.forward(minutes=17)
    kept_secretly = issue_token(
        old, issuer=hub.settings.issuer, client_id="nyc-client", scope="reports:read", now=clock(), lifetime=900
    )
    assert_challenged(http.get("/secured", headers={"Authorization": f"Bearer {kept_secretly}"}))


def test_a_token_of_a_client_that_never_was_is_refused(http, desk, hub, clock):
    token = issue_token(
        token_keys(hub.settings).signing_key,
        issuer=hub.settings.issuer,
        client_id="nobody\x00",
        scope="reports:read",
        now=clock(),
        lifetime=900,
    )
    assert_challenged(http.get("/secured", headers={"Authorization": f"Bearer {token}"}))


def test_a_public_view_lets_everybody_in_and_knows_who_is_known(http, desk):
    assert http.get("/public").json == {"client": None}
    assert http.get("/public", headers={"Authorization": "Bearer rubbish"}).json == {"client": None}
    assert http.get("/public", headers=desk.bearer()).json == {"client": "nyc-client"}


def test_the_header_is_read_once_in_a_request(app, desk, monkeypatch):
    reads = []
    app.before_request(lambda: identify() and None)  # as a rate limit does
    header = desk.bearer()
    monkeypatch.setattr("auth.guard.find_caller", lambda *of: reads.append(of[2].client_id) or find_caller(*of))
    assert desk.http.get("/secured", headers=header).status_code == 200
    assert reads == ["nyc-client"]


def test_what_is_enforced_is_what_is_documented():
    scopes = (Scope.DATA_READ, Scope.AUDIT_READ)
    assert declared_scopes(secured(*scopes)(lambda: None)) == scopes
    assert declared_scopes(secured_view) == (Scope.REPORTS_READ,)
    assert declared_scopes(view_of_either_scope) == (Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
    assert declared_scopes(public_view) == ()


def test_a_view_keeps_what_else_was_noted_about_it():
    def view():
        """Say something."""

    view._apidoc = {"arguments": 1}
    guarded = secured(Scope.DATA_READ)(view)
    assert guarded._apidoc == {"arguments": 1, "scopes": (Scope.DATA_READ,)}
    assert view._apidoc == {"arguments": 1}
    assert guarded.__doc__ == "Say something."


def test_a_view_cannot_say_twice_who_may_call_it():
    for again in (public, secured(Scope.DATA_READ)):
        with pytest.raises(TypeError, match="says twice"):
            again(secured_view)


def test_secured_by_nothing_is_a_mistake():
    with pytest.raises(TypeError, match="is public"):
        secured()
