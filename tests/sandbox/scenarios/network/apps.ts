/** One app's switches: a certificate of its own, LAN only, a login, headers, a path prefix. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { namespaceOf } from "../../../../sandbox/lan/network";
import { until } from "../../lab";
import { CURL, certificateOf, namesOf, parseVisit, planned, type Visit } from "../../questions-network";
import { lab } from "../shared";
import { CLIENT, DOMAIN, INGRESS, WHOAMI, acmeRoot, configure, output, visit, visitAs } from "./shared";

const APP = ["homelab:apps", "whoami"] as const;
/** Addresses of the router that are in no network of the home: what a visitor from the Internet looks like. */
const ELSEWHERE = { ipv4: "198.51.100.1", ipv6: "2001:db8:ffff::1" };

/** A request from outside of the LAN, by way of the router. */
function visitFromElsewhere(family: "ipv4" | "ipv6", ...options: readonly string[]): Visit {
  const ip = ["ip", "-n", namespaceOf("router"), "address", "replace", ELSEWHERE[family], "dev", "lo"];
  assert.equal(spawnSync(ip[0] ?? "", ip.slice(1)).status, 0);
  const target = family === "ipv4" ? INGRESS.ipv4 : `[${INGRESS.ipv6}]`;
  const from = ["--interface", ELSEWHERE[family], "--resolve", `${WHOAMI}:443:${target}`, "--cacert", acmeRoot()];
  const args = ["netns", "exec", namespaceOf("router"), ...CURL, ...from, ...options, `https://${WHOAMI}/`];
  const { status, stdout, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return parseVisit(stdout);
}

test("an app for everyone answers from elsewhere, too", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const { status, body } = visitFromElsewhere(family);
    assert.equal(status, 200);
    assert.match(body, new RegExp(`^X-Real-Ip: ${ELSEWHERE[family]}$`, "m"));
  }
});

test("switches of an app: the preview names what is the app's, and nothing of the layers below", async () => {
  configure(APP, {
    access: "lan",
    certificate: "own",
    middlewares: { basicAuth: true, headers: { hstsSeconds: 60 }, stripPrefix: "/inner" },
  });
  const changes = await planned(lab);
  assert.ok(changes.length >= 4, changes.join("\n"));
  for (const change of changes) {
    assert.match(change, /whoami/, `nothing but the app changes:\n${changes.join("\n")}`);
  }
  await lab.up();
});

test("an app with a login: 401 without, 200 with the generated password, headers set and the prefix taken off", async () => {
  const passwords = await output<Record<string, string>>("appPasswords");
  const password = passwords["whoami"] ?? "";
  assert.ok(password.length >= 20, "the app has a long password");
  await until("the login", 30, async () => (await visit(`https://${WHOAMI}/`)).status === 401);
  assert.equal((await visitAs("admin", `${password}x`, `https://${WHOAMI}/`)).status, 401);
  const { status, headers, body } = await visitAs("admin", password, `https://${WHOAMI}/inner/place`);
  assert.equal(status, 200);
  assert.match(headers["strict-transport-security"] ?? "", /max-age=60\b/);
  assert.match(body, /^GET \/place HTTP/m);
  assert.doesNotMatch(body, /^Authorization:/m, "the app never sees the password");
});

test("a certificate of its own is issued for an app by its Ingress", async () => {
  const seconds = await until("the app's own certificate", 180, async () => {
    const certificate = await certificateOf(lab, INGRESS.ipv4, WHOAMI, acmeRoot());
    return namesOf(certificate).join(" ") === WHOAMI;
  });
  console.error(`certificate of an app's own, after the \`up\` that asked for it: ${seconds.toFixed(0)} s`);
  const others = await certificateOf(lab, INGRESS.ipv4, `never-heard-of.${DOMAIN}`, acmeRoot());
  assert.deepEqual(namesOf(others), [`*.${DOMAIN}`, DOMAIN], "all others keep the wildcard one");
});

test("an app for the LAN only refuses clients from elsewhere, and a forged header does not help them", async () => {
  configure([...APP, "middlewares"], undefined);
  assert.ok(
    (await planned(lab)).some((change) => change.startsWith("delete ")),
    "what was switched off is removed",
  );
  await lab.up();
  await until("an app without a login", 30, async () => (await visit(`https://${WHOAMI}/`)).status === 200);
  for (const family of ["ipv4", "ipv6"] as const) {
    assert.equal(visitFromElsewhere(family).status, 403, family);
    assert.equal((await visit(`https://${WHOAMI}/`, `--${family}`)).status, 200, family);
  }
  const { headers } = await visit(`https://${WHOAMI}/`);
  assert.equal(headers["strict-transport-security"], undefined, "HSTS is off unless asked for");
  const forged = ["X-Forwarded-For", "X-Real-Ip"].flatMap((name) => ["--header", `${name}: ${CLIENT.ipv4}`]);
  assert.equal(visitFromElsewhere("ipv4", ...forged).status, 403);
});
