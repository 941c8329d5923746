import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { tlsPlugin } from "../../../sandbox/plugins/tls";
import { isSecret, Properties, reveal, revealAll } from "../../../sandbox/plugins/properties";
import { parseAuthorizedKey } from "../../../sandbox/plugins/openssh";
import { operation } from "./support";

function handler(name: string) {
  const found = tlsPlugin.resources[`tls:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`];
  if (!found) {
    throw new Error(`no ${name}`);
  }
  return found;
}

async function create(name: string, inputs: Properties): Promise<Properties> {
  const { inputs: checked, failures } = await handler(name).check(inputs, operation());
  expect(failures).toEqual([]);
  const { id, properties } = await handler(name).create(checked, operation());
  return { ...(revealAll(properties) as Properties), id };
}

const KEYS: [string, Properties, string | undefined][] = [
  ["RSA", { algorithm: "RSA" }, "ssh-rsa"],
  ["ED25519", { algorithm: "ED25519" }, "ssh-ed25519"],
  ["ECDSA P224", { algorithm: "ECDSA" }, undefined],
  ["ECDSA P256", { algorithm: "ECDSA", ecdsaCurve: "P256" }, "ecdsa-sha2-nistp256"],
  ["ECDSA P384", { algorithm: "ECDSA", ecdsaCurve: "P384" }, "ecdsa-sha2-nistp384"],
  ["ECDSA P521", { algorithm: "ECDSA", ecdsaCurve: "P521" }, "ecdsa-sha2-nistp521"],
];

describe.each(KEYS)("%s", (_name, inputs, sshType) => {
  let key: Properties;
  beforeAll(async () => {
    key = await create("PrivateKey", inputs);
  });

  test("all forms are the same key", async () => {
    const { utils } = await import("ssh2");
    const spki = (text: unknown) => createPublicKey(String(text)).export({ type: "spki", format: "pem" });
    expect(spki(key["privateKeyPem"])).toBe(key["publicKeyPem"]);
    expect(spki(key["privateKeyPemPkcs8"])).toBe(key["publicKeyPem"]);
    if (sshType === undefined) {
      expect([key["privateKeyOpenssh"], key["publicKeyOpenssh"], key["publicKeyFingerprintMd5"]]).toEqual(["", "", ""]);
      return;
    }
    const parsed = utils.parseKey(String(key["privateKeyOpenssh"]));
    const blob = "getPublicSSH" in parsed ? parsed.getPublicSSH() : Buffer.alloc(0);
    expect(parseAuthorizedKey(String(key["publicKeyOpenssh"]))).toEqual({ type: sshType, blob });
    expect(key["publicKeyFingerprintMd5"]).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    expect(key["publicKeyFingerprintSha256"]).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });

  test("signs a certificate and a request, and an authority signs the request", async () => {
    const subject = { commonName: "Küche", organization: "home", streetAddresses: ["a", "b"] };
    const allowedUses = ["cert_signing", "digital_signature"];
    const authority = { subject, allowedUses, validityPeriodHours: 24, isCaCertificate: true, maxPathLength: 1 };
    const ca = await create("SelfSignedCert", {
      ...authority,
      privateKeyPem: key["privateKeyPem"],
      setAuthorityKeyId: true,
    });
    const parsed = new X509Certificate(String(ca["certPem"]));
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect([parsed.ca, parsed.checkPrivateKey(createPrivateKey(String(key["privateKeyPem"])))]).toEqual([true, true]);
    expect(parsed.subject).toBe("O=home\nstreet=a + street=b\nCN=Küche");
    expect(BigInt(`0x${parsed.serialNumber}`).toString()).toBe(ca["id"]);
    const names = { dnsNames: ["a.test"], ipAddresses: ["192.0.2.1", "fd00::c0:1"], uris: ["https://a.test/"] };
    const request = await create("CertRequest", {
      privateKeyPem: key["privateKeyPem"],
      subject: { commonName: "a.test" },
      ...names,
    });
    const leafInputs = { caCertPem: ca["certPem"], caPrivateKeyPem: key["privateKeyPem"], validityPeriodHours: 1 };
    const leaf = await create("LocallySignedCert", {
      ...leafInputs,
      certRequestPem: request["certRequestPem"],
      allowedUses: ["server_auth"],
    });
    const signedLeaf = new X509Certificate(String(leaf["certPem"]));
    expect(signedLeaf.verify(parsed.publicKey) && signedLeaf.checkIssued(parsed)).toBe(true);
    expect(signedLeaf.subjectAltName).toBe(
      "DNS:a.test, IP Address:192.0.2.1, IP Address:FD00:0:0:0:0:0:C0:1, URI:https://a.test/",
    );
    expect(signedLeaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(Date.parse(String(leaf["validityEndTime"])) - Date.parse(String(leaf["validityStartTime"]))).toBe(3600_000);
  });
});

test("certificates and requests also satisfy an independent parser", async () => {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const { privateKeyPem } = await create("PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const request = await create("CertRequest", {
    privateKeyPem,
    dnsNames: ["a.test"],
    subject: { commonName: "a.test" },
  });
  const parsed = new x509.Pkcs10CertificateRequest(String(request["certRequestPem"]));
  expect(await parsed.verify()).toBe(true);
  expect(parsed.subject).toBe("CN=a.test");
  const inputs = { privateKeyPem, validityPeriodHours: 1, isCaCertificate: true, subject: { commonName: "x" } };
  const cert = await create("SelfSignedCert", { ...inputs, allowedUses: ["crl_signing", "decipher_only"] });
  const usages = new x509.X509Certificate(String(cert["certPem"])).getExtension(x509.KeyUsagesExtension)?.usages;
  expect(usages).toBe(x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.decipherOnly);
});

