"""The documents about the server and its keys, and OAuth answers to errors from outside the token server."""

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from auth.keys import is_signed, token_keys
from auth.token_request import GRANT_TYPES
from domain.access import Scope


def test_the_metadata_names_what_is_there(http, hub, desk):
    told = http.get("/.well-known/oauth-authorization-server").json
    issuer = hub.settings.issuer
    assert told["issuer"] == issuer
    assert told["scopes_supported"] == [str(scope) for scope in Scope]
    assert told["response_types_supported"] == ["code"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["grant_types_supported"] == list(GRANT_TYPES)
    for endpoint in ("token", "revocation", "introspection"):
        assert told[f"{endpoint}_endpoint_auth_methods_supported"] == ["client_secret_basic", "private_key_jwt"]
        algorithms = told[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert algorithms == ["RS256", "RS384", "ES256", "ES384"]
    assert http.get(told["jwks_uri"].removeprefix(issuer)).status_code == 200
    asked = http.post(
        told["token_endpoint"].removeprefix(issuer),
        data={"grant_type": told["grant_types_supported"][0]},
        headers=desk.basic(),
    )
    assert asked.status_code == 200


def test_the_metadata_promises_no_endpoint_that_is_not_there(app, http):
    told = http.get("/.well-known/oauth-authorization-server").json
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    urls = [value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))]
    assert {url.removeprefix(told["issuer"]) for url in urls} <= paths


def test_a_stranger_can_check_a_token_with_the_published_keys(http, desk):
    keys = KeySet.import_key_set(http.get("/.well-known/jwks.json").json)
    token = jwt.decode(desk.ask().json["access_token"], keys, algorithms=["ES256"])
    assert token.claims["client_id"] == "nyc-client"


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/.well-known/release-keys.json"])
def test_a_published_key_set_holds_no_private_member(http, path):
    answer = http.get(path)
    assert answer.mimetype == "application/json"
    assert answer.json["keys"]
    for jwk in answer.json["keys"]:
        assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_both_keys_are_published_after_a_rotation(http, hub, desk):
    token = desk.ask().json["access_token"]
    new = token_keys(hub.settings).rotate()
    keys = KeySet.import_key_set(http.get("/.well-known/jwks.json").json)
    assert keys.get_by_kid(new)
    assert jwt.decode(token, keys, algorithms=["ES256"]).claims["client_id"] == "nyc-client"


def test_a_release_can_be_checked_with_the_published_keys(app, http):
    signature = app.extensions["crosstally.auth"].release_keys.sign(b"{}")
    assert is_signed(b"{}", signature, http.get("/.well-known/release-keys.json").json)
    assert not is_signed(b"{}", signature, http.get("/.well-known/jwks.json").json)


@pytest.mark.parametrize("error", [TooManyRequests(retry_after=7), ServiceUnavailable(retry_after=7)])
def test_an_error_from_outside_is_told_in_the_words_of_oauth(app: Flask, error):
    @app.before_request
    def refuse():
        raise error

    answer = app.test_client().post("/oauth/token")
    assert (answer.status_code, answer.json["error"]) == (error.code, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "7"
    assert answer.mimetype == "application/json"
