"""Clients that prove who they are with a key: what is accepted, and every way in which it is not."""

import base64
import hashlib
import hmac
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from actions.add_credential import add_keys
from actions.register_client import register_client
from actions.remove_credential import remove_credential
from auth.keys import token_keys
from domain.access import SYSTEM, Scope
from domain.clients import Client
from store.credentials import credentials_of
from store.tenancy import REGISTRAR
from tests.auth.test_server import assert_error
from tests.builders import NOON

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000"
KEYED = Client("keyed", "Keyed", None, frozenset(), frozenset({Scope.DATA_READ}))
KINDS = {"RS256": "RSA", "RS384": "RSA", "ES256": "P-256", "ES384": "P-384"}


@cache
def key(kind: str, number: int = 0):
    """A key pair; the same one for the same kind and number."""
    if kind == "RSA":
        return RSAKey.generate_key(2048, private=True)
    return ECKey.generate_key(kind, private=True)


def public(*keys) -> dict:
    return {"keys": [dict(one.as_dict(private=False)) for one in keys]}


@pytest.fixture
def keyed(hub) -> Client:
    """A client with a key of each kind and no secret."""
    jwks = public(key("RSA"), key("P-256"), key("P-384"))
    assert register_client(hub, by=SYSTEM, client=KEYED, jwks=jwks) is None
    return KEYED


def sign(claims: dict, *, algorithm: str = "ES256", by=None, **header: object) -> str:
    """An assertion as it should be, but for what is given; None leaves a claim or a header out."""
    now = int(NOON.timestamp())
    good = {"iss": "keyed", "sub": "keyed", "aud": ISSUER, "jti": "1", "iat": now, "exp": now + 60}
    content = {name: value for name, value in {**good, **claims}.items() if value is not None}
    head = {"alg": algorithm, **header}
    signer = by or key(KINDS[algorithm])
    return jws.serialize_compact(head, json.dumps(content), signer, algorithms=[algorithm])


@pytest.fixture
def ask(http, keyed):
    """Ask for a token with an assertion."""

    def ask(assertion: str | None, **form: object):
        sent = {
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
            **form,
        }
        return http.post("/oauth/token", data={name: value for name, value in sent.items() if value is not None})

    return ask


@pytest.mark.parametrize("algorithm", KINDS)
@pytest.mark.parametrize("named", [True, False])
def test_a_key_of_each_kind_proves_it_named_or_not(ask, algorithm, named):
    header = {"kid": key(KINDS[algorithm]).thumbprint()} if named else {}
    answer = ask(sign({}, algorithm=algorithm, **header))
    assert (answer.status_code, answer.json["scope"]) == (200, "data:read")


def test_a_key_may_be_named_as_the_client_named_it(ask, hub):
    own = {**dict(key("P-256", 1).as_dict(private=False)), "kid": "summer"}
    add_keys(hub, by=SYSTEM, client_id="keyed", jwks={"keys": [own]})
    assert ask(sign({}, by=key("P-256", 1), kid="summer")).status_code == 200


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/oauth/token", [ISSUER], [f"{ISSUER}/oauth/token"]])
def test_the_audience_is_the_server_or_its_token_endpoint(ask, audience):
    assert ask(sign({"aud": audience})).status_code == 200


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt"])
def test_the_type_may_be_said(ask, typ):
    assert ask(sign({}, typ=typ)).status_code == 200


def test_the_client_may_repeat_its_own_id_and_no_other(ask):
    assert ask(sign({}), client_id="keyed").status_code == 200
    assert_error(ask(sign({"jti": "2"}), client_id="nyc-client"), 401, "invalid_client")


def test_it_is_good_at_the_other_endpoints_too(http, keyed):
    for number, path in enumerate(("/oauth/revoke", "/oauth/introspect")):
        form = {"token": "x", "client_assertion_type": TYPE, "client_assertion": sign({"jti": str(number)})}
        assert http.post(path, data=form).status_code == (200 if path == "/oauth/revoke" else 403)


