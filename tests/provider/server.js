// A real provider for the tests: oidc-provider (certified by the OpenID Foundation) with a sign-in
// page of few words. What it was told comes as JSON in PROVIDER: port, client, secret, base (the
// desk's), people (a file: {subject: {password, name, groups, acr, amr}}, read anew each time).
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { errors, Provider } from "oidc-provider";

const told = JSON.parse(process.env.PROVIDER);
const people = () => JSON.parse(readFileSync(told.people, "utf8"));

const provider = new Provider(`http://127.0.0.1:${told.port}`, {
  clients: [
    {
      client_id: told.client,
      client_secret: told.secret,
      redirect_uris: [`${told.base}/sign-in/sso/return`],
      post_logout_redirect_uris: [`${told.base}/sign-in`],
      backchannel_logout_uri: `${told.base}/sign-in/sso/back-channel-logout`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: told.algorithm,
    },
  ],
  jwks: told.keys,
  claims: {
    openid: ["sub", "amr", "sid"],
    profile: ["name", "preferred_username"],
    groups: ["groups"],
    acr: null,
    auth_time: null,
  },
  acrValues: ["password", "two-factors"],
  conformIdTokenClaims: false,
  cookies: { keys: ["of the tests"] },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_, sub) {
    const known = people()[sub];
    return known && { accountId: sub, claims: async () => ({ sub, ...known.claims }) };
  },
  // whoever signed in agreed: these tests are about the desk
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile groups");
    grant.addOIDCClaims(["acr", "auth_time"]);
    await grant.save();
    return grant;
  },
  // the desk of the tests is on this machine, where the provider would not call by itself
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  renderError: async (ctx, out) => {
    ctx.type = "html";
    ctx.body = `<!doctype html><title>Provider</title><h1>${out.error}</h1>`;
  },
});
for (const name of ["server_error", "backchannel.error", "grant.error"]) {
  provider.on(name, (_, error) => console.error(name, error));
}
const FORM =
  '<!doctype html><html lang="en"><title>Provider</title><h1>Provider</h1><form method="post">' +
  '<label>Subject <input name="subject"></label><label>Password <input name="password"></label>' +
  '<button>Sign in there</button><button name="leave" value="1">Leave</button></form>';

async function interact(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    return response.end(FORM);
  }
  let text = "";
  for await (const part of request) text += part;
  const form = new URLSearchParams(text);
  const known = people()[form.get("subject")];
  if (form.has("leave")) {
    const left = { error: "access_denied", error_description: "<b>left</b>" };
    return provider.interactionFinished(request, response, left);
  }
  if (!known || known.password !== form.get("password")) {
    response.setHeader("Content-Type", "text/html");
    return response.end(FORM);
  }
  const { acr, amr } = known;
  const login = { accountId: form.get("subject"), acr, amr };
  return provider.interactionFinished(request, response, { login });
}

createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return provider.callback()(request, response);
  try {
    await interact(request, response);
  } catch (error) {
    response.statusCode = error instanceof errors.SessionNotFound ? 400 : 500;
    response.end();
  }
}).listen(told.port, "127.0.0.1", () => console.log("ready"));
