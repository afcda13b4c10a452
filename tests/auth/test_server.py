"""The token endpoint, as OAuth clients and others use it."""

import base64
import io
import json
import logging
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from actions.authenticate_client import hash_secret
from auth.endpoints import install_auth
from auth.keys import release_keys
from auth.token_request import MAX_BODY
from domain.access import Scope
from domain.clients import Client, Credential
from openapi.problems import register_problems
from store.clients import add_client, client_by_id
from store.credentials import add_credential
from store.tables import audit
from store.tenancy import AUDITOR, REGISTRAR
from tests.auth.conftest import CHUNKED, basic
from tests.builders import NOON
from tests.people import Directory

FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


def claims(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def add(hub, secret: str, **changes) -> tuple[str, str]:
    client = replace(Client("odd", "Odd", None, frozenset(), frozenset({Scope.DATA_READ})), **changes)
    end = hub.clock() + timedelta(days=1)
    with hub.database.write(REGISTRAR) as connection:
        add_client(connection, client, created_at=hub.clock())
        add_credential(connection, Credential(client.id, "s", hub.clock(), end, hash_secret(secret)))
    return client.id, secret


def assert_error(answer, status: int, error: str) -> None:
    """The body and headers of RFC 6749 5.2."""
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["error_description"].isascii() and '"' not in answer.json["error_description"]
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


def test_a_client_gets_a_token_for_the_scope_it_asks_for(desk, hub):
    answer = desk.ask(scope="reports:write")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert answer.mimetype == "application/json"
    assert {**answer.json, "access_token": ""} == {
        "token_type": "Bearer",
        "access_token": "",
        "expires_in": hub.settings.token_lifetime,
        "scope": "reports:write",
    }
    told = claims(answer.json["access_token"])
    assert (told["sub"], told["aud"], told["exp"] - told["iat"]) == ("nyc-client", hub.settings.issuer, 900)


def test_a_client_that_asks_for_no_scope_is_told_that_it_got_all(desk):
    for form in ({}, {"scope": ""}):
        answer = desk.ask(**form)
        assert answer.json["scope"] == "reports:read reports:write"
        assert claims(answer.json["access_token"])["scope"] == "reports:read reports:write"


@pytest.mark.parametrize(
    "scope",
    [
        "data:read",
        "reports:write data:read",
        "nonsense",
        " ",
        "reports:write  reports:read",
        "reports:write\t",
        "REPORTS:WRITE",
        "ré",
    ],
)
def test_a_scope_that_is_not_held_is_refused_and_never_left_out(desk, scope):
    assert_error(desk.ask(scope=scope), 400, "invalid_scope")


def test_a_client_that_holds_nothing_gets_no_token(http, hub):
    assert_error(
        http.post("/oauth/token", data=GRANT, headers=basic(*add(hub, "s", scopes=frozenset()))), 400, "invalid_scope"
    )


def test_the_lifetime_is_the_one_of_the_settings(hub, clients, tmp_path):
    short = replace(hub, settings=replace(hub.settings, token_lifetime=60))
    app = Flask("tests")
    install_auth(app, short, release_keys(hub.settings), Directory().people)
    answer = app.test_client().post("/oauth/token", data=GRANT, headers=basic(*clients["nyc"]))
    assert answer.json["expires_in"] == 60
    told = claims(answer.json["access_token"])
    assert told["exp"] - told["iat"] == 60


def test_the_hub_remembers_when_a_client_last_got_a_token(desk, hub):
    desk.ask()
    with hub.database.read(REGISTRAR) as connection:
        assert client_by_id(connection, "nyc-client")
        used = connection.exec_driver_sql("select last_used_at from clients where id = 'nyc-client'").scalar()
    assert str(used).startswith(NOON.date().isoformat())


@pytest.mark.parametrize("secret", ["a%2Bb", "100%", "a+b c", "a:b", "%", "/=&?", "~" * 200])
def test_a_secret_may_be_sent_raw_or_form_encoded(http, hub, secret):
    client_id, _ = add(hub, secret)
    for sent in (secret, quote(secret, safe=""), quote(secret, safe="").replace("%20", "+")):
        assert http.post("/oauth/token", data=GRANT, headers=basic(client_id, sent)).status_code == 200


def test_wrong_credentials_are_refused_in_the_same_words(http, clients, hub):
    client_id, secret = clients["nyc"]
    expired = add(hub, "e", id="expired", expires_at=NOON - timedelta(seconds=1))
    disabled = add(hub, "d", id="disabled", disabled=True)
    wrong = [
        (client_id, secret + "x"),
        (client_id, ""),
        ("nobody", secret),
        (client_id.upper(), secret),
        expired,
        disabled,
    ]
    answers = [http.post("/oauth/token", data=GRANT, headers=basic(*pair)) for pair in wrong]
    for answer in answers:
        assert_error(answer, 401, "invalid_client")
    assert len({answer.data for answer in answers}) == 1


def test_who_fails_to_prove_a_client_is_written_down_and_what_they_typed_is_not(http, clients, hub):
    client_id, secret = clients["nyc"]
    for pair in ((client_id, "planted-secret"), ("planted-name", secret)):
        assert_error(http.post("/oauth/token", data=GRANT, headers=basic(*pair)), 401, "invalid_client")
    http.post("/oauth/token", data=GRANT)
    with hub.database.read(AUDITOR) as connection:
        lines = [line for line in connection.execute(select(audit)) if line.action == "token.refuse"]
    assert [(line.actor, line.subject, line.operator) for line in lines] == [
        ("(visitor)", client_id, "nyc"),
        ("(visitor)", "(unknown)", None),
    ]
    assert "planted" not in str(lines)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic \xff\xfe",
        "Basic 0",
        "Basic " + base64.b64encode(b"nocolon").decode(),
        "Basic " + base64.b64encode(b"\xff\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"nyc\x00:x").decode(),
        "Bearer abc",
        "Digest username=nyc",
        "",
    ],
)
def test_a_malformed_basic_header_is_a_401(http, header):
    assert_error(http.post("/oauth/token", data=GRANT, headers={"Authorization": header}), 401, "invalid_client")


