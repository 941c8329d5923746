/** SSH host keys as configuration holds them: one line, as in known_hosts without the host. */
import { createHash } from "node:crypto";

/** A checked public key. */
export interface HostKey {
  readonly type: string;
  /** The key in SSH wire format (RFC 4253, 6.6). */
  readonly blob: Buffer;
  /** `TYPE BASE64` without a comment. */
  readonly text: string;
}

/** Length in bytes of each field after the type, for the types that we accept. */
const FIELDS: Readonly<Record<string, readonly (number | string)[]>> = {
  "ssh-ed25519": [32],
  "ecdsa-sha2-nistp256": ["nistp256", 65],
  "ecdsa-sha2-nistp384": ["nistp384", 97],
  "ecdsa-sha2-nistp521": ["nistp521", 133],
};

/** Key types that may be pinned, the preferred one first. */
export const hostKeyTypes: readonly string[] = Object.keys(FIELDS);

/** What is wrong with a host key, as an instruction for whoever wrote it. */
export class HostKeyError extends Error {
  override readonly name = "HostKeyError";
}

/**
 * Reads and checks `TYPE BASE64 [comment]`.
 *
 * @throws HostKeyError with a remedy for the kind of mistake: a private key, an RSA key, a truncated or mislabelled one
 */
export function parseHostKey(line: string): HostKey {
  if (line.includes("PRIVATE KEY")) {
    throw new HostKeyError("a private key must never be here: write the host's PUBLIC key (`npm run homelab -- scan`)");
  }
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  if (type === "ssh-rsa" || type.startsWith("rsa-")) {
    // A pinned RSA key makes the SSH client of Pulumi's command plugin offer only the SHA-1 signature that sshd refuses since 8.8.
    throw new HostKeyError(
      "a pinned ssh-rsa key makes Pulumi's SSH client offer SHA-1 only, which today's sshd refuses: use the host's ssh-ed25519 key",
    );
  }
  const fields = FIELDS[type];
  if (!fields)
    throw new HostKeyError(`write "ssh-ed25519 AAAA…" or "ecdsa-sha2-nistp256 AAAA…" (\`npm run homelab -- scan\`)`);
  const blob = Buffer.from(base64, "base64");
  if (blob.length === 0 || blob.toString("base64").replace(/=+$/, "") !== base64.replace(/=+$/, "")) {
    throw new HostKeyError("the part after the type is not base64: copy the whole key (`npm run homelab -- scan`)");
  }
  checkFields(type, fields, readFields(blob));
  return { type, blob, text: `${type} ${blob.toString("base64")}` };
}

/** The line for configuration from a key in wire format, or undefined for a type that may not be pinned. */
export function hostKeyLine(blob: Buffer): string | undefined {
  const type = readFields(blob)?.[0]?.toString("latin1") ?? "";
  return hostKeyTypes.includes(type) ? `${type} ${blob.toString("base64")}` : undefined;
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

function checkFields(type: string, expected: readonly (number | string)[], found: Buffer[] | undefined): void {
  const inner = found?.[0]?.toString("latin1");
  if (found && inner !== type) {
    throw new HostKeyError(
      `the key says ${type} but holds ${printable(inner)}: copy the whole line (\`npm run homelab -- scan\`)`,
    );
  }
  const complete =
    found?.length === expected.length + 1 &&
    expected.every((field, index) => {
      const value = found[index + 1] ?? Buffer.alloc(0);
      return typeof field === "number" ? value.length === field : value.toString("latin1") === field;
    });
  if (!complete)
    throw new HostKeyError("the key is cut off or has bytes too many: copy the whole key (`npm run homelab -- scan`)");
}

/** Splits the length-prefixed fields of a key blob; undefined if the lengths don't add up. */
function readFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let offset = 0;
  while (offset < blob.length) {
    if (offset + 4 > blob.length) return undefined;
    const end = offset + 4 + blob.readUInt32BE(offset);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(offset + 4, end));
    offset = end;
  }
  return fields;
}

function printable(text: string | undefined): string {
  return text !== undefined && /^[\w@.-]{1,40}$/.test(text) ? text : "something else";
}
