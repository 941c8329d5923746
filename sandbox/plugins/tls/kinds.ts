/** The resources of the `tls` plugin, after terraform-provider-tls 4.x as bridged by pulumi-tls 5.6. */
import { generateKeyPair, KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { InputAttribute, Kind, replacing } from "../bridged";
import { DetailedDiff } from "../diff";
import { fingerprints, opensshPrivateKey, pem, sshPublicKey } from "../openssh";
import { Properties, revealAll } from "../properties";
import { ALLOWED_USES, issueCertificate, makeRequest, parseAuthority, parseRequest } from "./certificates";
import { algorithmOf, parsePrivateKey, publicKeyInfo, stateHash } from "./keys";
import { encodeAlternativeNames } from "./names";

const generate = promisify(generateKeyPair) as (
  type: string,
  options: Record<string, unknown>,
) => Promise<{ privateKey: KeyObject }>;

const CURVES: Record<string, string> = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" };

const requiredText: InputAttribute = { type: "string", required: true };
const secretText: InputAttribute = { ...requiredText, sensitive: true };
const off: InputAttribute = { type: "boolean", default: false };
const texts: InputAttribute = { type: "strings" };

function newKey(inputs: Properties): Promise<{ privateKey: KeyObject }> {
  switch (inputs["algorithm"]) {
    case "RSA":
      return generate("rsa", { modulusLength: Number(inputs["rsaBits"]) });
    case "ECDSA":
      return generate("ec", { namedCurve: CURVES[String(inputs["ecdsaCurve"])] });
    default:
      return generate("ed25519", {});
  }
}

function exported(key: KeyObject, type: "pkcs1" | "sec1" | "pkcs8"): string {
  return key.export({ type: type, format: "pem" }).toString();
}

const privateKey: Kind = {
  inputs: {
    algorithm: { ...requiredText, oneOf: ["RSA", "ECDSA", "ED25519"] },
    rsaBits: { type: "number", default: 2048 },
    ecdsaCurve: { type: "string", default: "P224", oneOf: Object.keys(CURVES) },
  },
  outputs: {
    privateKeyPem: true,
    privateKeyOpenssh: true,
    privateKeyPemPkcs8: true,
    publicKeyPem: false,
    publicKeyOpenssh: false,
    publicKeyFingerprintMd5: false,
    publicKeyFingerprintSha256: false,
  },
  schemaVersion: 1,
  async create(inputs) {
    const { privateKey: key } = await newKey(inputs);
    const info = publicKeyInfo(key);
    const openssh = sshPublicKey(key);
    const prints = openssh && fingerprints(openssh.blob);
    const form = ({ RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const)[algorithmOf(key)];
    return {
      id: stateHash(info),
      privateKeyPem: exported(key, form),
      privateKeyPemPkcs8: exported(key, "pkcs8"),
      // SSH has no keys on curve P-224.
      privateKeyOpenssh: opensshPrivateKey(key) ?? "",
      publicKeyPem: pem("PUBLIC KEY", info),
      publicKeyOpenssh: openssh ? `${openssh.type} ${openssh.blob.toString("base64")}\n` : "",
      publicKeyFingerprintMd5: prints?.md5 ?? "",
      publicKeyFingerprintSha256: prints?.sha256 ?? "",
    };
  },
};

const HOLDER_INPUTS: Record<string, InputAttribute> = {
  privateKeyPem: secretText,
  dnsNames: texts,
  ipAddresses: texts,
  uris: texts,
  subject: { type: "object" },
};

const VALIDITY_INPUTS: Record<string, InputAttribute> = {
  validityPeriodHours: { type: "number", required: true, atLeast: 0 },
  allowedUses: { type: "strings", required: true, oneOf: ALLOWED_USES },
  earlyRenewalHours: { type: "number", default: 0, atLeast: 0, updatable: true },
  isCaCertificate: off,
  maxPathLength: { type: "number", atLeast: -1 },
  setSubjectKeyId: off,
};

const VALIDITY_OUTPUTS = { certPem: false, readyForRenewal: false, validityStartTime: false, validityEndTime: false };

function isDue(state: Properties, earlyRenewalHours: unknown): boolean {
  const end = Date.parse(String(state["validityEndTime"]));
  return end - Number(earlyRenewalHours ?? 0) * 3600 * 1000 <= Date.now();
}

/** A certificate whose renewal is due is replaced. */
const renewal = {
  expired: (state: Properties, plan: Properties): DetailedDiff =>
    isDue(state, plan["earlyRenewalHours"]) ? replacing("readyForRenewal") : {},
  read: (state: Properties): Properties => {
    const open = revealAll(state) as Properties;
    return isDue(open, open["earlyRenewalHours"]) ? { ...state, readyForRenewal: true } : state;
  },
};

const subjectOf = (inputs: Properties): Properties => (inputs["subject"] as Properties | undefined) ?? {};

const selfSignedCert: Kind = {
  inputs: { ...HOLDER_INPUTS, ...VALIDITY_INPUTS, setAuthorityKeyId: off },
  outputs: { ...VALIDITY_OUTPUTS, keyAlgorithm: false },
  ...renewal,
  create(inputs) {
    const key = parsePrivateKey(String(inputs["privateKeyPem"]));
    const holder = {
      subject: subjectOf(inputs),
      alternativeNames: encodeAlternativeNames(inputs),
      publicKeyInfo: publicKeyInfo(key),
    };
    const issued = issueCertificate(inputs, holder, { key });
    return Promise.resolve({ ...issued, readyForRenewal: false, keyAlgorithm: algorithmOf(key) });
  },
};

const certRequest: Kind = {
  inputs: HOLDER_INPUTS,
  outputs: { certRequestPem: false, keyAlgorithm: false },
  create(inputs) {
    const key = parsePrivateKey(String(inputs["privateKeyPem"]));
    return Promise.resolve({ ...makeRequest(inputs, key), keyAlgorithm: algorithmOf(key) });
  },
};

const locallySignedCert: Kind = {
  inputs: {
    ...VALIDITY_INPUTS,
    caCertPem: requiredText,
    caPrivateKeyPem: secretText,
    certRequestPem: requiredText,
  },
  outputs: { ...VALIDITY_OUTPUTS, caKeyAlgorithm: false },
  ...renewal,
  create(inputs) {
    const holder = parseRequest(String(inputs["certRequestPem"]));
    const key = parsePrivateKey(String(inputs["caPrivateKeyPem"]));
    const issued = issueCertificate(inputs, holder, parseAuthority(String(inputs["caCertPem"]), key));
    return Promise.resolve({ ...issued, readyForRenewal: false, caKeyAlgorithm: algorithmOf(key) });
  },
};

/** All kinds by type token. */
export const TLS_KINDS: Readonly<Record<string, Kind>> = {
  "tls:index/privateKey:PrivateKey": privateKey,
  "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  "tls:index/certRequest:CertRequest": certRequest,
  "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
};
