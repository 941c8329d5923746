import { generateKeyPairSync } from "node:crypto";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { privateKeyFault } from "../../config/private-key";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-keys-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** The two halves of a pair that ssh-keygen makes, as it writes them. */
function pair(...options: string[]): { privateKey: string; publicKey: string } {
  const file = path.join(fs.mkdtempSync(path.join(directory, "pair-")), "key");
  execFileSync("ssh-keygen", ["-q", "-C", "me@here", "-f", file, ...options]);
  return { privateKey: fs.readFileSync(file, "utf8"), publicKey: fs.readFileSync(`${file}.pub`, "utf8") };
}

test.each([
  ["ed25519", ["-t", "ed25519"]],
  ["ecdsa", ["-t", "ecdsa"]],
  ["rsa", ["-t", "rsa"]],
  ["rsa in the older format", ["-t", "rsa", "-m", "PEM"]],
])("a key without a passphrase is taken: %s", (_, options) => {
  const { privateKey } = pair("-N", "", ...options);
  expect(privateKeyFault(privateKey)).toBeUndefined();
  // `pulumi config set` takes the last line end off.
  expect(privateKeyFault(privateKey.trimEnd())).toBeUndefined();
});

test.each([
  ["OpenSSH's format", ["-t", "ed25519"]],
  ["the older format", ["-t", "rsa", "-m", "PEM"]],
])("one with a passphrase is refused: %s", (_, options) => {
  expect(privateKeyFault(pair("-N", "correct horse", ...options).privateKey)).toMatch(/with a passphrase/);
});

test("what is no private key is named, and never repeated", () => {
  const { privateKey, publicKey } = pair("-N", "", "-t", "ed25519");
  expect(privateKeyFault(publicKey)).toBe("found a public key, not the private one");
  expect(privateKeyFault("")).toBe("found 0 characters that are no private key in OpenSSH's format");
  expect(privateKeyFault("PuTTY-User-Key-File-3: ssh-ed25519\n")).toBe("found a key in PuTTY's own format");
  const half = privateKey.slice(0, privateKey.length / 2);
  expect(privateKeyFault(half)).toBe(`found ${half.length} characters that are no private key in OpenSSH's format`);
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  expect(privateKeyFault(pkcs8)).toMatch(/^found a key in PKCS #8/);
});
