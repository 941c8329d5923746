/** What a client in the LAN sees of the home's sites, without any change of the config. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CURL, certificateOf, namesOf, parseVisit } from "../../questions-network";
import { lab } from "../shared";
import { CLIENT, DASHBOARD, DOMAIN, INGRESS, WHOAMI, acmeRoot, output, visit, visitAs } from "./shared";

const WILDCARD_NAMES = [`*.${DOMAIN}`, DOMAIN];

test("a client that knows only the LAN's name server opens whoami and validates its certificate", async () => {
  const { status, body } = await visit(`https://${WHOAMI}/`);
  assert.equal(status, 200);
  assert.match(body, /^Hostname: whoami-/m);
  // The counter-proof: without the root nobody trusts it.
  const distrust = await lab.sandbox([
    "exec",
    "--",
    ...CURL,
    "--resolve",
    `${WHOAMI}:443:${INGRESS.ipv4}`,
    `https://${WHOAMI}/`,
  ]);
  assert.equal(distrust.status, 60, distrust.output);
});

test("the wildcard certificate serves a host, the domain itself and names without an app, which are 404", async () => {
  for (const host of [WHOAMI, DOMAIN, `never-heard-of.${DOMAIN}`]) {
    const certificate = await certificateOf(lab, INGRESS.ipv4, host, acmeRoot());
    assert.deepEqual(namesOf(certificate), WILDCARD_NAMES, host);
  }
  assert.equal((await visit(`https://never-heard-of.${DOMAIN}/`)).status, 404);
});

test("HTTP is redirected to HTTPS for good, path included", async () => {
  const { status, headers } = await visit(`http://${WHOAMI}/a/path?b=c`);
  assert.ok([301, 308].includes(status), `status ${status}`);
  assert.equal(headers["location"], `https://${WHOAMI}/a/path?b=c`);
});

test("TLS 1.1 is refused by the server, TLS 1.2 and 1.3 are spoken", async () => {
  const handshake = async (version: string): Promise<string> => {
    // Lowered so that this client would speak the old version if the server did.
    const weak = ["-cipher", "ALL:@SECLEVEL=0", "-servername", WHOAMI];
    const connect = ["openssl", "s_client", `-${version}`, ...weak, "-connect", `${INGRESS.ipv4}:443`];
    return (await lab.sandbox(["exec", "--", ...connect])).output;
  };
  assert.match(await handshake("tls1_1"), /alert number 70/, "an alert from the server: protocol_version");
  assert.match(await handshake("tls1_2"), /New, TLSv1\.2/);
  assert.match(await handshake("tls1_3"), /New, TLSv1\.3/);
});

for (const [family, curl] of [
  ["ipv4", "--ipv4"],
  ["ipv6", "--ipv6"],
] as const) {
  test(`the app sees the client's own address by ${family}`, async () => {
    const { status, body } = await visit(`https://${WHOAMI}/`, curl);
    assert.equal(status, 200);
    for (const header of ["X-Forwarded-For", "X-Real-Ip"]) {
      assert.equal(new RegExp(`^${header}: (.*)$`, "m").exec(body)?.[1], CLIENT[family], header);
    }
    assert.match(body, /^X-Forwarded-Proto: https$/m);
  });
}

test("the dashboard asks for a login and opens with the generated password", async () => {
  const url = `https://${DASHBOARD}/dashboard/`;
  const closed = await visit(url);
  assert.equal(closed.status, 401);
  assert.match(closed.headers["www-authenticate"] ?? "", /^Basic /);
  const password = await output<string>("dashboardPassword");
  assert.ok(password.length >= 20, "the password is a long one");
  assert.equal((await visitAs("admin", `${password}x`, url)).status, 401);
  // Its API, since a Traefik that was built without the web pages has nothing else to show.
  const open = await visitAs("admin", password, `https://${DASHBOARD}/api/version`);
  assert.equal(open.status, 200);
  assert.ok("Version" in (JSON.parse(open.body) as object));
});

test("the API of the dashboard is not to be had past the login, by another name or in the clear", async () => {
  assert.equal((await visit(`https://${DASHBOARD}/api/rawdata`)).status, 401);
  assert.equal((await visit(`https://${WHOAMI}/api/rawdata`)).body.includes("routers"), false);
  const insecure = await lab.exec(...CURL, "--header", `Host: ${DASHBOARD}`, `http://${INGRESS.ipv4}/api/rawdata`);
  assert.ok([301, 308].includes(parseVisit(insecure).status));
});
