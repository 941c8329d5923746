/** Keys of the `tls` plugin: reading what programs hand in, naming, identifying and signing. */
import { createHash, createPrivateKey, createPublicKey, KeyObject, sign } from "node:crypto";
import { bitString, der, elements, oid, sequence, TAG } from "./der";

/** An algorithm by the name that inputs and outputs use. */
export type Algorithm = "RSA" | "ECDSA" | "ED25519";

const LABELS = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"];

/** The algorithm of a key. */
export function algorithmOf(key: KeyObject): Algorithm {
  const names: Record<string, Algorithm> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };
  const name = names[key.asymmetricKeyType ?? ""];
  if (name === undefined) {
    throw new Error(`unsupported private key type: ${key.asymmetricKeyType}`);
  }
  return name;
}

/** The bytes in a PEM text of the expected label. The text itself never appears in an error. */
export function decodePem(text: string, label: string): Buffer {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]+?)-----END \1-----/.exec(text);
  if (found === null) {
    throw new Error(`failed to decode PEM of expected type "${label}" from bytes`);
  }
  if (found[1] !== label) {
    throw new Error(`invalid PEM type - expected "${label}", got "${found[1]}"`);
  }
  return Buffer.from(found[2] ?? "", "base64");
}

/** Reads a private key in PKCS#1, SEC 1 or PKCS#8 form. */
export function parsePrivateKey(text: string): KeyObject {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (label === undefined) {
    throw new Error(`failed to decode PEM block: decoded bytes 0, undecoded ${Buffer.byteLength(text)}`);
  }
  if (!LABELS.includes(label)) {
    throw new Error(`unsupported PEM preamble/type: ${label}`);
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error(`failed to parse private key given PEM preamble '${label}'`);
  }
}

/** The encoded SubjectPublicKeyInfo of a private or public key. */
export function publicKeyInfo(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" });
}

/** SHA-1 of the key's own bytes; for Ed25519 of those bytes as an octet string, as terraform-provider-tls has it. */
export function subjectKeyId(info: Buffer): Buffer {
  const bits = elements(elements(info)[0]?.content ?? Buffer.alloc(0))[1]?.content.subarray(1) ?? Buffer.alloc(0);
  const key = createPublicKey({ key: info, format: "der", type: "spki" });
  const hashed = algorithmOf(key) === "ED25519" ? der(TAG.octetString, bits) : bits;
  return createHash("sha1").update(hashed).digest();
}

interface Signature {
  readonly identifier: Buffer;
  readonly digest: string | null;
}

function signatureOf(key: KeyObject): Signature {
  switch (algorithmOf(key)) {
    case "RSA":
      return { identifier: sequence(oid("1.2.840.113549.1.1.11"), der(TAG.null)), digest: "sha256" };
    case "ED25519":
      return { identifier: sequence(oid("1.3.101.112")), digest: null };
    case "ECDSA": {
      const curve = key.asymmetricKeyDetails?.namedCurve;
      const size = curve === "secp384r1" ? 384 : curve === "secp521r1" ? 512 : 256;
      const last = { 256: 2, 384: 3, 512: 4 }[size];
      return { identifier: sequence(oid(`1.2.840.10045.4.3.${last}`)), digest: `sha${size}` };
    }
  }
}

/** The identifier of the algorithm that this key signs with. */
export function signatureIdentifier(key: KeyObject): Buffer {
  return signatureOf(key).identifier;
}

/** Joins content, algorithm and signature, as certificates and requests have them. */
export function signed(content: Buffer, key: KeyObject): Buffer {
  const { identifier, digest } = signatureOf(key);
  return sequence(content, identifier, bitString(sign(digest, content, key)));
}

/** Hex SHA-1 of bytes without white space around them: the ID of keys and requests. */
export function stateHash(bytes: Buffer): string {
  const isSpace = (byte: number | undefined): boolean =>
    byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
  let [start, end] = [0, bytes.length];
  while (start < end && isSpace(bytes[start])) {
    start++;
  }
  while (end > start && isSpace(bytes[end - 1])) {
    end--;
  }
  return createHash("sha1").update(bytes.subarray(start, end)).digest("hex");
}