class TestReplay:
    def test_the_same_assertion_is_refused_the_second_time(self, ask):
        assertion = sign({})
        assert ask(assertion).status_code == 200
        assert_error(ask(assertion), 401, "invalid_client")

    def test_so_is_another_one_with_the_same_id(self, ask):
        assert ask(sign({})).status_code == 200
        assert_error(ask(sign({"exp": int(NOON.timestamp()) + 120})), 401, "invalid_client")

    def test_of_many_at_once_one_is_accepted(self, app, keyed):
        form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": sign({})}
        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda _: app.test_client().post("/oauth/token", data=form).status_code, range(4)))
        assert sorted(statuses) == [200, 401, 401, 401]

    def test_another_client_may_use_the_same_id(self, ask, hub):
        register_client(hub, by=SYSTEM, client=replace(KEYED, id="other"), jwks=public(key("P-256")))
        assert ask(sign({})).status_code == 200
        assert ask(sign({"iss": "other", "sub": "other"})).status_code == 200

    def test_an_assertion_that_proves_nothing_does_not_spoil_an_id(self, ask):
        assert_error(ask(sign({}, by=key("P-256", 9))), 401, "invalid_client")
        assert ask(sign({})).status_code == 200

    def test_it_is_remembered_until_it_would_be_refused_for_its_age(self, ask, hub, clock):
        from actions.remove_expired import remove_expired

        assertion = sign({})
        assert ask(assertion).status_code == 200
        for _ in range(100):
            clock.forward(seconds=1)
            remove_expired(hub)
            assert_error(ask(assertion), 401, "invalid_client")


NOW = int(NOON.timestamp())
WRONG_CLAIMS = [
    *({name: None} for name in ("iss", "sub", "aud", "exp", "jti")),
    *({name: value} for name in ("iss", "sub", "aud", "jti") for value in (1, {}, ["keyed"], "", "nobody", "é")),
    *({name: value} for name in ("exp", "iat", "nbf") for value in ("1", "", [], {}, True, 10**400)),
    {"exp": 1e999},
    {"exp": float("nan")},
    {"exp": -1},
    {"exp": NOW - 31},
    {"exp": NOW + 331},
    {"exp": NOW + 3600},
    {"iat": NOW + 31},
    {"nbf": NOW + 31},
    {"aud": []},
    {"aud": [ISSUER, ISSUER]},
    {"aud": [ISSUER, "https://elsewhere.example"]},
    {"aud": "https://elsewhere.example"},
    {"aud": ISSUER + "/"},
    {"aud": ISSUER + "/oauth/introspect"},
    {"iss": "nyc-client"},
    {"sub": "nyc-client"},
    {"iss": "nyc-client", "sub": "nyc-client"},
    {"jti": "a" * 256},
]
FINE = [{"jti": "nobody"}, {"jti": "é"}, {"exp": NOW + 330}, {"exp": NOW - 29}, {"exp": NOW + 0.5}, {"iat": NOW + 30}]


@pytest.mark.parametrize("claims", [claims for claims in WRONG_CLAIMS if claims not in FINE], ids=lambda c: str(c)[:60])
def test_an_assertion_with_a_wrong_claim_proves_nothing(ask, claims):
    assert_error(ask(sign(claims)), 401, "invalid_client")


@pytest.mark.parametrize("claims", FINE, ids=str)
def test_clocks_may_differ_a_little_and_ids_are_any_text(ask, claims):
    assert ask(sign(claims)).status_code == 200


def forged(header: dict, claims: object = None, signature: bytes = b"") -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    good = {"iss": "keyed", "sub": "keyed", "aud": ISSUER, "jti": "1", "exp": NOW + 60}
    return f"{part(json.dumps(header).encode())}.{part(json.dumps(claims or good).encode())}.{part(signature)}"


