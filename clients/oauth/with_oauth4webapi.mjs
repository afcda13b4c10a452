// oauth4webapi, as its documentation uses it; the last step is its own check of access tokens (RFC 9068).
import * as oauth from "oauth4webapi";
import { ok, privateKey, settings, visit } from "./story.mjs";

const hub = settings();
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(hub.issuer);
const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
const server = await oauth.processDiscoveryResponse(issuer, found);
ok("discovery");

const id = ({ client_id }) => ({ client_id });
const basic = ({ client_secret }) => oauth.ClientSecretBasic(client_secret);

async function ownToken(who, authentication, parameters = {}) {
  const answer = await oauth.clientCredentialsGrantRequest(server, id(who), authentication, parameters, insecure);
  return oauth.processClientCredentialsResponse(server, id(who), answer);
}

const own = await ownToken(hub.robot, basic(hub.robot), { scope: hub.robot.scope });
ok("client_secret_basic", own.scope === hub.robot.scope);
for (const one of hub.keyed) await ownToken(one, oauth.PrivateKeyJwt(await privateKey(one)));
ok("private_key_jwt");

const app = id(hub.app);
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const url = new URL(server.authorization_endpoint);
url.search = new URLSearchParams({
  ...app,
  response_type: "code",
  redirect_uri: hub.app.redirect_uri,
  scope: hub.app.scope,
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
const parameters = oauth.validateAuthResponse(server, app, visit(url), state);
const redeemed = await oauth.authorizationCodeGrantRequest(
  server, app, basic(hub.app), parameters, hub.app.redirect_uri, verifier, insecure,
);
const first = await oauth.processAuthorizationCodeResponse(server, app, redeemed);
const seen = await oauth.protectedResourceRequest(first.access_token, "GET", new URL(hub.protected), undefined, undefined, insecure);
ok("code", seen.status === 200);

const refreshed = await oauth.refreshTokenGrantRequest(server, app, basic(hub.app), first.refresh_token, insecure);
const second = await oauth.processRefreshTokenResponse(server, app, refreshed);
ok("refresh", second.refresh_token !== first.refresh_token);

async function introspect(token) {
  const answer = await oauth.introspectionRequest(server, id(hub.api), basic(hub.api), token, insecure);
  return oauth.processIntrospectionResponse(server, id(hub.api), answer);
}

const told = await introspect(second.access_token);
ok("introspection", told.active && told.sub.startsWith("user:"));

async function checked(token) {
  const request = new Request(hub.protected, { headers: { Authorization: `Bearer ${token}` } });
  return oauth.validateJwtAccessToken(server, request, hub.issuer, insecure);
}

ok("RFC 9068 of a person", (await checked(second.access_token)).client_id === hub.app.client_id);
ok("RFC 9068 of a client", (await checked(own.access_token)).sub === hub.robot.client_id);

await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, app, basic(hub.app), second.refresh_token, insecure),
);
ok("revocation", (await introspect(second.access_token)).active === false);
