"""The OAuth endpoints: consent, tokens, server metadata, and the public keys of tokens and releases.

They speak OAuth (RFC 6749 5.2), not problem documents: their callers are OAuth libraries.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from actions.hub import Hub
from auth.authorize import AUTHORIZE_PATH, ask_for_consent, take_decision
from auth.client_assertion import ALGORITHMS
from auth.grants import AUTH_METHODS
from auth.keys import KeyRing, token_keys
from auth.people import People
from auth.server import EXTENSION, TOKEN_PATH, TokenServer, oauth_error, token_server
from auth.token_request import GRANT_TYPES
from domain.access import Scope

REVOCATION_PATH = "/oauth/revoke"
INTROSPECTION_PATH = "/oauth/introspect"
JWKS_PATH = "/.well-known/jwks.json"
RELEASE_KEYS_PATH = "/.well-known/release-keys.json"
AUTHENTICATED = ("token", "revocation", "introspection")
METADATA_PATH = "/.well-known/oauth-authorization-server"
KEYS_FRESH_FOR = 300  # seconds


def install_auth(app: Flask, hub: Hub, release_keys: KeyRing, people: People) -> None:
    """Give the application its token server and endpoints; creates the token keys at first use.

    Raises ValueError for an issuer that is neither https nor http on a loopback address.
    """
    keys = token_keys(hub.settings, hub.clock)
    app.extensions[EXTENSION] = TokenServer(hub, keys=keys, release_keys=release_keys, people=people)
    app.register_blueprint(oauth_blueprint())


def oauth_blueprint() -> Blueprint:
    """The endpoints; they need the token server in the extensions of the application."""
    blueprint = Blueprint("oauth", __name__, template_folder="templates")
    blueprint.get(AUTHORIZE_PATH)(ask_for_consent)
    blueprint.post(AUTHORIZE_PATH)(take_decision)
    blueprint.post(TOKEN_PATH)(issue_access_token)
    blueprint.post(REVOCATION_PATH)(revoke_token)
    blueprint.post(INTROSPECTION_PATH)(introspect_token)
    blueprint.get(METADATA_PATH)(describe_server)
    blueprint.get(JWKS_PATH)(list_token_keys)
    blueprint.get(RELEASE_KEYS_PATH)(list_release_keys)
    blueprint.register_error_handler(HTTPException, _oauth_http_error)
    return blueprint


def issue_access_token() -> Response:
    """An access token for the client that authenticates (RFC 6749 3.2)."""
    return token_server().answer_token_request()


def revoke_token() -> Response:
    """Take back a token of the client that authenticates (RFC 7009)."""
    return token_server().answer_about_token("revocation")


def introspect_token() -> Response:
    """Tell a client that may ask whether a token is good, and for what (RFC 7662)."""
    return token_server().answer_about_token("introspection")


def describe_server() -> Response:
    """What this authorization server is and can do (RFC 8414)."""
    return jsonify(server_metadata(token_server().issuer))


def list_token_keys() -> Response:
    """The public keys of access tokens (RFC 7517)."""
    return _key_set(token_server().keys)


def list_release_keys() -> Response:
    """The public keys of every release so far (RFC 7517)."""
    return _key_set(token_server().release_keys)


def server_metadata(issuer: str) -> dict[str, Any]:
    """The metadata document of RFC 8414: what is there, and nothing that is not."""
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "revocation_endpoint": issuer + REVOCATION_PATH,
        "introspection_endpoint": issuer + INTROSPECTION_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "service_documentation": issuer + "/docs",
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        **{f"{endpoint}_endpoint_auth_methods_supported": AUTH_METHODS for endpoint in AUTHENTICATED},
        **{f"{endpoint}_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS) for endpoint in AUTHENTICATED},
    }


def _key_set(ring: KeyRing) -> Response:
    response = jsonify(ring.jwks())
    response.cache_control.public = True
    response.cache_control.max_age = KEYS_FRESH_FOR
    return response


def _oauth_http_error(error: HTTPException) -> Response:
    """An error from outside the token server, such as a rate limit, with its headers kept."""
    status = error.code or 500
    name = "invalid_request" if status < 429 else "temporarily_unavailable"
    response = oauth_error(status, name, error.name)
    for header, value in error.get_headers():
        if header != "Content-Type":
            response.headers[header] = value
    return response