test("secrets in inputs and outputs are marked", async () => {
  const { properties } = await handler("PrivateKey").create({ algorithm: "ED25519" }, operation());
  const secrets = Object.keys(properties).filter((name) => isSecret(properties[name]));
  expect(secrets.sort()).toEqual(["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
  const { inputs } = await handler("CertRequest").check(
    { privateKeyPem: reveal(properties["privateKeyPem"]) },
    operation(),
  );
  expect(isSecret(inputs["privateKeyPem"])).toBe(true);
});

describe("differences and renewal", () => {
  const inputs = { allowedUses: [], validityPeriodHours: 2, subject: { commonName: "x" } };
  const certificate = async (): Promise<[Properties, Properties]> => {
    const { privateKeyPem } = await create("PrivateKey", { algorithm: "ED25519" });
    const news = { ...inputs, privateKeyPem };
    return [news, await create("SelfSignedCert", news)];
  };

  test("early renewal updates, all else replaces", async () => {
    const [news, state] = await certificate();
    const diff = (changed: Properties) =>
      handler("SelfSignedCert").diff({ state, oldInputs: news, news: { ...news, ...changed } });
    expect(diff({})).toEqual({});
    expect(diff({ earlyRenewalHours: 1 })).toEqual({ earlyRenewalHours: { kind: "update", replace: false } });
    expect(diff({ dnsNames: ["x"] })).toEqual({ dnsNames: { kind: "add", replace: true } });
    expect(diff({ earlyRenewalHours: 3 })).toMatchObject({ readyForRenewal: { kind: "update", replace: true } });
  });

  test("a refresh sees that renewal is due", async () => {
    const [, state] = await certificate();
    const late = { ...state, validityEndTime: new Date(0).toISOString() };
    expect(handler("SelfSignedCert").read?.(late)).toMatchObject({ readyForRenewal: true });
    expect(handler("SelfSignedCert").read?.(state)).toMatchObject({ readyForRenewal: false });
  });
});

test("mistakes", async () => {
  const { failures } = await handler("PrivateKey").check({ algorithm: "DSA" }, operation());
  expect(failures[0]?.reason).toContain('must be one of: ["RSA","ECDSA","ED25519"], got: "DSA"');
  const cert = { validityPeriodHours: 1, allowedUses: [], privateKeyPem: "no key" };
  const made = Promise.resolve().then(() => handler("SelfSignedCert").create(cert, operation()));
  await expect(made).rejects.toThrow("failed to decode PEM block");
});