class TestDowngrade:
    """The algorithm is what the registered key is for, whatever the assertion says."""

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 1, [], {}, ["ES256"], "ES512", "EdDSA"])
    def test_no_signature_or_an_unknown_one(self, ask, algorithm):
        assert_error(ask(forged({"alg": algorithm})), 401, "invalid_client")
        assert_error(ask(forged({"alg": algorithm}, signature=b"x" * 64)), 401, "invalid_client")

    @pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
    @pytest.mark.parametrize("kind", ["RSA", "P-256"])
    def test_the_public_key_taken_for_a_secret(self, ask, algorithm, kind):
        secret = key(kind).as_pem(private=False)
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
        unsigned = forged({"alg": algorithm}).rpartition(".")[0]
        mac = hmac.digest(secret, unsigned.encode(), digest)
        assert_error(ask(forged({"alg": algorithm}, signature=mac)), 401, "invalid_client")

    @pytest.mark.parametrize("algorithm", ["PS256", "RS512", "PS384"])
    def test_an_algorithm_that_is_not_offered(self, ask, algorithm):
        assert_error(ask(sign({}, algorithm=algorithm, by=key("RSA"))), 401, "invalid_client")

    def test_a_key_that_comes_with_the_assertion(self, ask):
        own = key("P-256", 9)
        for header in ({"jwk": dict(own.as_dict(private=False))}, {"jku": "https://evil.example/jwks"}):
            assert_error(ask(sign({}, by=own, **header)), 401, "invalid_client")

    def test_the_key_of_another_client(self, ask, hub):
        register_client(hub, by=SYSTEM, client=replace(KEYED, id="other"), jwks=public(key("P-256", 7)))
        assert_error(ask(sign({}, by=key("P-256", 7))), 401, "invalid_client")

    def test_a_key_that_is_named_wrongly(self, ask):
        assert_error(ask(sign({}, kid=key("P-384").thumbprint())), 401, "invalid_client")
        assert_error(ask(sign({}, kid="elsewhere")), 401, "invalid_client")

    @pytest.mark.parametrize("header", [{"typ": "at+jwt"}, {"typ": "consent+jwt"}, {"typ": ""}, {"typ": 1}, {"kid": 1}])
    def test_a_token_of_another_type(self, ask, header):
        assert_error(ask(forged({"alg": "ES256", **header}, signature=b"x" * 64)), 401, "invalid_client")

    def test_an_access_token_of_ours(self, ask, desk):
        assert_error(ask(desk.ask().json["access_token"]), 401, "invalid_client")

    def test_our_own_key(self, ask, hub):
        assert_error(ask(sign({}, by=token_keys(hub.settings).signing_key)), 401, "invalid_client")

    def test_extensions_that_must_be_understood(self, ask):
        assert_error(ask(forged({"alg": "ES256", "crit": ["b64"], "b64": False})), 401, "invalid_client")


@pytest.mark.parametrize(
    "assertion",
    [
        "x",
        "a.b.c",
        "..",
        "null",
        "é",
        "\x00",
        "a" * 9000,
        "e30.e30.",
        "W10.W10.",
        "bnVsbA.bnVsbA.",
        "e30.e30.e30.e30.e30",
    ],
)
def test_rubbish_proves_nothing(ask, assertion):
    assert_error(ask(assertion), 401, "invalid_client")


@pytest.mark.parametrize("payload", [[], "x", 1, None, [[]]])
def test_a_payload_that_is_no_object_proves_nothing(ask, payload):
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    head = base64.urlsafe_b64encode(b'{"alg":"ES256"}').rstrip(b"=").decode()
    assert_error(ask(f"{head}.{body}.AAAA"), 401, "invalid_client")


@pytest.mark.parametrize("kind", [None, "", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt-bearer"])
def test_an_assertion_of_another_kind_proves_nothing(ask, kind):
    assert_error(ask(sign({}), client_assertion_type=kind), 401, "invalid_client")


def test_a_kind_without_an_assertion_proves_nothing(ask):
    assert_error(ask(None), 401, "invalid_client")


def test_an_assertion_and_a_secret_are_two_ways(ask, http, desk):
    assert_error(ask(sign({}), client_secret="x"), 400, "invalid_request")
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": sign({})}
    assert_error(http.post("/oauth/token", data=form, headers=desk.basic()), 400, "invalid_request")


def test_an_assertion_in_the_url_is_refused(http, keyed):
    query = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": sign({})}
    answer = http.post("/oauth/token", query_string=query, data={"grant_type": "client_credentials"})
    assert_error(answer, 400, "invalid_request")


def test_a_key_that_was_taken_away_or_has_ended_proves_nothing(ask, hub, clock):
    short = public(key("P-256", 2))
    add_keys(hub, by=SYSTEM, client_id="keyed", jwks=short, expires_at=NOON + timedelta(seconds=30))
    assert ask(sign({}, by=key("P-256", 2))).status_code == 200
    clock.forward(seconds=30)
    assert_error(ask(sign({"jti": "2"}, by=key("P-256", 2))), 401, "invalid_client")
    remove_credential(hub, by=SYSTEM, client_id="keyed", credential_id=key("P-256").thumbprint())
    assert_error(ask(sign({"jti": "3"})), 401, "invalid_client")
    assert ask(sign({"jti": "4"}, algorithm="ES384")).status_code == 200


def test_the_hub_remembers_when_each_key_was_last_used(ask, hub):
    ask(sign({}, algorithm="ES384"))
    with hub.database.read(REGISTRAR) as connection:
        used = {one.id: one.last_used_at for one in credentials_of(connection, "keyed")}
    assert used == {key(kind).thumbprint(): NOON if kind == "P-384" else None for kind in ("RSA", "P-256", "P-384")}


def test_no_assertion_reaches_a_log(ask, caplog):
    caplog.set_level(logging.DEBUG)
    good, bad = sign({}), sign({"aud": "elsewhere"})
    ask(good), ask(bad)
    assert good not in caplog.text and bad not in caplog.text
