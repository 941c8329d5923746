import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { ensureCertificates } from "../../../sandbox/internet/certificates";
import { apiToken, ensureToken, internetCa } from "../../../sandbox/internet/files";
import { corefile } from "../../../sandbox/mirror/dns";
import { ensureDirectory, statePaths } from "../../../sandbox/paths";
import { renderEffectiveStack } from "../../../sandbox/stack/effective";
import { readSandboxConfig } from "../../../sandbox/stack/read";

const SOURCE = `config:
  homelab:network:
    lan: { ipv4: 192.0.2.0/24 }
    apiVip: { ipv4: 192.0.2.10 }
  homelab:hosts:
    - { name: pi1, role: server, address: 192.0.2.11 }
`;

let folder: string;
const before = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "homelab-stack-"));
  process.env.HOMELAB_SANDBOX_DIR = join(folder, "state");
  process.env.HOMELAB_SANDBOX_STACK_FILE = join(folder, "Pulumi.sandbox.yaml");
});

afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

function write(...sections: readonly string[]): void {
  writeFileSync(join(folder, "Pulumi.sandbox.yaml"), [SOURCE, ...sections].join(""));
}

function trusted(): unknown {
  renderEffectiveStack();
  const file = parse(readFileSync(statePaths().stackFile, "utf8")) as { config: Record<string, unknown> };
  return file.config["homelab:trustedCAs"];
}

test.each([
  ["no section of them", "", false],
  ["certificates by ACME, the default", "  homelab:certificates: { email: a@home.test }\n", true],
  ["certificates by the home's own CA", "  homelab:certificates: { issuer: internal }\n", false],
  ["public DNS", '  homelab:publicDns: { names: ["@"] }\n', true],
])("%s: whether Cloudflare is needed", async (_, section, needed) => {
  write(section);
  expect(readSandboxConfig().usesCloudflare).toBe(needed);
  expect(trusted()).toBeUndefined();
  await ensureCertificates(ensureDirectory(statePaths().internet), ["api.cloudflare.com"]);
  expect(internetCa()).toContain("BEGIN CERTIFICATE");
  expect(trusted()).toEqual(needed ? [internetCa()] : undefined);
});

test("who is trusted by the file itself is left alone", async () => {
  write('  homelab:publicDns: { names: ["@"] }\n', "  homelab:trustedCAs: [mine]\n");
  await ensureCertificates(ensureDirectory(statePaths().internet), ["api.cloudflare.com"]);
  expect(trusted()).toEqual(["mine"]);
});

test("the emulated zone is the home's domain", () => {
  write("  homelab:domain: Example.org\n");
  expect(readSandboxConfig().domain).toBe("example.org");
  write();
  expect(readSandboxConfig().domain).toBe("home.test");
});

test("a token is made once and has the form of a real one", () => {
  ensureDirectory(statePaths().internet);
  ensureToken();
  const token = apiToken();
  expect(token).toMatch(/^[A-Za-z0-9_-]{40}$/);
  ensureToken();
  expect(apiToken()).toBe(token);
});

test("the LAN's name server forwards the domain's zone, uncached, and keeps all else", () => {
  const own = corefile("/zone");
  const both = corefile("/zone", { zone: "home.test", to: "192.0.2.1:5353" });
  expect(both.startsWith(own)).toBe(true);
  expect(both.slice(own.length)).toMatch(
    /^home\.test:53 \{[^]*forward \. 192\.0\.2\.1:5353 \{\n {4}max_fails 0\n {2}\}\n\}\n$/,
  );
  expect(both).not.toContain("cache");
});
