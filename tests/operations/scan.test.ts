import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint, parseHostKey } from "../../config/host-key";
import { scan, scanIsGood, scanTargets, scanText } from "../../operations/scan";
import { fakeHost, type FakeHost } from "./fake-host";

const folder = mkdtempSync(join(tmpdir(), "scan-"));
const stack = { name: "test", file: join(folder, "Pulumi.test.yaml") };
const opened: FakeHost[] = [];

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all(opened.map((host) => host.close()));
});

async function started(...types: Parameters<typeof fakeHost>[0]): Promise<FakeHost> {
  const host = await fakeHost(types);
  opened.push(host);
  return host;
}

function writeStack(hosts: string): void {
  writeFileSync(stack.file, `config:\n  homelab:defaults: { port: 2222 }\n  homelab:hosts:\n${hosts}`);
}

const at = (host: FakeHost, pinned?: string) => ({ name: "pi1", address: "127.0.0.1", port: host.port, pinned });

test("shows the key of a host that the stack has none of, ed25519 first", async () => {
  const host = await started("ecdsa", "ed25519");
  const key = host.hostKeys[1]!;
  const result = await scan(at(host));
  expect(result).toEqual({
    name: "pi1",
    address: "127.0.0.1",
    verdict: "new",
    hostKey: key,
    fingerprint: fingerprint(parseHostKey(key).blob),
  });
  expect(scanIsGood([result])).toBe(true);
  expect(scanText([result])).toContain(`  hostKey: ${key}\n`);
  expect(scanText([result])).toContain("compare its fingerprint on the host's own console");
});

test("compares with the pinned key in the pinned key's type", async () => {
  const host = await started("ecdsa", "ed25519");
  const result = await scan(at(host, host.hostKeys[0]));
  expect(result).toMatchObject({ verdict: "match", hostKey: host.hostKeys[0] });
  expect(scanText([result])).not.toContain("compare");
});

test("marks a host whose key is not the pinned one", async () => {
  const [host, other] = [await started("ed25519"), await started("ed25519")];
  const result = await scan(at(host, other.hostKeys[0]));
  expect(result).toMatchObject({ verdict: "mismatch", hostKey: host.hostKeys[0] });
  expect(scanIsGood([result])).toBe(false);
  expect(scanText([result])).toContain(
    `DIFFERS from the stack, which has ${fingerprint(parseHostKey(other.hostKeys[0]!).blob)}`,
  );
});

test("explains a host that has an RSA key only, and one that is not there", async () => {
  const rsa = await scan(at(await started("rsa")));
  expect(rsa).toMatchObject({ verdict: "unreachable", error: expect.stringContaining("ssh-keygen -A") as string });
  const gone = await fakeHost(["ed25519"]);
  await gone.close();
  const results = [await scan(at(gone))];
  expect(results[0]?.error).toContain("nothing listens there");
  expect(scanIsGood(results)).toBe(false);
  expect(scanText(results)).not.toContain("compare");
});

test("reads the stack leniently: keys may be missing or wrong, hosts may be incomplete", () => {
  writeStack(
    "    - { name: pi1, address: 192.0.2.11 }\n    - { address: 192.0.2.12, hostKey: nonsense, port: 22 }\n    - { name: pi3 }\n",
  );
  expect(scanTargets(stack, [])).toEqual([
    { name: "pi1", address: "192.0.2.11", port: 2222, pinned: undefined },
    { name: "hosts[1]", address: "192.0.2.12", port: 22, pinned: undefined },
  ]);
});

test("finds named hosts in the stack, and takes any other address", () => {
  writeStack("    - { name: pi1, address: 192.0.2.11 }\n");
  expect(scanTargets(stack, ["pi1", "192.0.2.11", "192.0.2.99:2200", "nas.home.test"])).toMatchObject([
    { name: "pi1", address: "192.0.2.11", port: 2222 },
    { name: "pi1", address: "192.0.2.11", port: 2222 },
    { address: "192.0.2.99", port: 2200 },
    { address: "nas.home.test", port: 22 },
  ]);
});

test("needs no stack file for named addresses, and says so if there is nothing to scan", () => {
  const none = { name: "none", file: join(folder, "Pulumi.none.yaml") };
  expect(scanTargets(none, ["192.0.2.11"])).toHaveLength(1);
  expect(() => scanTargets(none, [])).toThrow("Pulumi.none.yaml: cannot be read");
  writeStack("    []\n");
  expect(() => scanTargets(stack, [])).toThrow("found no host with a valid address");
});