def test_no_authentication_is_a_401(http):
    assert_error(http.post("/oauth/token", data=GRANT), 401, "invalid_client")


def test_a_secret_in_the_body_is_no_authentication(http, clients):
    client_id, secret = clients["nyc"]
    form = {**GRANT, "client_id": client_id, "client_secret": secret}
    assert_error(http.post("/oauth/token", data=form), 401, "invalid_client")


@pytest.mark.parametrize("extra", [{"client_secret": "x"}, {"client_assertion": "x.y.z"}])
def test_two_client_authentications_are_refused(desk, extra):
    assert_error(desk.ask(**extra), 400, "invalid_request")


def test_a_client_may_repeat_its_own_id_and_no_other(desk):
    assert desk.ask(client_id="nyc-client").status_code == 200
    assert_error(desk.ask(client_id="ri-client"), 401, "invalid_client")


@pytest.mark.parametrize("query", ["grant_type=client_credentials", "scope=reports:read", "client_secret=x", "x=1"])
def test_parameters_in_the_url_are_refused(http, desk, query):
    answer = http.post(f"/oauth/token?{query}", data=GRANT, headers=desk.basic())
    assert_error(answer, 400, "invalid_request")


def test_credentials_in_the_url_authenticate_nobody(http, clients):
    client_id, secret = clients["nyc"]
    answer = http.post(f"/oauth/token?client_id={client_id}&client_secret={secret}&grant_type=client_credentials")
    assert_error(answer, 400, "invalid_request")
    assert secret.encode() not in answer.data


@pytest.mark.parametrize("name", ["grant_type", "scope", "client_id", "unheard_of"])
def test_a_parameter_given_twice_is_refused(http, desk, name):
    body = f"grant_type=client_credentials&{name}=reports%3Aread&{name}=reports%3Aread"
    assert_error(http.post("/oauth/token", data=body, content_type=FORM, headers=desk.basic()), 400, "invalid_request")


def test_an_unknown_parameter_is_ignored(desk):
    assert desk.ask(audience="https://elsewhere.example").status_code == 200


@pytest.mark.parametrize("form", [{}, {"grant_type": ""}, {"scope": "reports:read"}])
def test_a_missing_grant_type_is_an_invalid_request(http, desk, form):
    answer = http.post("/oauth/token", data=form, content_type=FORM, headers=desk.basic())
    assert_error(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "grant",
    ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "Client_Credentials", 'gränt"\\', "\x00"],
)
def test_another_grant_type_is_unsupported(http, desk, grant):
    assert_error(desk.ask(grant_type=grant), 400, "unsupported_grant_type")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", None])
