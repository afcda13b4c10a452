"""The authorization endpoint: what is asked for, who is asked, and where they are sent."""

import base64
import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from joserfc import jws

from auth.keys import token_keys
from domain.access import Principal, Role, Scope
from store.clients import change_client
from store.tenancy import REGISTRAR
from tests.auth.flow import BACK, CHALLENGE, way_back
from tests.auth.test_server import assert_error
from tests.people import ANN, BEA


def assert_sent_back(answer, error: str) -> None:
    """RFC 6749 4.1.2.1 and RFC 9207: the error, the state as it was, and who says so."""
    told = way_back(answer)
    assert (told["error"], told["state"], told["iss"]) == (error, "s&t=1", "http://127.0.0.1:8000")
    assert "code" not in told


def assert_goes_nowhere(answer) -> None:
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "Location" not in answer.headers


def test_a_person_is_asked_by_name_for_what_the_client_wants(flow):
    page = flow.ask(scope="reports:review releases:publish")
    assert page.status_code == 200
    for words in ("user:ann of the tests", "Desk &lt;app&gt;", "https://app.example", Scope.REPORTS_REVIEW.description):
        assert words in page.text
    assert "<app>" not in page.text


def test_the_page_cannot_be_framed_kept_or_sent_elsewhere(flow):
    headers = flow.ask().headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' https://app.example"
    )
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back_here(flow):
    flow.directory.signed_in = None
    answer = flow.ask()
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/signin?next=%2Foauth%2Fauthorize%3Fresponse_type%3Dcode%26")


def test_a_person_who_allows_it_is_sent_back_with_a_code_the_state_and_the_issuer(flow):
    answer = flow.decide(flow.ticket())
    told = way_back(answer)
    assert (told["state"], told["iss"], told["kept"]) == ("s&t=1", "http://127.0.0.1:8000", "1")
    assert len(told["code"]) == 43
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_request_without_state_gets_none_back(flow):
    assert "state" not in way_back(flow.decide(flow.ticket(state=None)))


@pytest.mark.parametrize("decision", ["deny", "", "Allow", "allow "])
def test_a_person_who_does_not_allow_it_is_sent_back_without_a_code(flow, decision):
    assert_sent_back(flow.decide(flow.ticket(), decision), "access_denied")


class TestNoWayBack:
    """Nobody is sent to an address that is not the client's own: the hub is no open redirector."""

    @pytest.mark.parametrize(
        "uri",
        [
            None,
            "",
            "https://app.example/back",
            BACK + "&more=1",
            BACK + "/",
            BACK.replace("https", "HTTPS"),
            BACK.replace("app.example", "app.example:443"),
            BACK.replace("app.example", "app.example@evil.example"),
            "http://127.0.0.1:9001/back",
            "https://evil.example/back",
            "javascript:alert(1)",
            "//evil.example",
            BACK + "\r\nX: y",
            "é",
        ],
    )
    def test_a_redirect_uri_that_is_not_registered_exactly(self, flow, uri):
        assert_goes_nowhere(flow.ask(redirect_uri=uri))

    @pytest.mark.parametrize("client_id", [None, "", "nobody", "DESK-APP", "é", "\x00", "desk-app "])
    def test_a_client_that_is_not_known(self, flow, client_id):
        assert_goes_nowhere(flow.ask(client_id=client_id))

    def test_a_client_that_acts_for_itself_alone(self, flow):
        assert_goes_nowhere(flow.ask(client_id="nyc-client"))

    @pytest.mark.parametrize("change", [{"disabled": True}, {"expires_at": "now"}], ids=["disabled", "expired"])
    def test_a_client_that_has_ended(self, flow, hub, change):
        change = {name: hub.clock() if value == "now" else value for name, value in change.items()}
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", **change)
        assert_goes_nowhere(flow.ask())

    @pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
    def test_two_clients_or_two_ways_back(self, flow, name):
        value = {"client_id": "desk-app", "redirect_uri": BACK}[name]
        assert_goes_nowhere(flow.ask(**{name: [value, value]}))

    @pytest.mark.parametrize("query", ["%ff%fe=%00", "&&&", "client_id", "=", "client_id=%ff&redirect_uri=%fe"])
    def test_rubbish(self, flow, query):
        assert_goes_nowhere(flow.http.get(f"/oauth/authorize?{query}"))


