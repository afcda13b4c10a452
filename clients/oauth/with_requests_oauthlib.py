"""requests-oauthlib, as its documentation uses it; it knows neither assertions nor introspection."""

import requests
from oauthlib.oauth2 import BackendApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session
from story import ok, settings, visit

hub = settings()
metadata = requests.get(hub["issuer"] + "/.well-known/oauth-authorization-server").json()
ok("discovery", metadata["issuer"] == hub["issuer"])
token_url = metadata["token_endpoint"]

robot = hub["robot"]
session = OAuth2Session(client=BackendApplicationClient(robot["client_id"], scope=robot["scope"]))
token = session.fetch_token(token_url, auth=HTTPBasicAuth(robot["client_id"], robot["client_secret"]))
ok("client_secret_basic", token["scope"] == robot["scope"].split())

app = hub["app"]
auth = HTTPBasicAuth(app["client_id"], app["client_secret"])
session = OAuth2Session(app["client_id"], scope=app["scope"], redirect_uri=app["redirect_uri"], pkce="S256")
url, _ = session.authorization_url(metadata["authorization_endpoint"])
token = session.fetch_token(token_url, authorization_response=visit(url), auth=auth)
ok("code", session.get(hub["protected"]).status_code == 200)

older = token["refresh_token"]
token = session.refresh_token(token_url, auth=auth)
ok("refresh", token["refresh_token"] != older and session.get(hub["protected"]).status_code == 200)

url, headers, body = session._client.prepare_token_revocation_request(
    metadata["revocation_endpoint"], token["refresh_token"], token_type_hint="refresh_token"
)
revoked = requests.post(url, data=body, headers=headers, auth=auth)
ok("revocation", revoked.status_code == 200 and session.get(hub["protected"]).status_code == 401)
