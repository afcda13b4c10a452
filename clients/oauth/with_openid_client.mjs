// openid-client, as its documentation uses it.
import * as oidc from "openid-client";
import { ok, privateKey, settings, visit } from "./story.mjs";

const hub = settings();

async function client({ client_id, client_secret }, authentication) {
  return oidc.discovery(new URL(hub.issuer), client_id, undefined, authentication ?? oidc.ClientSecretBasic(client_secret), {
    algorithm: "oauth2",
    execute: [oidc.allowInsecureRequests],
  });
}

const robot = await client(hub.robot);
ok("discovery", robot.serverMetadata().issuer === hub.issuer);
const own = await oidc.clientCredentialsGrant(robot, { scope: hub.robot.scope });
ok("client_secret_basic", own.scope === hub.robot.scope);

for (const one of hub.keyed) {
  const keyed = await client(one, oidc.PrivateKeyJwt(await privateKey(one)));
  await oidc.clientCredentialsGrant(keyed);
}
ok("private_key_jwt");

const app = await client(hub.app);
const verifier = oidc.randomPKCECodeVerifier();
const state = oidc.randomState();
const url = oidc.buildAuthorizationUrl(app, {
  redirect_uri: hub.app.redirect_uri,
  scope: hub.app.scope,
  state,
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
const back = visit(url);
ok("iss", back.searchParams.get("iss") === hub.issuer);
const first = await oidc.authorizationCodeGrant(app, back, { pkceCodeVerifier: verifier, expectedState: state });
const seen = await oidc.fetchProtectedResource(app, first.access_token, new URL(hub.protected), "GET");
ok("code", seen.status === 200);

const mixedUp = new URL(back);
mixedUp.searchParams.set("iss", "https://evil.example");
const refused = await oidc
  .authorizationCodeGrant(app, mixedUp, { pkceCodeVerifier: verifier, expectedState: state })
  .catch((error) => error);
ok("mix-up refused", refused instanceof Error);

const second = await oidc.refreshTokenGrant(app, first.refresh_token);
ok("refresh", second.refresh_token !== first.refresh_token);

const api = await client(hub.api);
const told = await oidc.tokenIntrospection(api, second.access_token);
ok("introspection", told.active && told.client_id === hub.app.client_id);

await oidc.tokenRevocation(app, second.refresh_token);
ok("revocation", (await oidc.tokenIntrospection(api, second.access_token)).active === false);