def test_a_body_that_is_no_form_is_refused(http, desk, kind):
    answer = http.post(
        "/oauth/token", data=b'{"grant_type": "client_credentials"}', content_type=kind, headers=desk.basic()
    )
    assert_error(answer, 400, "invalid_request")


@pytest.mark.parametrize("body", [b"\xff\xfe=\xff", b"%ff%fe=%00", b"&&&&", b"=", b"grant_type"])
def test_a_form_of_rubbish_is_refused(http, desk, body):
    assert_error(http.post("/oauth/token", data=body, content_type=FORM, headers=desk.basic()), 400, "invalid_request")


@pytest.mark.parametrize("length", [MAX_BODY + 1, MAX_BODY + 2, 10 * MAX_BODY])
def test_a_large_body_is_refused_announced_or_not(http, desk, length):
    body = b"grant_type=client_credentials&x=".ljust(length, b"x")
    announced = http.post("/oauth/token", data=body, content_type=FORM, headers=desk.basic())
    chunked = http.post(
        "/oauth/token",
        input_stream=io.BytesIO(body),
        environ_overrides=CHUNKED,
        content_type=FORM,
        headers=desk.basic(),
    )
    for answer in (announced, chunked):
        assert_error(answer, 413, "invalid_request")


def test_a_body_may_be_as_long_as_the_limit(http, desk):
    body = b"grant_type=client_credentials&x=".ljust(MAX_BODY, b"x")
    assert http.post("/oauth/token", data=body, content_type=FORM, headers=desk.basic()).status_code == 200


def test_a_chunked_form_is_read(http, desk):
    answer = http.post(
        "/oauth/token",
        input_stream=io.BytesIO(b"grant_type=client_credentials"),
        environ_overrides=CHUNKED,
        content_type=FORM,
        headers=desk.basic(),
    )
    assert answer.status_code == 200


def test_a_get_is_told_the_method(http):
    answer = http.get("/oauth/token")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


class TestTransport:
    """Tokens travel over https, except where the issuer itself is on this machine."""

    def app(self, hub, issuer: str) -> Flask:
        made = Flask("tests")
        there = replace(hub, settings=replace(hub.settings, issuer=issuer))
        install_auth(made, there, release_keys(hub.settings), Directory().people)
        register_problems(made, issuer)
        return made

    def ask(self, hub, clients, issuer: str, base_url: str):
        http = self.app(hub, issuer).test_client()
        return http.post("/oauth/token", data=GRANT, headers=basic(*clients["nyc"]), base_url=base_url)

    @pytest.mark.parametrize("issuer", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
    @pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "http://hub.internal", "https://hub.example"])
    def test_a_loopback_issuer_may_be_asked_over_http(self, hub, clients, issuer, base_url):
        assert self.ask(hub, clients, issuer, base_url).status_code == 200

    def test_an_https_issuer_answers_https(self, hub, clients):
        answer = self.ask(hub, clients, "https://hub.example", "https://hub.example")
        assert answer.status_code == 200
        assert claims(answer.json["access_token"])["iss"] == "https://hub.example"

    @pytest.mark.parametrize("base_url", ["http://hub.example", "http://127.0.0.1:8000"])
    def test_an_https_issuer_refuses_http(self, hub, clients, base_url):
        assert_error(self.ask(hub, clients, "https://hub.example", base_url), 400, "invalid_request")

    @pytest.mark.parametrize("issuer", ["http://hub.example", "http://0.0.0.0:8000", "ftp://hub.example", "hub", ""])
    def test_an_issuer_that_would_send_tokens_in_the_clear_does_not_start(self, hub, issuer):
        with pytest.raises(ValueError, match="CROSSTALLY_ISSUER"):
            self.app(hub, issuer)


def test_neither_secret_nor_token_reaches_a_log(desk, clients, caplog):
    caplog.set_level(logging.DEBUG)
    token = desk.ask().json["access_token"]
    desk.http.post("/oauth/token", data=GRANT, headers=basic("nyc-client", "wrong-secret"))
    assert token not in caplog.text
    assert clients["nyc"][1] not in caplog.text
    assert "wrong-secret" not in caplog.text