class TestSentBack:
    """Once the way back is known, what is wrong is told to the client, with its state and the issuer."""

    @pytest.mark.parametrize(
        "name", ["response_type", "scope", "code_challenge", "code_challenge_method", "nonce", "unheard_of"]
    )
    def test_a_parameter_given_twice(self, flow, name):
        assert_sent_back(flow.ask(**{name: ["S256", "S256"]}), "invalid_request")

    def test_a_state_given_twice_is_not_repeated(self, flow):
        told = way_back(flow.ask(state=["a", "b"]))
        assert told["error"] == "invalid_request"
        assert "state" not in told

    @pytest.mark.parametrize(
        ("response_type", "error"),
        [
            (None, "invalid_request"),
            ("", "invalid_request"),
            ("token", "unsupported_response_type"),
            ("code token", "unsupported_response_type"),
            ("id_token", "unsupported_response_type"),
            ('"', "unsupported_response_type"),
            ("é", "invalid_request"),
        ],
    )
    def test_another_response_type(self, flow, response_type, error):
        assert_sent_back(flow.ask(response_type=response_type), error)

    def test_another_response_mode(self, flow):
        assert_sent_back(flow.ask(response_mode="fragment"), "invalid_request")

    @pytest.mark.parametrize(
        "change",
        [
            {"code_challenge": None, "code_challenge_method": None},
            {"code_challenge": None},
            {"code_challenge_method": None},
            {"code_challenge_method": "plain"},
            {"code_challenge_method": "s256"},
            {"code_challenge": "short"},
            {"code_challenge": CHALLENGE + "="},
            {"code_challenge": CHALLENGE[:-1] + "+"},
            {"code_challenge": "a" * 128},
        ],
        ids=str,
    )
    def test_no_proof_key_or_a_plain_one(self, flow, change):
        assert_sent_back(flow.ask(**change), "invalid_request")

    @pytest.mark.parametrize(
        "scope",
        [
            None,
            "",
            " ",
            "data:read",
            "reports:review data:read",
            "nonsense",
            "reports:review  releases:publish",
            "reports:review ",
            "REPORTS:REVIEW",
            '"',
        ],
    )
    def test_a_scope_that_the_client_may_not_have(self, flow, scope):
        assert_sent_back(flow.ask(scope=scope), "invalid_scope")

    def test_a_scope_that_the_person_does_not_hold_is_not_left_out_and_not_asked_for(self, flow):
        flow.directory.signed_in = BEA.id
        assert_sent_back(flow.ask(scope="reports:read reports:review"), "invalid_scope")
        assert flow.ask(scope="reports:read reports:write").status_code == 200

    def test_a_person_of_another_operator_than_the_client(self, flow, hub):
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", operator="ri")
        flow.directory.signed_in = BEA.id
        assert_sent_back(flow.ask(scope="reports:read"), "invalid_scope")

    @pytest.mark.parametrize("state", ["é", "\x00", "a\nb", "a" * 5000])
    def test_a_state_that_cannot_be_repeated(self, flow, state):
        told = way_back(flow.ask(state=state))
        assert told["error"] == "invalid_request"
        assert "state" not in told


class TestTheTicket:
    """The form of the consent page is good for one person, one request, ten minutes."""

    def test_it_is_of_no_use_to_another_person(self, flow):
        ticket = flow.ticket()
        flow.directory.persons["user:eve"] = replace(ANN, id="user:eve")
        flow.directory.signed_in = "user:eve"
        assert_goes_nowhere(flow.decide(ticket))

    def test_it_is_of_no_use_to_nobody(self, flow):
        ticket = flow.ticket()
        flow.directory.signed_in = None
        assert_goes_nowhere(flow.decide(ticket))

    def test_it_ends(self, flow, clock):
        ticket = flow.ticket()
        clock.forward(minutes=10)
        assert_goes_nowhere(flow.decide(ticket))

    @pytest.mark.parametrize("ticket", ["", "x", "a.b.c", "..", "null", "é", "a" * 9000])
    def test_rubbish_is_none(self, flow, ticket):
        assert_goes_nowhere(flow.decide(ticket))

    def test_it_cannot_be_altered(self, flow):
        head, body, signature = flow.ticket().split(".")
        content = json.loads(base64.urlsafe_b64decode(body + "=="))
        content["parameters"]["scope"] = "releases:publish"
        altered = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
        assert_goes_nowhere(flow.decide(f"{head}.{altered}.{signature}"))

    def test_a_signature_by_the_same_key_for_something_else_is_none(self, flow, hub):
        key = token_keys(hub.settings).signing_key
        for typ in ("at+jwt", "JWT"):
            header = {"alg": "ES256", "typ": typ, "kid": key.thumbprint()}
            body = jws.extract_compact(flow.ticket().encode()).payload
            assert_goes_nowhere(flow.decide(jws.serialize_compact(header, body, key, algorithms=["ES256"])))

    def test_it_is_no_access_token(self, flow):
        answer = flow.http.get("/either", headers={"Authorization": f"Bearer {flow.ticket()}"})
        assert answer.status_code == 401

    def test_what_the_client_may_no_longer_have_is_refused_when_the_form_is_sent(self, flow, hub):
        ticket = flow.ticket()
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", scopes=frozenset({Scope.REPORTS_READ}))
        assert_sent_back(flow.decide(ticket), "invalid_scope")

    def test_what_the_person_no_longer_holds_is_refused_when_the_form_is_sent(self, flow):
        ticket = flow.ticket()
        flow.directory.persons[ANN.id] = Principal(ANN.id, Role.RELEASE_OFFICER.scopes)
        assert_sent_back(flow.decide(ticket), "invalid_scope")

    def test_the_way_back_that_was_taken_from_the_client_meanwhile_is_not_taken(self, flow, hub):
        ticket = flow.ticket()
        with hub.database.write(REGISTRAR) as connection:
            change_client(connection, "desk-app", redirect_uris=("https://app.example/other",))
        assert_goes_nowhere(flow.decide(ticket))

    def test_a_large_form_is_refused(self, flow):
        assert flow.http.post("/oauth/authorize", data={"ticket": "a" * 100_000}).status_code == 413


def test_nothing_of_the_request_is_executed_or_shown_as_markup(flow):
    page = flow.ask(redirect_uri="https://app.example/<script>alert(1)</script>")
    assert "<script>" not in page.text


def test_a_request_in_the_clear_goes_nowhere(flow, app):
    server = app.extensions["crosstally.auth"]
    server.issuer = "https://hub.example"
    assert_goes_nowhere(flow.http.get(f"/oauth/authorize?redirect_uri={quote(BACK)}&client_id=desk-app"))


def test_another_method_is_told_which_there_are(flow):
    answer = flow.http.put("/oauth/authorize")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_the_codes_of_the_flow_are_no_use_to_a_client_for_itself(flow):
    assert_error(flow.token(grant_type="client_credentials"), 400, "unauthorized_client")
