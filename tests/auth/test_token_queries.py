"""Taking tokens back (RFC 7009) and asking about them (RFC 7662)."""

from dataclasses import replace

import pytest

from domain.access import Scope
from domain.clients import Client
from store.clients import change_client
from store.tenancy import REGISTRAR
from tests.auth.flow import CODE_APP, register
from tests.auth.test_code_flow import bearer, claims, is_good
from tests.auth.test_server import assert_error
from tests.people import ANN

API = Client("api", "An API", None, frozenset(), frozenset({Scope.DATA_READ}), introspects=True)
RUBBISH = ["x", "a.b.c", "..", "é", "\x00", "null", "a" * 9000]


@pytest.fixture
def api(hub) -> tuple[str, str]:
    """A client that may ask about tokens."""
    return register(hub, API)


@pytest.fixture
def ask(flow, api):
    """What a client that may ask is told about a token."""

    def ask(token: str, **more: str) -> dict:
        answer = flow.post("/oauth/introspect", api, token=token, **more)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        return answer.json

    return ask


class TestRevocation:
    def test_an_access_token_is_taken_back_and_it_alone(self, flow):
        first = flow.tokens()
        second = flow.refresh(first["refresh_token"]).json
        answer = flow.post("/oauth/revoke", token=first["access_token"])
        assert (answer.status_code, answer.json) == (200, {})
        assert not is_good(flow, first)
        assert is_good(flow, second)
        assert flow.refresh(second["refresh_token"]).status_code == 200

    def test_a_refresh_token_is_taken_back_with_all_of_its_grant(self, flow):
        first = flow.tokens()
        second = flow.refresh(first["refresh_token"]).json
        assert flow.post("/oauth/revoke", token=second["refresh_token"]).status_code == 200
        assert not is_good(flow, first) and not is_good(flow, second)
        assert_error(flow.refresh(second["refresh_token"]), 400, "invalid_grant")

    def test_a_token_of_a_client_for_itself_is_taken_back(self, flow, desk, clients):
        tokens = desk.ask().json
        assert flow.http.get("/secured", headers=bearer(tokens)).status_code == 200
        assert flow.post("/oauth/revoke", clients["nyc"], token=tokens["access_token"]).status_code == 200
        assert flow.http.get("/secured", headers=bearer(tokens)).status_code == 401

    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("hint", ["access_token", "refresh_token", "something", "é"])
    def test_a_hint_may_be_wrong(self, flow, kind, hint):
        tokens = flow.tokens()
        assert flow.post("/oauth/revoke", token=tokens[kind], token_type_hint=hint).status_code == 200
        assert not is_good(flow, tokens)

    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_nobody_takes_back_the_token_of_another(self, flow, clients, kind):
        tokens = flow.tokens()
        assert_error(flow.post("/oauth/revoke", clients["nyc"], token=tokens[kind]), 400, "invalid_grant")
        assert is_good(flow, tokens)

    @pytest.mark.parametrize("token", RUBBISH)
    def test_what_is_no_token_is_revoked_already(self, flow, token):
        assert flow.post("/oauth/revoke", token=token).status_code == 200

    def test_twice_is_as_good_as_once(self, flow):
        tokens = flow.tokens()
        for kind in ("access_token", "access_token", "refresh_token", "refresh_token"):
            assert flow.post("/oauth/revoke", token=tokens[kind]).status_code == 200

    def test_an_expired_token_is_revoked_already(self, flow, clock):
        tokens = flow.tokens()
        clock.forward(hours=1)
        assert flow.post("/oauth/revoke", token=tokens["access_token"]).status_code == 200


