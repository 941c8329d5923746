/** The updater as it runs in its pod: a process of its own that speaks HTTPS to sources and to Cloudflare's API. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { ensureCertificates } from "../../../sandbox/internet/certificates";
import { CloudflareApi } from "../../../sandbox/internet/cloudflare/api";
import { ZoneFile } from "../../../sandbox/internet/cloudflare/zone-file";
import { UPDATER } from "./modules";

const TOKEN = "a-token-of-40-characters-for-this-test-_";
const COMMENT = "managed by homelab/home";

let directory: string;
let zone: ZoneFile;
let server: https.Server;
let base: string;
let ca: string;
/** What the sources answer, by their path. */
let said: Record<string, string>;
/** What the first source answers before that, once. */
let saidFirst: string | undefined;
/** Requests that would change something. */
let writes: string[];

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "updater-"));
  const files = await ensureCertificates(directory, ["127.0.0.1"]);
  ca = files.ca;
  // As a ConfigMap is mounted: files are links, and Node.js resolves those of what it imports.
  for (const file of fs.readdirSync(UPDATER)) fs.symlinkSync(path.join(UPDATER, file), path.join(directory, file));
  server = https.createServer({ cert: fs.readFileSync(files.certificate), key: fs.readFileSync(files.key) }, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  fs.rmSync(directory, { recursive: true });
});

beforeEach(() => {
  fs.rmSync(path.join(directory, "zone.json"), { force: true });
  zone = new ZoneFile(path.join(directory, "zone.json"));
  zone.ensure("home.test");
  said = { a: "203.0.113.7", b: "203.0.113.7\n", c: "2001:db8:1:2::aaaa", d: "2001:db8:1:2::bbbb" };
  saidFirst = undefined;
  writes = [];
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = "GET", url = "/", headers } = request;
  if (url === "/a" && saidFirst !== undefined) {
    response.end(saidFirst);
    saidFirst = undefined;
    return;
  }
  if (!url.startsWith("/client/v4/")) return void response.end(said[url.slice(1)]);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (method !== "GET") writes.push(method);
    const { status, body } = new CloudflareApi(zone, TOKEN).answer({
      method,
      url,
      headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
}

interface Run {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs it once to its end. */
function run(
  more: { names?: string[]; token?: string; trust?: boolean; domain?: string; looks?: number } = {},
): Promise<Run> {
  const { names = ["@", "whoami"], token = TOKEN, trust = true, domain = "home.test", looks = 1 } = more;
  const sources = { ipv4: [`${base}/a`, `${base}/b`], ipv6: [`${base}/c`, `${base}/d`] };
  const config = { domain, names, comment: COMMENT, sources, ingressIpv6: "fd00:c0:ffee::200", looks };
  const files = ["main.mjs", "config.json", "token"].map((file) => path.join(directory, file));
  fs.writeFileSync(files[1] ?? "", JSON.stringify({ ...config, secondsBetweenLooks: 0 }));
  fs.writeFileSync(files[2] ?? "", `${token}\n`);
  const child = spawn(process.execPath, [...files, `${base}/client/v4`], {
    env: trust ? { NODE_EXTRA_CA_CERTS: ca } : {},
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, lines: Buffer.concat(output).toString().trimEnd().split("\n") }));
  });
}

/** `TYPE NAME CONTENT` of every record, sorted. */
const records = (): string[] =>
  zone
    .read()
    .records.map(({ type, name, content }) => `${type} ${name} ${content}`)
    .sort();

/** Puts a record into the zone as somebody else would. */
function add(type: string, name: string, content: string): void {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const url = `/client/v4/zones/${zone.read().id}/dns_records`;
  const { status } = new CloudflareApi(zone, TOKEN).answer({
    method: "POST",
    url,
    headers,
    body: JSON.stringify({ type, name, content, ttl: 300 }),
  });
  expect(status).toBe(200);
}

const ALL = [
  "A home.test 203.0.113.7",
  "A whoami.home.test 203.0.113.7",
  "AAAA home.test 2001:db8:1:2::200",
  "AAAA whoami.home.test 2001:db8:1:2::200",
];

