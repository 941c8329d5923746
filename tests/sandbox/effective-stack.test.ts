import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { lanAddresses } from "../../sandbox/lan/addresses";
import { cableOf } from "../../sandbox/lan/network";
import { sandboxId, statePaths } from "../../sandbox/paths";
import { UserError } from "../../sandbox/progress";
import { renderEffectiveStack } from "../../sandbox/stack/effective";
import { readSandboxConfig } from "../../sandbox/stack/read";

const SOURCE = `# a remark that must survive
config:
  homelab:network:
    lan: { ipv4: 192.0.2.0/24, ipv6: "fd00:c0:ffee::/64" }
    apiVip: { ipv4: 192.0.2.10, ipv6: "fd00:c0:ffee::10" }
  homelab:hosts:
    - { name: pi1, role: server, address: 192.0.2.11 } # the first
    - { name: pi2, role: agent, address: 192.0.2.12, hostKey: ssh-ed25519 GIVEN }
`;

interface StackFile {
  readonly encryptionsalt?: string;
  readonly config: Record<string, unknown> & { "homelab:hosts": { name: string; hostKey?: string }[] };
}

let folder: string;
const before = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "homelab-stack-"));
  process.env.HOMELAB_SANDBOX_DIR = join(folder, "state");
  process.env.HOMELAB_SANDBOX_STACK_FILE = join(folder, "Pulumi.sandbox.yaml");
  writeSource(SOURCE);
});

afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

function writeSource(text: string): void {
  writeFileSync(join(folder, "Pulumi.sandbox.yaml"), text);
}

function image(name: string): void {
  const keys = join(statePaths().hosts, name, "keys");
  mkdirSync(keys, { recursive: true });
  writeFileSync(join(keys, "ssh_host_ed25519_key.pub"), `ssh-ed25519 OF-${name} root@raspberrypi\n`);
  writeFileSync(join(statePaths().hosts, name, "disk.img"), "");
}

function written(): StackFile {
  return parse(readFileSync(statePaths().stackFile, "utf8")) as StackFile;
}

test("a host gets the key of its disk, a given key stays, and who has no disk is named", () => {
  expect(renderEffectiveStack().withoutDisk).toEqual(["pi1", "pi2"]);
  image("pi1");
  image("pi2");
  expect(renderEffectiveStack().withoutDisk).toEqual([]);
  const keys = written().config["homelab:hosts"].map(({ hostKey }) => hostKey);
  expect(keys).toEqual(["ssh-ed25519 OF-pi1", "ssh-ed25519 GIVEN"]);
  const text = readFileSync(statePaths().stackFile, "utf8");
  expect(text).toContain("# a remark that must survive");
  expect(text).toContain("# the first");
  expect(statSync(statePaths().stackFile).mode & 0o777).toBe(0o600);
});

test("secrets and the stack's own salt survive an edit of the source; the source's salt does not count", () => {
  mkdirSync(dirname(statePaths().initialStackFile), { recursive: true });
  writeFileSync(statePaths().initialStackFile, "encryptionsalt: v1:own\n");
  renderEffectiveStack();
  const secret = "  homelab:sshPrivateKey:\n    secure: v1:cipher\n  homelab:plain: dropped\nencryptionsalt: v1:own\n";
  writeFileSync(statePaths().stackFile, `config:\n${secret}`);
  writeSource(`${SOURCE}  homelab:domain: new.test\nencryptionsalt: v1:foreign\n`);
  renderEffectiveStack();
  const { config, encryptionsalt } = written();
  expect(encryptionsalt).toBe("v1:own");
  expect(config["homelab:sshPrivateKey"]).toEqual({ secure: "v1:cipher" });
  expect(config["homelab:domain"]).toBe("new.test");
  expect(config).not.toHaveProperty("homelab:plain");
});

test("the sandbox takes the first two addresses of the LAN and refuses hosts that have them", () => {
  expect(lanAddresses(readSandboxConfig())).toEqual({
    router: { ipv4: "192.0.2.1", ipv6: "fd00:c0:ffee::1" },
    client: { ipv4: "192.0.2.2", ipv6: "fd00:c0:ffee::2" },
    ipv4Prefix: 24,
    ipv6Prefix: 64,
  });
  writeSource(SOURCE.replace("192.0.2.11", "192.0.2.2"));
  expect(() => lanAddresses(readSandboxConfig())).toThrow(/192\.0\.2\.2 is the sandbox's own address/);
});

test("all that cannot be simulated is said at once", () => {
  writeSource(SOURCE.replace("name: pi1", "name: router").replace("address: 192.0.2.12, ", ""));
  expect(() => readSandboxConfig()).toThrow(UserError);
  expect(() => readSandboxConfig()).toThrow(/"router" cannot be a simulated host's name[^]*hosts\[1\]\.address/);
});

test("cables differ between members, fit the kernel's limits and stay the same", () => {
  const names = Array.from({ length: 20 }, (_, index) => `a-host-with-a-rather-long-name-${index}`);
  const cables = names.map(cableOf);
  expect(new Set(cables.map(({ port }) => port)).size).toBe(20);
  expect(new Set(cables.map(({ mac }) => mac)).size).toBe(20);
  for (const { port, mac, netns } of cables) {
    expect(port.length).toBeLessThanOrEqual(15);
    expect(mac).toMatch(/^02:00(:[0-9a-f]{2}){4}$/);
    expect(netns).toContain(`homelab-${sandboxId()}-`);
  }
  expect(names.map(cableOf)).toEqual(cables);
});
