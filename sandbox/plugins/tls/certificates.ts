/** Certificates and requests as Go's crypto/x509 writes them on behalf of terraform-provider-tls (common_cert.go). */
import { createPublicKey, KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { pem } from "../openssh";
import { Properties } from "../properties";
import { bitString, context, der, elements, integer, oid, sequence, TAG, time } from "./der";
import { decodePem, publicKeyInfo, signatureIdentifier, signed, stateHash, subjectKeyId } from "./keys";
import { decodeName, encodeAlternativeNames, encodeName } from "./names";

/** Bits of the key usage extension by the name that `allowedUses` gives them. */
const KEY_USAGES = [
  "digital_signature",
  "content_commitment",
  "key_encipherment",
  "data_encipherment",
  "key_agreement",
  "cert_signing",
  "crl_signing",
  "encipher_only",
  "decipher_only",
];

const EXTENDED_KEY_USAGES: Record<string, string> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

/** All values of `allowedUses`, sorted. */
export const ALLOWED_USES: readonly string[] = [...KEY_USAGES, ...Object.keys(EXTENDED_KEY_USAGES)].sort();

const OID_SUBJECT_KEY_ID = "2.5.29.14";
const OID_ALTERNATIVE_NAMES = "2.5.29.17";
const HOUR_MILLISECONDS = 3600 * 1000;

/** Who a certificate is for. */
export interface Holder {
  readonly subject: Properties;
  /** Encoded subjectAltName value. */
  readonly alternativeNames: Buffer | undefined;
  readonly publicKeyInfo: Buffer;
}

/** Who signs it: `subject` is encoded; absent parts mean the holder itself. */
export interface Issuer {
  readonly subject?: Buffer;
  readonly keyId?: Buffer;
  readonly key: KeyObject;
}

/** What a certificate resource adds to its state. */
export interface IssuedCertificate extends Properties {
  readonly id: string;
  readonly certPem: string;
  readonly validityStartTime: string;
  readonly validityEndTime: string;
}

function extension(identifier: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(TAG.boolean, Buffer.from([0xff]))] : [];
  return sequence(oid(identifier), ...flag, der(TAG.octetString, value));
}

function keyUsage(uses: readonly string[]): Buffer[] {
  const bits = KEY_USAGES.map((name, bit) => (uses.includes(name) ? bit : -1)).filter((bit) => bit >= 0);
  if (bits.length === 0) {
    return [];
  }
  const highest = Math.max(...bits);
  const bytes = Buffer.alloc(highest > 7 ? 2 : 1);
  for (const bit of bits) {
    const index = bit >> 3;
    bytes.writeUInt8(bytes.readUInt8(index) | (0x80 >> (bit & 7)), index);
  }
  return [extension("2.5.29.15", true, bitString(bytes, 7 - (highest & 7)))];
}

function extendedKeyUsage(uses: readonly string[]): Buffer[] {
  const identifiers = uses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
  return identifiers.length === 0 ? [] : [extension("2.5.29.37", false, sequence(...identifiers.map(oid)))];
}

/** A path length of 0 is not written, as the official plugin does not set what Go needs for it. */
function basicConstraints(isAuthority: boolean, maxPathLength: number): Buffer {
  if (!isAuthority && maxPathLength > 0) {
    throw new Error("Failed to create certificate: x509: only CAs are allowed to specify MaxPathLen");
  }
  const flag = isAuthority ? [der(TAG.boolean, Buffer.from([0xff]))] : [];
  const length = maxPathLength > 0 ? [integer(BigInt(maxPathLength))] : [];
  return extension("2.5.29.19", true, sequence(...flag, ...length));
}

function keyIdentifiers(inputs: Properties, holder: Holder, issuer: Issuer, subject: Buffer): Buffer[] {
  const own =
    inputs["isCaCertificate"] === true || inputs["setSubjectKeyId"] === true
      ? subjectKeyId(holder.publicKeyInfo)
      : undefined;
  const issuerKeyId = issuer.subject === undefined ? own : issuer.keyId;
  if (inputs["setAuthorityKeyId"] === true && issuerKeyId === undefined) {
    throw new Error("Invalid Certificate Authority: Could not determine Authority Key Identifier");
  }
  const foreign = issuer.subject !== undefined && !issuer.subject.equals(subject);
  const authority = inputs["setAuthorityKeyId"] === true || foreign ? issuerKeyId : undefined;
  return [
    ...(own ? [extension(OID_SUBJECT_KEY_ID, false, der(TAG.octetString, own))] : []),
    ...(authority ? [extension("2.5.29.35", false, sequence(context(0, false, authority)))] : []),
  ];
}