test("makes the records, then changes nothing, then follows a new address, then removes what left the config", async () => {
  expect(await run()).toEqual({
    code: 0,
    lines: [
      "IPv4: 203.0.113.7",
      "IPv6: 2001:db8:1:2::200",
      "A home.test: create 203.0.113.7",
      "A whoami.home.test: create 203.0.113.7",
      "AAAA home.test: create 2001:db8:1:2::200",
      "AAAA whoami.home.test: create 2001:db8:1:2::200",
    ],
  });
  expect(records()).toEqual(ALL);
  for (const { comment, ttl, proxied } of zone.read().records)
    expect([comment, ttl, proxied]).toEqual([COMMENT, 60, false]);

  writes = [];
  expect((await run()).code).toBe(0);
  expect(writes).toEqual([]);

  said = { ...said, a: "203.0.113.8", b: "203.0.113.8" };
  const followed = await run();
  expect(followed.code).toBe(0);
  expect(followed.lines).toContain("A home.test: update 203.0.113.7 to 203.0.113.8");
  expect(writes).toEqual(["PATCH", "PATCH"]);
  expect(records()[1]).toBe("A whoami.home.test 203.0.113.8");

  expect((await run({ names: ["@"] })).code).toBe(0);
  expect(records()).toEqual(["A home.test 203.0.113.8", ALL[2]]);
});

test("sources that disagree change nothing and say what each said", async () => {
  await run();
  writes = [];
  said = { ...said, a: "203.0.113.8", d: "2001:db8:9:9::bbbb" };
  const { code, lines } = await run();
  const host = base.replace("https://", "");
  expect(code).toBe(1);
  expect(lines).toEqual([
    `ERROR IPv4: nothing changes: no address that two sources agree on (${host}: 203.0.113.8; ${host}: 203.0.113.7)`,
    `ERROR IPv6: nothing changes: no address that two sources agree on (${host}: 2001:db8:1:2::200; ${host}: 2001:db8:9:9::200)`,
  ]);
  expect(writes).toEqual([]);
  expect(records()).toEqual(ALL);
});

test("a record that is not ours stays, is named with what to do, and holds up no other", async () => {
  add("A", "home.test", "198.51.100.1");
  add("CNAME", "www.home.test", "elsewhere.example");
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith("ERROR"))).toEqual([
    "ERROR A home.test: there is a record A 198.51.100.1 that is not ours; delete it at Cloudflare, or take the name out of homelab:publicDns",
  ]);
  expect(records()).toEqual(["A home.test 198.51.100.1", ...ALL.slice(1), "CNAME www.home.test elsewhere.example"]);
});

test("looks again as often as it is told, and the last look counts", async () => {
  saidFirst = "203.0.113.6";
  const { code, lines } = await run({ looks: 2 });
  expect(code).toBe(0);
  expect(lines.filter((line) => /IPv4: /.test(line))).toEqual([
    expect.stringMatching(/^ERROR IPv4: nothing changes: /),
    "IPv4: 203.0.113.7",
  ]);
  expect(records()).toEqual(ALL);
});

test("finds the zone of a domain below it", async () => {
  expect((await run({ domain: "pi.home.test", names: ["@"] })).code).toBe(0);
  expect(records()).toEqual(["A pi.home.test 203.0.113.7", "AAAA pi.home.test 2001:db8:1:2::200"]);
});

test.each([
  ["an unknown token", { token: "another-token-of-40-characters-in-length" }, "GET /zones: Cloudflare refused with HTTP status 403 (9109 Invalid access token); give homelab:cloudflareApiToken"], // prettier-ignore
  ["something that is no token", { token: "short" }, "GET /zones: Cloudflare refused with HTTP status 400 (6003 Invalid request headers); give homelab:cloudflareApiToken"], // prettier-ignore
  ["a token with a line end in it", { token: "two\nlines" }, "the token has characters that none has; give homelab:cloudflareApiToken"], // prettier-ignore
  ["a zone that the token does not see", { domain: "pi.other.test" }, "the token sees no zone pi.other.test or other.test; give homelab:cloudflareApiToken"], // prettier-ignore
])("%s: one line with the remedy, without the token", async (_, more: { token?: string; domain?: string }, words) => {
  const { code, lines } = await run(more);
  expect(code).toBe(1);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toContain(`ERROR ${words}`);
  for (const token of more.token?.split("\n") ?? []) expect(lines.join("\n")).not.toContain(token);
});

test("a CA that is not trusted is said to be that", async () => {
  const { code, lines } = await run({ trust: false });
  expect(code).toBe(1);
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/not trusted \([A-Z_]+\); .*homelab:trustedCAs/);
  expect(writes).toEqual([]);
});
