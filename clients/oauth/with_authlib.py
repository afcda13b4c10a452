"""Authlib's own client, as its documentation uses it."""

import time

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from joserfc.jwk import JWKRegistry
from story import ok, settings, visit

hub = settings()
metadata = AuthorizationServerMetadata(
    OAuth2Session().get(get_well_known_url(hub["issuer"], external=True), withhold_token=True).json()
)
metadata.validate()
ok("discovery", metadata["issuer"] == hub["issuer"])
token_url = metadata["token_endpoint"]

robot = OAuth2Session(hub["robot"]["client_id"], hub["robot"]["client_secret"], scope=hub["robot"]["scope"])
token = robot.fetch_token(token_url, grant_type="client_credentials")
ok("client_secret_basic", token["scope"] == hub["robot"]["scope"])

for one in hub["keyed"]:
    keyed = OAuth2Session(
        one["client_id"], JWKRegistry.import_key(one["jwk"]), token_endpoint_auth_method="private_key_jwt"
    )
    # Authlib's assertions last an hour unless told otherwise, which is longer than the hub takes.
    soon = int(time.time()) + 240
    keyed.register_client_auth_method(PrivateKeyJWT(token_url, alg=one["alg"], claims={"exp": soon}))
    token = keyed.fetch_token(token_url, grant_type="client_credentials")
ok("private_key_jwt", token["scope"] == "data:read")

app = hub["app"]
session = OAuth2Session(
    app["client_id"],
    app["client_secret"],
    scope=app["scope"],
    redirect_uri=app["redirect_uri"],
    code_challenge_method="S256",
)
verifier = generate_token(48)
url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
token = session.fetch_token(token_url, authorization_response=visit(url), state=state, code_verifier=verifier)
ok("code", session.get(hub["protected"]).status_code == 200)

older = token["refresh_token"]
token = session.refresh_token(token_url, refresh_token=older)
ok("refresh", token["refresh_token"] != older)

api = OAuth2Session(hub["api"]["client_id"], hub["api"]["client_secret"])
told = api.introspect_token(metadata["introspection_endpoint"], token["access_token"]).json()
ok("introspection", told["active"] and told["client_id"] == app["client_id"])

revoked = session.revoke_token(metadata["revocation_endpoint"], token["refresh_token"])
told = api.introspect_token(metadata["introspection_endpoint"], token["access_token"]).json()
ok("revocation", revoked.status_code == 200 and told == {"active": False})