/** Makes and signs a certificate from a resource's completed inputs. */
export function issueCertificate(inputs: Properties, holder: Holder, issuer: Issuer): IssuedCertificate {
  const uses = (inputs["allowedUses"] as string[] | undefined) ?? [];
  const isAuthority = inputs["isCaCertificate"] === true;
  const subject = encodeName(holder.subject);
  const nameless = elements(subject)[0]?.content.length === 0;
  if (isAuthority && nameless) {
    throw new Error(
      "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
    );
  }
  const start = new Date();
  const end = new Date(start.getTime() + Number(inputs["validityPeriodHours"]) * HOUR_MILLISECONDS);
  const serial = BigInt(`0x${randomBytes(16).toString("hex")}`);
  const names = holder.alternativeNames;
  const extensions = [
    ...keyUsage(uses),
    ...extendedKeyUsage(uses),
    basicConstraints(isAuthority, Number(inputs["maxPathLength"] ?? 0)),
    ...keyIdentifiers(inputs, holder, issuer, subject),
    ...(names ? [extension(OID_ALTERNATIVE_NAMES, nameless, names)] : []),
  ];
  const content = sequence(
    context(0, true, integer(2n)),
    integer(serial),
    signatureIdentifier(issuer.key),
    issuer.subject ?? subject,
    sequence(time(start), time(end)),
    subject,
    holder.publicKeyInfo,
    context(3, true, sequence(...extensions)),
  );
  return {
    id: serial.toString(),
    certPem: pem("CERTIFICATE", signed(content, issuer.key)),
    validityStartTime: start.toISOString(),
    validityEndTime: end.toISOString(),
  };
}

/** Makes and signs a certificate request. */
export function makeRequest(inputs: Properties, key: KeyObject): { id: string; certRequestPem: string } {
  const names = encodeAlternativeNames(inputs);
  const attributes = names
    ? [sequence(oid("1.2.840.113549.1.9.14"), der(TAG.set, sequence(extension(OID_ALTERNATIVE_NAMES, false, names))))]
    : [];
  const subject = encodeName((inputs["subject"] as Properties | undefined) ?? {});
  const content = sequence(integer(0n), subject, publicKeyInfo(key), context(0, true, ...attributes));
  const request = signed(content, key);
  return { id: stateHash(request), certRequestPem: pem("CERTIFICATE REQUEST", request) };
}

const extensionValue = (list: Buffer, identifier: string): Buffer | undefined =>
  elements(list)
    .map((entry) => elements(entry.content))
    .find((parts) => parts[0]?.whole.equals(oid(identifier)))
    ?.pop()?.content;

/** Reads a certificate request's holder. */
export function parseRequest(text: string): Holder {
  const request = decodePem(text, "CERTIFICATE REQUEST");
  const [, subject, info, attributes] = elements(
    elements(elements(request)[0]?.content ?? request)[0]?.content ?? request,
  );
  if (subject === undefined || info === undefined) {
    throw new Error("failed to parse certificate request: asn1: structure error");
  }
  const requested = elements(attributes?.content ?? Buffer.alloc(0))
    .map((attribute) => elements(attribute.content))
    .find((parts) => parts[0]?.whole.equals(oid("1.2.840.113549.1.9.14")))?.[1];
  const list = elements(requested?.content ?? Buffer.alloc(0))[0];
  return {
    subject: decodeName(subject),
    publicKeyInfo: info.whole,
    alternativeNames: list && extensionValue(list.content, OID_ALTERNATIVE_NAMES),
  };
}

/** Reads the certificate of an authority and checks that the key belongs to it. */
export function parseAuthority(text: string, key: KeyObject): Issuer {
  const certificate = decodePem(text, "CERTIFICATE");
  const parsed = new X509Certificate(certificate);
  if (!createPublicKey(key).equals(parsed.publicKey)) {
    throw new Error("Failed to create certificate: x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  const fields = elements(elements(elements(certificate)[0]?.content ?? certificate)[0]?.content ?? certificate);
  const extensions = fields.find(({ tag }) => tag === 0xa3);
  const list = elements(extensions?.content ?? Buffer.alloc(0))[0];
  const keyId = list && extensionValue(list.content, OID_SUBJECT_KEY_ID);
  return {
    key,
    // Version, serial number, algorithm, issuer and validity come before.
    subject: fields[5]?.whole ?? Buffer.alloc(0),
    ...(keyId && { keyId: elements(keyId)[0]?.content ?? keyId }),
  };
}
