"""Codes and refresh tokens: each good once, for one client, and what comes of a second time."""

import json
import logging
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from actions.revoke_access import revoke_grant
from domain.access import OPERATOR_SCOPES, Principal, Role, Scope
from store.clients import change_client
from store.grants import grant_by_id
from store.tenancy import REGISTRAR
from tests.auth.flow import BACK, CODE_APP, VERIFIER, register
from tests.auth.test_server import assert_error
from tests.people import ANN, BEA


def claims(token: str) -> dict:
    return json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))


def bearer(tokens: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def is_good(flow, tokens: dict) -> bool:
    """Whether the hub still takes the access token; `/either` asks for reports:read or reports:review."""
    return flow.http.get("/either", headers=bearer(tokens)).status_code == 200


@pytest.fixture
def other(flow, hub) -> tuple[str, str]:
    """Another client that asks people."""
    return register(hub, replace(CODE_APP, id="other-app"))


def test_a_code_becomes_tokens_for_the_person(flow):
    answer = flow.redeem(flow.code(scope="reports:review"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {**answer.json, "access_token": "", "refresh_token": ""} == {
        "token_type": "Bearer",
        "access_token": "",
        "refresh_token": "",
        "expires_in": 900,
        "scope": "reports:review",
    }
    told = claims(answer.json["access_token"])
    assert (told["sub"], told["client_id"], told["scope"]) == ("user:ann", "desk-app", "reports:review")
    assert told["exp"] - told["iat"] == 900


def test_the_token_acts_as_the_person_with_what_the_token_says(flow):
    tokens = flow.tokens(BEA.id, scope="reports:read")
    seen = flow.http.get("/secured", headers=bearer(tokens)).json
    assert seen == {
        "client": "user:bea",
        "operator": "nyc",
        "sites": ["nyc-east", "nyc-north"],
        "scopes": ["reports:read"],
    }


def test_a_client_bound_to_sites_acts_for_those_of_them_that_are_the_persons(flow, hub):
    with hub.database.write(REGISTRAR) as connection:
        change_client(connection, "desk-app", operator="nyc", sites=frozenset({"nyc-east"}))
    tokens = flow.tokens(BEA.id, scope="reports:read")
    assert flow.http.get("/secured", headers=bearer(tokens)).json["sites"] == ["nyc-east"]


class TestTheCode:
    def test_it_is_good_for_a_minute(self, flow, clock):
        late, in_time = flow.code(), flow.code()
        clock.forward(seconds=59)
        assert flow.redeem(in_time).status_code == 200
        clock.forward(seconds=1)
        assert_error(flow.redeem(late), 400, "invalid_grant")

    def test_a_second_time_it_is_refused_and_what_it_gave_is_taken_back(self, flow):
        code = flow.code()
        tokens = flow.redeem(code).json
        assert is_good(flow, tokens)
        assert_error(flow.redeem(code), 400, "invalid_grant")
        assert not is_good(flow, tokens)
        assert_error(flow.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    def test_a_replay_after_it_expired_is_still_one(self, flow, clock):
        code = flow.code()
        tokens = flow.redeem(code).json
        clock.forward(minutes=10)
        assert_error(flow.redeem(code), 400, "invalid_grant")
        assert not is_good(flow, tokens)

    def test_of_two_at_once_one_is_refused_and_nothing_stays_good(self, app, flow):
        code = flow.code()
        with ThreadPoolExecutor(2) as pool:
            redeem = lambda _: replace(flow, http=app.test_client()).redeem(code)  # noqa: E731
            answers = list(pool.map(redeem, range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 400]
        (given,) = [answer.json for answer in answers if answer.status_code == 200]
        assert not is_good(flow, given)

    def test_another_client_cannot_redeem_it_nor_spoil_it(self, flow, other):
        code = flow.code()
        assert_error(replace(flow, credentials=other).redeem(code), 400, "invalid_grant")
        tokens = flow.redeem(code).json
        assert_error(replace(flow, credentials=other).redeem(code), 400, "invalid_grant")
        assert is_good(flow, tokens)

    @pytest.mark.parametrize(
        "uri", [None, "", "https://app.example/back", "http://127.0.0.1:9000/back", BACK + "#x", "é"]
    )
    def test_the_redirect_uri_is_the_one_that_was_asked_with(self, flow, uri):
        assert_error(flow.redeem(flow.code(), redirect_uri=uri), 400, "invalid_grant")

    @pytest.mark.parametrize("code", ["x", "a" * 43, "é", "\x00", "a" * 10_000])
    def test_one_that_was_never_given_is_refused(self, flow, code):
        assert_error(flow.redeem(code), 400, "invalid_grant")

    @pytest.mark.parametrize("code", [None, ""])
    def test_none_is_an_invalid_request(self, flow, code):
        assert_error(flow.redeem(code), 400, "invalid_request")

    def test_it_is_not_redeemed_without_the_client_proving_who_it_is(self, flow):
        form = {"grant_type": "authorization_code", "code": flow.code(), "redirect_uri": BACK}
        answer = flow.http.post("/oauth/token", data={**form, "client_id": "desk-app", "code_verifier": VERIFIER})
        assert_error(answer, 401, "invalid_client")

    def test_a_client_that_asks_nobody_redeems_nothing(self, flow, clients):
        stranger = replace(flow, credentials=clients["nyc"])
        assert_error(stranger.redeem(flow.code()), 400, "unauthorized_client")
        assert_error(stranger.refresh("x"), 400, "unauthorized_client")

    def test_the_person_may_be_gone_when_it_is_redeemed(self, flow):
        code = flow.code()
        del flow.directory.persons[ANN.id]
        assert_error(flow.redeem(code), 400, "invalid_grant")

    def test_the_person_may_hold_less_when_it_is_redeemed(self, flow):
        code = flow.code()
        flow.directory.persons[ANN.id] = Principal(ANN.id, Role.RELEASE_OFFICER.scopes)
        assert_error(flow.redeem(code), 400, "invalid_scope")


class TestTheProofKey:
    @pytest.mark.parametrize("verifier", ["a" * 43, VERIFIER + "x", VERIFIER.upper()])
    def test_a_wrong_one_is_refused(self, flow, verifier):
        assert_error(flow.redeem(flow.code(), code_verifier=verifier), 400, "invalid_grant")

    @pytest.mark.parametrize("verifier", [None, "", "short", "a" * 129, "é" * 43, "\x00" * 43])
    def test_none_or_a_malformed_one_is_an_invalid_request(self, flow, verifier):
        assert_error(flow.redeem(flow.code(), code_verifier=verifier), 400, "invalid_request")

    def test_the_challenge_itself_is_no_proof(self, flow):
        from tests.auth.flow import CHALLENGE

        assert_error(flow.redeem(flow.code(), code_verifier=CHALLENGE), 400, "invalid_grant")


class TestTheRefreshToken:
    def test_it_gives_a_new_one_and_a_token_of_the_same_scope(self, flow):
        first = flow.tokens(scope="releases:publish reports:review")
        second = flow.refresh(first["refresh_token"]).json
        assert second["scope"] == "releases:publish reports:review"
        assert second["refresh_token"] != first["refresh_token"]
        assert is_good(flow, first) and is_good(flow, second)
        assert flow.refresh(second["refresh_token"]).status_code == 200

    def test_a_second_time_it_ends_its_whole_family(self, flow):
        first = flow.tokens()
        second = flow.refresh(first["refresh_token"]).json
        assert_error(flow.refresh(first["refresh_token"]), 400, "invalid_grant")
        assert_error(flow.refresh(second["refresh_token"]), 400, "invalid_grant")
        assert not is_good(flow, first) and not is_good(flow, second)

    def test_a_family_that_ended_takes_no_other_with_it(self, flow):
        ended, other = flow.tokens(), flow.tokens()
        flow.refresh(ended["refresh_token"])
        flow.refresh(ended["refresh_token"])
        assert is_good(flow, other)
        assert flow.refresh(other["refresh_token"]).status_code == 200

    def test_less_may_be_asked_for_and_later_all_again(self, flow):
        first = flow.tokens(scope="releases:publish reports:review")
        second = flow.refresh(first["refresh_token"], scope="reports:review").json
        assert second["scope"] == "reports:review"
        assert flow.refresh(second["refresh_token"]).json["scope"] == "releases:publish reports:review"

    @pytest.mark.parametrize("scope", ["releases:publish", "reports:review releases:publish", "x", " ", "é"])
    def test_more_may_not_be_asked_for_and_the_token_stays_good(self, flow, scope):
        first = flow.tokens(scope="reports:review")
        assert_error(flow.refresh(first["refresh_token"], scope=scope), 400, "invalid_scope")
        assert flow.refresh(first["refresh_token"]).status_code == 200

    def test_another_client_cannot_use_it_nor_spoil_it(self, flow, other):
        tokens = flow.tokens()
        assert_error(replace(flow, credentials=other).refresh(tokens["refresh_token"]), 400, "invalid_grant")
        assert flow.refresh(tokens["refresh_token"]).status_code == 200

    def test_it_lasts_fourteen_days_and_the_grant_ninety(self, flow, clock):
        late, tokens = flow.tokens(), flow.tokens()
        for _ in range(7):
            clock.forward(days=13)
            answer = flow.refresh(tokens["refresh_token"])
            if clock.now < flow_end(flow, tokens):
                tokens = answer.json
        assert_error(answer, 400, "invalid_grant")
        assert_error(flow.refresh(late["refresh_token"]), 400, "invalid_grant")

    @pytest.mark.parametrize("token", ["x", "é", "\x00", "a" * 10_000])
    def test_one_that_was_never_given_is_refused(self, flow, token):
        assert_error(flow.refresh(token), 400, "invalid_grant")

    def test_none_is_an_invalid_request(self, flow):
        assert_error(flow.token(grant_type="refresh_token"), 400, "invalid_request")

    def test_an_access_token_is_none(self, flow):
        assert_error(flow.refresh(flow.tokens()["access_token"]), 400, "invalid_grant")

    def test_it_ends_with_the_person(self, flow):
        tokens = flow.tokens()
        del flow.directory.persons[ANN.id]
        assert_error(flow.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    def test_what_the_person_no_longer_holds_is_refused_and_not_left_out(self, flow):
        tokens = flow.tokens(scope="releases:publish reports:review")
        flow.directory.persons[ANN.id] = Principal(ANN.id, Role.RELEASE_OFFICER.scopes)
        assert_error(flow.refresh(tokens["refresh_token"]), 400, "invalid_scope")
        assert flow.refresh(tokens["refresh_token"], scope="releases:publish").status_code == 200


def flow_end(flow, tokens):
    hub = flow.http.application.extensions["crosstally"]
    with hub.database.read(REGISTRAR) as connection:
        return grant_by_id(connection, claims(tokens["access_token"])["grant_id"]).expires_at


class TestAccessStops:
    """With the next request, whatever ended it."""

    def test_with_the_person(self, flow):
        tokens = flow.tokens()
        del flow.directory.persons[ANN.id]
        assert not is_good(flow, tokens)

    def test_with_the_scope_of_the_person(self, flow):
        tokens = flow.tokens()
        flow.directory.persons[ANN.id] = Principal(ANN.id, Role.RELEASE_OFFICER.scopes)
        assert flow.http.get("/either", headers=bearer(tokens)).status_code == 403

    def test_with_the_scope_of_the_client(self, flow, hub):
        tokens = flow.tokens()
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", scopes=OPERATOR_SCOPES)
        assert flow.http.get("/either", headers=bearer(tokens)).status_code == 403

    def test_with_the_client(self, flow, hub):
        tokens = flow.tokens()
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", disabled=True)
        assert not is_good(flow, tokens)

    def test_with_the_grant(self, flow, hub):
        tokens = flow.tokens()
        with hub.database.read(REGISTRAR) as connection:
            grant = grant_by_id(connection, claims(tokens["access_token"])["grant_id"])
        revoke_grant(hub, client=CODE_APP, grant=grant)
        assert not is_good(flow, tokens)

    def test_when_the_person_moves_to_another_operator_than_the_client(self, flow, hub):
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", operator="nyc")
        tokens = flow.tokens(BEA.id, scope="reports:read")
        assert is_good(flow, tokens)
        flow.directory.persons[BEA.id] = replace(BEA, operator="ri")
        assert not is_good(flow, tokens)


def test_a_client_for_itself_gets_no_refresh_token(desk):
    assert "refresh_token" not in desk.ask().json


def test_no_code_and_no_token_reaches_a_log_or_the_tables(flow, hub, caplog):
    caplog.set_level(logging.DEBUG)
    code = flow.code(scope=str(Scope.REPORTS_REVIEW))
    first = flow.redeem(code).json
    second = flow.refresh(first["refresh_token"]).json
    secrets = [
        code,
        VERIFIER,
        *(answer[name] for answer in (first, second) for name in ("access_token", "refresh_token")),
    ]
    stored = hub.settings.database_url.removeprefix("sqlite:///")
    with open(stored, "rb") as file, open(f"{stored}-wal", "rb") as log:
        kept = file.read() + log.read()
    assert b"desk-app" in kept
    for secret in secrets:
        assert secret not in caplog.text
        assert secret.encode() not in kept
