"""Access tokens: what ours look like, and that nothing else passes."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import ECKey

from auth import tokens
from auth.tokens import issue_token, read_token
from domain.refusals import NotAuthenticated
from tests.builders import NOON

ISSUER = "https://hub.example"
KEY = ECKey.generate_key("P-256", auto_kid=True)
KEYS = {KEY.thumbprint(): KEY}
NOW = int(NOON.timestamp())
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.thumbprint()}
CLAIMS = {
    "iss": ISSUER,
    "aud": ISSUER,
    "sub": "nyc",
    "client_id": "nyc",
    "jti": "x",
    "scope": "reports:read reports:write",
    "iat": NOW,
    "exp": NOW + 900,
}


def segment(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(claims: object, header: object = HEADER, key: ECKey = KEY) -> str:
    """A token with a good signature, whatever is in it."""
    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{segment(jws.JWSRegistry.algorithms['ES256'].sign(text.encode(), key))}"


def read(text: str):
    return read_token(text, KEYS, issuer=ISSUER, now=NOON)


def assert_refused(text: str, words: str | None = None) -> None:
    with pytest.raises(NotAuthenticated, match=words) as caught:
        read(text)
    assert caught.value.presented


def test_a_token_of_ours_says_what_was_put_in():
    text = issue_token(KEY, issuer=ISSUER, client_id="nyc", scope="data:read", now=NOON, lifetime=900)
    assert (read(text).client_id, read(text).scopes) == ("nyc", {"data:read"})


def test_a_token_has_the_header_and_claims_of_rfc_9068():
    text = issue_token(KEY, issuer=ISSUER, client_id="nyc", scope="data:read", now=NOON, lifetime=900)
    header, claims, _ = (
        json.loads(base64.urlsafe_b64decode(part + "==")) if part else None for part in [*text.split(".")[:2], ""]
    )
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": KEY.thumbprint()}
    assert claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "nyc",
        "client_id": "nyc",
        "scope": "data:read",
        "iat": NOW,
        "exp": NOW + 900,
    }


def test_no_two_tokens_have_the_same_name():
    texts = [issue_token(KEY, issuer=ISSUER, client_id="a", scope="s", now=NOON, lifetime=1) for _ in range(3)]
    assert len({json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "=="))["jti"] for text in texts}) == 3


@pytest.mark.parametrize("kind", ["at+jwt", "application/at+jwt", "AT+JWT"])
def test_both_spellings_of_the_type_are_an_access_token(kind):
    assert read(signed(CLAIMS, {**HEADER, "typ": kind})).client_id == "nyc"


@pytest.mark.parametrize(
    "header", [{**HEADER, "typ": "JWT"}, {**HEADER, "typ": ""}, {"alg": "ES256", "kid": KEY.thumbprint()}]
)
def test_another_kind_of_signed_token_is_refused(header):
    assert_refused(signed(CLAIMS, header), "not an access token")


@pytest.mark.parametrize("kind", [1, None, ["at+jwt"], {}])
def test_a_type_that_is_no_text_is_refused(kind):
    assert_refused(signed(CLAIMS, {**HEADER, "typ": kind}))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_token_without_one_of_its_claims_is_refused(claim):
    assert_refused(signed({name: value for name, value in CLAIMS.items() if name != claim}), "lacks a claim")


@pytest.mark.parametrize("claim", sorted(CLAIMS))
@pytest.mark.parametrize("value", [None, True, 1.5, [], ["x"], {}, "5", 7, float("inf"), float("nan")])
def test_a_claim_of_another_type_is_refused(claim, value):
    if type(value) is not type(CLAIMS[claim]):
        assert_refused(signed({**CLAIMS, claim: value}), "lacks a claim")


@pytest.mark.parametrize("claim", ["iss", "aud"])
@pytest.mark.parametrize("value", ["https://other.example", ISSUER + "/", "", "nyc"])
def test_a_token_of_or_for_another_server_is_refused(claim, value):
    assert_refused(signed({**CLAIMS, claim: value}), "another server")


@pytest.mark.parametrize("exp", [NOW, NOW - 1, 0, -1])
def test_an_expired_token_is_refused(exp):
    assert_refused(signed({**CLAIMS, "exp": exp}), "expired")


def test_a_token_from_the_future_is_refused_beyond_the_leeway():
    assert read(signed({**CLAIMS, "iat": NOW + 5})).client_id == "nyc"
    assert_refused(signed({**CLAIMS, "iat": NOW + 6}), "not good yet")


def test_a_token_without_signature_is_refused():
    for header in ({**HEADER, "alg": "none"}, {**HEADER, "alg": "None"}, {**HEADER, "alg": ""}, HEADER):
        assert_refused(f"{segment(header)}.{segment(CLAIMS)}.")


def test_the_public_key_is_no_shared_secret():
    public = KEY.as_pem(private=False)
    signing_input = f"{segment({**HEADER, 'alg': 'HS256'})}.{segment(CLAIMS)}"
    for secret in (public, json.dumps(KEY.as_dict(private=False)).encode(), KEY.thumbprint().encode()):
        mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
        assert_refused(f"{signing_input}.{segment(mac)}", "not one of ours")


def test_a_stranger_with_our_key_id_is_refused():
    stranger = ECKey.generate_key("P-256")
    assert_refused(signed(CLAIMS, HEADER, stranger), "not one of ours")
    assert_refused(signed(CLAIMS, {**HEADER, "alg": "RS256"}), "not one of ours")


def test_a_key_that_travels_in_the_header_is_not_believed():
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    jwk = stranger.as_dict(private=False)
    for header in ({**HEADER, "jwk": jwk}, {"alg": "ES256", "typ": "at+jwt", "jwk": jwk, "kid": stranger.kid}):
        assert_refused(signed(CLAIMS, header, stranger), "not one of ours")


@pytest.mark.parametrize("kid", [None, "", "unknown", 5, ["x"], {"a": 1}, "../../keys"])
def test_a_key_id_of_nobody_is_refused(kid):
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    assert_refused(signed(CLAIMS, header), "not one of ours")


@pytest.mark.parametrize(
    "extra", [{"crit": ["exp"], "exp": 1}, {"crit": ["exp"]}, {"crit": 5}, {"crit": None}, {"crit": [[]]}]
)
def test_an_unknown_critical_header_is_refused(extra):
    assert_refused(signed(CLAIMS, {**HEADER, **extra}), "not one of ours")


@pytest.mark.parametrize("extra", [{"b64": False}, {"b64": False, "crit": ["b64"]}, {"b64": False, "crit": "b64"}])
def test_a_payload_that_is_not_encoded_is_refused(extra):
    assert_refused(signed(CLAIMS, {**HEADER, **extra}))


def test_a_changed_token_is_refused():
    header, _, signature = signed(CLAIMS).split(".")
    assert_refused(f"{header}.{segment({**CLAIMS, 'client_id': 'steward'})}.{signature}", "not one of ours")


def test_an_encrypted_token_is_refused():
    text = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A128CBC-HS256"}, json.dumps(CLAIMS).encode(), KEY)
    assert_refused(text, "not one of ours")


@pytest.mark.parametrize("payload", [b"", b"x", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 2000, b"1"])
def test_a_signed_payload_that_is_no_set_of_claims_is_refused(payload):
    assert_refused(signed(payload))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "é.é.é",
        "\x00.\x00.\x00",
        "=.=.=",
        "Ÿ" * 50,
        "a" * 5000,
        "[" * 300 + "..",
        " . . ",
    ],
)
def test_what_is_no_token_is_refused(text):
    assert_refused(text, "not one of ours")


@pytest.mark.parametrize(
    "header",
    [b"[]", b"null", b"5", b'"alg"', b'["alg"]', b"{}", b"[" * 300, b"\xff", b'{"alg":["ES256"]}', b'{"alg":{}}'],
)
def test_a_header_that_is_no_header_is_refused(header):
    assert_refused(signed(CLAIMS, header), "not one of ours")


def test_a_huge_token_costs_nothing():
    begun = time.perf_counter()
    assert_refused("a." * 5_000_000 + "b", "not one of ours")
    assert time.perf_counter() - begun < 1


@settings(deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}", fullmatch=True))
def test_no_text_breaks_the_reader(text):
    assert_refused(text)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*CLAIMS, "x"]), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
    )
)
def test_no_signed_claims_break_the_reader(claims):
    try:
        read(signed({**CLAIMS, **claims}))
    except NotAuthenticated as refusal:
        assert refusal.presented


def test_a_signature_that_held_is_not_proved_again_but_all_else_is_asked(monkeypatch):
    text = signed({**CLAIMS, "jti": "asked-twice"})
    assert read(text).id == "asked-twice"
    monkeypatch.setattr(tokens, "_verified_claims", lambda text, keys: pytest.fail("proved again"))
    assert read(text).id == "asked-twice"
    for words, circumstances in (
        ("has expired", {"now": NOON + timedelta(seconds=900)}),
        ("not good yet", {"now": NOON - timedelta(seconds=60)}),
        ("another server", {"issuer": "https://other.example"}),
    ):
        with pytest.raises(NotAuthenticated, match=words):
            read_token(text, KEYS, **{"issuer": ISSUER, "now": NOON, **circumstances})


def test_a_key_that_no_longer_verifies_takes_its_tokens_with_it():
    text = signed({**CLAIMS, "jti": "retired"})
    assert read(text)
    newer = ECKey.generate_key("P-256", auto_kid=True)
    with pytest.raises(NotAuthenticated):
        read_token(text, {newer.thumbprint(): newer}, issuer=ISSUER, now=NOON)


def test_only_so_many_tokens_are_remembered_and_none_as_it_is(monkeypatch):
    monkeypatch.setattr(tokens, "_MOST", 3)
    texts = [signed({**CLAIMS, "jti": str(number)}) for number in range(8)]
    for text in texts:
        read(text)
    assert len(tokens._PROVED) <= 3
    assert not any(text.encode() in mark for text in texts for mark in tokens._PROVED)