class TestIntrospection:
    def test_it_tells_what_a_good_access_token_is_for(self, flow, ask, hub):
        tokens = flow.tokens(scope="reports:review")
        told = claims(tokens["access_token"])
        assert ask(tokens["access_token"]) == {
            "active": True,
            "scope": "reports:review",
            "client_id": "desk-app",
            "token_type": "Bearer",
            "sub": "user:ann",
            "iss": hub.settings.issuer,
            "aud": hub.settings.issuer,
            **{name: told[name] for name in ("jti", "iat", "exp")},
        }

    def test_it_tells_what_a_good_refresh_token_is_for(self, flow, ask):
        told = ask(flow.tokens(scope="reports:review")["refresh_token"])
        assert (told["active"], told["client_id"], told["sub"]) == (True, "desk-app", "user:ann")
        assert "token_type" not in told

    def test_it_tells_of_a_client_for_itself(self, ask, desk):
        told = ask(desk.ask(scope="reports:read").json["access_token"])
        assert (told["sub"], told["scope"]) == ("nyc-client", "reports:read")

    @pytest.mark.parametrize("token", RUBBISH)
    def test_what_is_no_token_is_not_active(self, ask, token):
        assert ask(token) == {"active": False}

    @pytest.mark.parametrize("hint", ["refresh_token", "nonsense"])
    def test_a_hint_may_be_wrong(self, flow, ask, hint):
        assert ask(flow.tokens()["access_token"], token_type_hint=hint)["active"]

    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("end", ["time", "revocation", "replay", "client", "person"])
    def test_a_token_that_has_ended_is_not_active(self, flow, ask, hub, clock, kind, end):
        tokens = flow.tokens()
        if end == "time":
            clock.forward(days=14)
        elif end == "revocation":
            flow.post("/oauth/revoke", token=tokens[kind])
        elif end == "replay":
            flow.refresh(tokens["refresh_token"])
            flow.refresh(tokens["refresh_token"])
        elif end == "client":
            with hub.database.write(REGISTRAR) as connection:
                change_client(connection, "desk-app", disabled=True)
        else:
            del flow.directory.persons[ANN.id]
        assert ask(tokens[kind]) == {"active": False}

    def test_what_the_client_no_longer_has_is_not_told_of_its_tokens(self, flow, ask, hub):
        tokens = flow.tokens(scope="releases:publish reports:review")
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", scopes=frozenset({Scope.REPORTS_REVIEW}))
        assert ask(tokens["access_token"])["scope"] == "reports:review"

    def test_a_client_may_not_ask_unless_it_is_allowed_to_even_about_its_own(self, flow):
        tokens = flow.tokens()
        assert_error(flow.post("/oauth/introspect", token=tokens["access_token"]), 403, "access_denied")


class TestBoth:
    """What is asked of every request about a token."""

    endpoints = pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])

    @endpoints
    def test_the_client_proves_who_it_is(self, flow, path):
        assert_error(flow.http.post(path, data={"token": "x"}), 401, "invalid_client")
        assert_error(flow.post(path, ("desk-app", "wrong"), token="x"), 401, "invalid_client")

    @endpoints
    @pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic \xff\xfe", "Basic /////w==", "Bearer x", ""])
    def test_a_malformed_proof_is_none(self, flow, path, header):
        answer = flow.http.post(path, data={"token": "x"}, headers={"Authorization": header})
        assert_error(answer, 401, "invalid_client")

    @endpoints
    def test_a_large_body_is_refused(self, flow, api, path):
        assert_error(flow.post(path, api, token="a" * 20_000), 413, "invalid_request")

    @endpoints
    def test_a_token_is_needed(self, flow, api, path):
        for form in ({}, {"token": ""}):
            assert_error(flow.post(path, api, **form), 400, "invalid_request")

    @endpoints
    def test_one_token_is_enough(self, flow, api, path):
        assert_error(flow.post(path, api, token=["x", "y"]), 400, "invalid_request")

    @endpoints
    def test_a_token_in_the_url_is_refused(self, flow, api, path):
        assert_error(flow.post(f"{path}?token=x", api, token="x"), 400, "invalid_request")

    @endpoints
    def test_two_client_authentications_are_refused(self, flow, api, path):
        assert_error(flow.post(path, api, token="x", client_secret="x"), 400, "invalid_request")

    @endpoints
    def test_another_method_is_told_the_right_one(self, flow, path):
        answer = flow.http.get(path)
        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]


def test_a_token_ends_for_both_clients_of_two_apps_apart(flow, hub):
    other = replace(flow, credentials=register(hub, replace(CODE_APP, id="other-app")))
    mine, others = flow.tokens(), other.tokens()
    flow.post("/oauth/revoke", token=mine["refresh_token"])
    assert not is_good(flow, mine)
    assert is_good(flow, others)
