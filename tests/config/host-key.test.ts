import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint, hostKeyLine, parseHostKey } from "../../config/host-key";

/** A key of OpenSSH's own making, and what OpenSSH says of it. */
function generated(...type: string[]): { line: string; fingerprint: string } {
  const folder = mkdtempSync(join(tmpdir(), "host-key-"));
  try {
    const path = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-N", "", "-C", "a comment", "-f", path, ...type]);
    const line = readFileSync(`${path}.pub`, "utf8").trim();
    const listed = execFileSync("ssh-keygen", ["-l", "-f", `${path}.pub`], { encoding: "utf8" });
    return { line, fingerprint: listed.split(" ")[1] ?? "" };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ["ssh-ed25519", ["-t", "ed25519"]],
  ["ecdsa-sha2-nistp256", ["-t", "ecdsa", "-b", "256"]],
  ["ecdsa-sha2-nistp384", ["-t", "ecdsa", "-b", "384"]],
  ["ecdsa-sha2-nistp521", ["-t", "ecdsa", "-b", "521"]],
])("takes a real %s key, without its comment, and agrees on its fingerprint", (type, options) => {
  const real = generated(...options);
  const key = parseHostKey(real.line);
  expect(key.type).toBe(type);
  expect(key.text).toBe(real.line.split(" ").slice(0, 2).join(" "));
  expect(fingerprint(key.blob)).toBe(real.fingerprint);
  expect(hostKeyLine(key.blob)).toBe(key.text);
});

test("refuses a real RSA key and says why", () => {
  const { line } = generated("-t", "rsa", "-b", "2048");
  expect(() => parseHostKey(line)).toThrow("SHA-1");
  expect(hostKeyLine(Buffer.from(line.split(" ")[1] ?? "", "base64"))).toBeUndefined();
});

test("refuses a key of any shorter length", () => {
  const { line } = generated("-t", "ed25519");
  const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
  for (let length = 0; length < blob.length; length++) {
    expect(() => parseHostKey(`ssh-ed25519 ${blob.subarray(0, length).toString("base64")}`)).toThrow();
  }
});
