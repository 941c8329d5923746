/** OpenSSH's own encodings of keys (PROTOCOL.key and RFC 4253), which node:crypto does not write. */
import { createHash, createPublicKey, KeyObject, randomBytes } from "node:crypto";

const CURVES: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

/** A byte string with its length in front. */
function field(value: Buffer | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive integer in SSH's form: no leading zeros, but one where the first bit is set. */
function integer(base64url: string | undefined): Buffer {
  const bytes = Buffer.from(base64url ?? "", "base64url");
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
  return field((digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

const raw = (base64url: string | undefined): Buffer => Buffer.from(base64url ?? "", "base64url");

/** A public key's name and blob; undefined for what SSH has no form for (such as curve P-224). */
export function sshPublicKey(key: KeyObject): { type: string; blob: Buffer } | undefined {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  if (publicKey.asymmetricKeyType === "ec" && publicKey.asymmetricKeyDetails?.namedCurve === "secp224r1") {
    return undefined;
  }
  const jwk = publicKey.export({ format: "jwk" });
  if (jwk.kty === "RSA") {
    return { type: "ssh-rsa", blob: Buffer.concat([field("ssh-rsa"), integer(jwk.e), integer(jwk.n)]) };
  }
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") {
    return { type: "ssh-ed25519", blob: Buffer.concat([field("ssh-ed25519"), field(raw(jwk.x))]) };
  }
  const curve = CURVES[jwk.crv ?? ""];
  if (curve === undefined) {
    return undefined;
  }
  const type = `ecdsa-sha2-${curve}`;
  const point = Buffer.concat([Buffer.from([4]), raw(jwk.x), raw(jwk.y)]);
  return { type, blob: Buffer.concat([field(type), field(curve), field(point)]) };
}

function privateFields(key: KeyObject, type: string, blob: Buffer): Buffer {
  const jwk = key.export({ format: "jwk" });
  if (type === "ssh-rsa") {
    const numbers = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(integer);
    return Buffer.concat([field(type), ...numbers]);
  }
  if (type === "ssh-ed25519") {
    const point = raw(jwk.x);
    return Buffer.concat([field(type), field(point), field(Buffer.concat([raw(jwk.d), point]))]);
  }
  // The public blob already is name, curve and point; the secret number follows.
  return Buffer.concat([blob, integer(jwk.d)]);
}

/** Writes DER bytes as PEM with lines of `width` characters. */
export function pem(label: string, der: Buffer, width = 64): string {
  const lines = der.toString("base64").match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** An unencrypted private key in OpenSSH's format; undefined where SSH has none for it. */
export function opensshPrivateKey(key: KeyObject, comment = ""): string | undefined {
  const publicKey = sshPublicKey(key);
  if (publicKey === undefined) {
    return undefined;
  }
  const check = randomBytes(4);
  const secretPart = Buffer.concat([check, check, privateFields(key, publicKey.type, publicKey.blob), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secretPart.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const body = [field("none"), field("none"), field(""), one, field(publicKey.blob)];
  const magic = Buffer.from("openssh-key-v1\0");
  return pem("OPENSSH PRIVATE KEY", Buffer.concat([magic, ...body, field(Buffer.concat([secretPart, padding]))]));
}

/** A public key's fingerprints as ssh-keygen prints them: colon-separated MD5 and `SHA256:` with unpadded base64. */
export function fingerprints(blob: Buffer): { md5: string; sha256: string } {
  const md5 = createHash("md5")
    .update(blob)
    .digest("hex")
    .replace(/..(?!$)/g, "$&:");
  return { md5, sha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}` };
}

/** Reads the first key of an authorized_keys-like text; options and comments are skipped. Undefined when none is found. */
export function parseAuthorizedKey(text: string): { type: string; blob: Buffer } | undefined {
  for (const line of text.split(/\r?\n/).map((candidate) => candidate.trim())) {
    if (line === "" || line.startsWith("#")) {
      continue;
    }
    for (const word of line.split(/\s+/).slice(1)) {
      const blob = /^[A-Za-z0-9+/]+={0,2}$/.test(word) ? Buffer.from(word, "base64") : Buffer.alloc(0);
      const length = blob.length > 4 ? blob.readUInt32BE(0) : 0;
      const type = blob.subarray(4, 4 + length).toString("latin1");
      if (/^(ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(type) && blob.length > 4 + length) {
        return { type, blob };
      }
    }
  }
  return undefined;
}
