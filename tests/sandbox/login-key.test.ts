import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeKeyPair } from "../../operations/key-pair";
import { ensureLoginKey, replaceLoginKey } from "../../sandbox/host/keys";

let folder: string;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "homelab-login-key-"));
  process.env.HOMELAB_SANDBOX_DIR = folder;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

test("a key that the stack got is the login key from then on, and the one before stays beside it", async () => {
  const { privateFile, publicFile } = await ensureLoginKey();
  const first = readFileSync(privateFile, "utf8");
  const next = makeKeyPair();
  await replaceLoginKey(next.privateKey);
  expect(await ensureLoginKey()).toEqual({ privateFile, publicFile });
  expect(readFileSync(privateFile, "utf8")).toBe(next.privateKey);
  expect(readFileSync(publicFile, "utf8").trim()).toContain(next.publicKey);
  expect(readFileSync(`${privateFile}.old`, "utf8")).toBe(first);
  expect(statSync(privateFile).mode & 0o777).toBe(0o600);
});

test("what is no private key replaces nothing", async () => {
  const { privateFile } = await ensureLoginKey();
  const first = readFileSync(privateFile, "utf8");
  await expect(replaceLoginKey("no key\n")).rejects.toThrow("ssh-keygen");
  expect(readFileSync(privateFile, "utf8")).toBe(first);
});
