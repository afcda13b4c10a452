"""The OAuth endpoints: tokens, server metadata, and the public keys of tokens and releases.

They speak OAuth (RFC 6749 5.2), not problem documents: their callers are OAuth libraries.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from actions.hub import Hub
from auth.keys import KeyRing, token_keys
from auth.server import AUTH_METHOD, EXTENSION, TOKEN_PATH, TokenServer, oauth_error, token_server
from auth.token_request import GRANT_TYPES
from domain.access import Scope

JWKS_PATH = "/.well-known/jwks.json"
RELEASE_KEYS_PATH = "/.well-known/release-keys.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"
KEYS_FRESH_FOR = 300  # seconds


def install_auth(app: Flask, hub: Hub, release_keys: KeyRing) -> None:
    """Give the application its token server and endpoints; creates the token keys at first use.

    Raises ValueError for an issuer that is neither https nor http on a loopback address.
    """
    app.extensions[EXTENSION] = TokenServer(hub, keys=token_keys(hub.settings, hub.clock), release_keys=release_keys)
    app.register_blueprint(oauth_blueprint())


def oauth_blueprint() -> Blueprint:
    """The endpoints; they need the token server in the extensions of the application."""
    blueprint = Blueprint("oauth", __name__)
    blueprint.post(TOKEN_PATH)(issue_access_token)
    blueprint.get(METADATA_PATH)(describe_server)
    blueprint.get(JWKS_PATH)(list_token_keys)
    blueprint.get(RELEASE_KEYS_PATH)(list_release_keys)
    blueprint.register_error_handler(HTTPException, _oauth_http_error)
    return blueprint


def issue_access_token() -> Response:
    """An access token for the client that authenticates (RFC 6749 4.4)."""
    return token_server().answer()


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
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": [],
        "grant_types_supported": list(GRANT_TYPES),
        "token_endpoint_auth_methods_supported": [AUTH_METHOD],
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
