import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { execFileSync, spawn } from "node:child_process";
import { KeyObject, webcrypto } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { PREFLIGHT_FILE, preflightParameters } from "../../../components/cloudflare/preflight";
import { renderScript } from "../../../components/script/script";

const TOKEN = "a-token-of-40-characters-for-this-test-_";
const ZONE_ID = "0123456789abcdef0123456789abcdef";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
const ok = (result: unknown): Answer => ({ status: 200, body: { success: true, errors: [], messages: [], result } });
const error = (status: number, code: number, message: string): Answer => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});
/** As Cloudflare has it: objects within the zone have ids of their own, in whatever order. */
const zone = (more: object = {}): Answer =>
  ok([
    {
      owner: { id: "f".repeat(32), type: "user", email: null },
      plan: { id: "e".repeat(32), legacy: { id: "d".repeat(32) } },
      id: ZONE_ID,
      name: "home.test",
      account: { id: "c".repeat(32), name: "it's me" },
      ...more,
    },
  ]);

type Answers = Readonly<Record<string, Answer | readonly Answer[]>>;
const good: Answers = {
  "zones?name=home.test": zone(),
  [`zones/${ZONE_ID}/dns_records?per_page=5`]: ok([]),
};

let server: http.Server | https.Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** An API that gives these answers, a list one after the other; seen are the paths that it was asked for. */
async function api(answers: Answers): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const asked: Record<string, number> = {};
  server = http.createServer((request, response) => {
    const target = String(request.url).replace("/client/v4/", "");
    seen.push(target);
    const known = answers[target] ?? error(404, 7003, `no route for ${target}`);
    const all: readonly Answer[] = "status" in known ? [known] : known;
    const turn = (asked[target] = (asked[target] ?? 0) + 1);
    const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
    const answer = authorized ? (all[turn - 1] ?? all.at(-1)) : error(400, 6003, "Invalid request headers");
    response.writeHead(answer?.status ?? 500, { "content-type": "application/json" });
    response.end(JSON.stringify(answer?.body));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`, seen };
}

/** Runs the preflight as a host does, with the token on standard input. */
function preflight(
  url: string,
  { domain = "home.test", token = TOKEN, seconds = 2, searchPath = process.env["PATH"] } = {},
): Promise<{ status: number | null; stderr: string }> {
  const parameters = {
    ...preflightParameters(domain, "v1.21.1"),
    api: url,
    timeout_seconds: seconds,
    pause_seconds: 1,
  };
  const script = renderScript({ step: "cloudflare-preflight", files: [PREFLIGHT_FILE], parameters });
  const child = spawn("bash", ["-c", `exec 3<&0\n${script}`, "homelab", "create"], {
    env: { ...process.env, PATH: searchPath },
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  child.stdin.end(`${token}\n`);
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stderr })));
}

/** A certificate that nobody trusts, and its key. */
async function selfSigned(): Promise<{ key: string; cert: string }> {
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=proxy",
    keys,
    signingAlgorithm,
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" });
  return { key: String(key), cert: certificate.toString("pem") };
}

test("a token that may edit the zone passes", async () => {
  const { url, seen } = await api(good);
  expect(await preflight(url)).toEqual({
    status: 0,
    stderr: "homelab:cloudflareApiToken may edit the DNS records of home.test\n",
  });
  expect(seen).toEqual(Object.keys(good));
});

test("the zone may be a parent of the domain", async () => {
  const { url, seen } = await api({ "zones?name=my.home.test": ok([]), ...good });
  expect((await preflight(url, { domain: "my.home.test" })).status).toBe(0);
  expect(seen[0]).toBe("zones?name=my.home.test");
});

test.each([
  [
    "an unknown token",
    error(403, 9109, "Invalid access token"),
    error(401, 1000, "Invalid API Token"),
    /does not accept the token .*home\.test.*Invalid access token/,
  ],
  [
    "a mangled token",
    error(400, 6003, "Invalid request headers"),
    error(400, 6003, "Invalid request headers"),
    /does not accept the token .*HTTP status 400, Invalid request headers/,
  ],
  ["an expired token", error(403, 9109, "Invalid access token"), ok({ status: "expired" }), /disabled or expired/],
  [
    "a token without Zone:Read",
    error(403, 0, "Actor requires permission to list zones"),
    ok({ status: "active" }),
    /sees no zone home\.test/,
  ],
])("%s is named as such", async (_, zones, verify, message) => {
  const { url } = await api({ "zones?name=home.test": zones, "user/tokens/verify": verify });
  const { status, stderr } = await preflight(url);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).toContain("homelab:cloudflareApiToken");
  expect(stderr).toContain("pulumi config set --secret homelab:cloudflareApiToken");
  expect(stderr).not.toContain(TOKEN);
});

test("a token for another zone sees none of the domain's", async () => {
  const { url, seen } = await api({ "zones?name=my.home.test": ok([]), "zones?name=home.test": ok([]) });
  const { status, stderr } = await preflight(url, { domain: "my.home.test" });
  expect(status).toBe(1);
  expect(stderr).toContain("sees no zone my.home.test, nor one of a parent of it");
  expect(seen).toEqual(["zones?name=my.home.test", "zones?name=home.test"]);
});

test.each([
  ["may not list records", zone(), error(403, 10000, "Authentication error")],
  ["may only read them", zone({ permissions: ["#dns_records:read", "#zone:read"] }), ok([])],
])("a token that %s cannot edit the zone", async (_, found, records) => {
  const { url } = await api({
    "zones?name=home.test": found,
    [`zones/${ZONE_ID}/dns_records?per_page=5`]: records,
    "user/tokens/verify": ok({ status: "active" }),
  });
  const { status, stderr } = await preflight(url);
  expect(status).toBe(1);
  expect(stderr).toContain("sees the zone home.test, but may not edit its DNS records");
});

test("what passes is waited for", async () => {
  const trouble = [error(429, 10013, "More than 1200 requests"), error(502, 0, "Bad gateway"), zone()];
  const { url } = await api({ ...good, "zones?name=home.test": trouble });
  expect((await preflight(url, { seconds: 30 })).status).toBe(0);
});

test.each([
  [
    "a rate limit",
    error(429, 10013, "More than 1200 requests"),
    /rate limit holds back homelab:cloudflareApiToken \(zone of home\.test\)/,
  ],
  ["a broken API", error(500, 0, "oops"), /answers with HTTP status 500/],
])("%s that stays is named", async (_, answer, message) => {
  const { url } = await api({ "zones?name=home.test": answer });
  const { status, stderr } = await preflight(url);
  expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
});

test("a host that is not reached, and a name that is not known, are told apart", async () => {
  const closed = await preflight("http://127.0.0.1:1/client/v4", { seconds: 1 });
  expect(closed.stderr).toMatch(/does not reach http:\/\/127\.0\.0\.1:1\/client\/v4: curl: \(7\)/);
  const unknown = await preflight("https://api.invalid/client/v4", { seconds: 1 });
  expect(unknown.stderr).toContain("cannot resolve the name in https://api.invalid/client/v4");
});

test("a TLS proxy is recognised at once and trustedCAs is named", async () => {
  server = https.createServer(await selfSigned());
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const started = Date.now();
  const { status, stderr } = await preflight(`https://127.0.0.1:${port}/client/v4`, { seconds: 60 });
  expect(status).toBe(1);
  expect(stderr).toContain("is not trusted on this host: curl: (60)");
  expect(stderr).toContain("trustedCAs");
  expect(Date.now() - started).toBeLessThan(20_000);
});

test.each(["", 'x" url = "https://elsewhere', "two words"])(
  "a token like <%s> is refused before it is used",
  async (token) => {
    const { url, seen } = await api(good);
    const { status, stderr } = await preflight(url, { token });
    expect(status).toBe(1);
    expect(stderr).toContain("homelab:cloudflareApiToken is not an API token");
    expect(seen).toEqual([]);
  },
);

test("no argument and no environment of curl's holds the token", async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-curl-"));
  const log = path.join(directory, "log");
  const real = execFileSync("bash", ["-c", "command -v curl"], { encoding: "utf8" }).trim();
  const wrapper = `#!/bin/bash\nprintf '%s\\n' "$*" >>'${log}'\nenv >>'${log}'\nexec ${real} "$@"\n`;
  fs.writeFileSync(path.join(directory, "curl"), wrapper, { mode: 0o755 });
  const { url } = await api(good);
  const { status } = await preflight(url, { searchPath: `${directory}:${process.env["PATH"]}` });
  const seen = fs.readFileSync(log, "utf8");
  fs.rmSync(directory, { recursive: true });
  expect(status).toBe(0);
  expect(seen).toContain("--config /dev/fd/");
  expect(seen).not.toContain(TOKEN);
});
