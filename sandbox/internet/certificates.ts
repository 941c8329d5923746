import { X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { X509Certificate } from "@peculiar/x509";
import { ensureDirectory } from "../paths";

/** Files with the sandbox's CA and the one server certificate that all "internet" services present. */
export interface CertificateFiles {
  /** Certificate of the CA, PEM. */
  readonly ca: string;
  /** Server certificate, PEM. */
  readonly certificate: string;
  /** Its private key, PKCS #8 PEM, readable by its owner only. */
  readonly key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const YEARS = 10;
const DAY_MS = 24 * 3600 * 1000;

/** Where the certificates of a sandbox are, whether they exist yet or not. */
export function certificateFiles(directory: string): CertificateFiles {
  return {
    ca: join(directory, "ca.pem"),
    certificate: join(directory, "server.pem"),
    key: join(directory, "server.key"),
  };
}

/**
 * Makes the sandbox's CA once, and a server certificate for all given names. That one is made anew when it lacks a name
 * or is about to end; the CA stays, so whoever trusts it goes on doing so.
 *
 * @param directory Folder for the files, made if it is missing.
 * @param names Host names and addresses.
 */
export async function ensureCertificates(directory: string, names: readonly string[]): Promise<CertificateFiles> {
  ensureDirectory(directory);
  const files = certificateFiles(directory);
  const caKey = join(directory, "ca.key");
  if (!existsSync(files.ca) || !existsSync(caKey)) {
    const made = await issue({ subject: `CN=Homelab sandbox CA ${randomBytes(3).toString("hex")}` });
    replace(caKey, await pemOfKey(made.key));
    replace(files.ca, made.certificate.toString("pem"));
  } else if (isGood(files, names)) {
    return files;
  }
  const signer = { certificate: readFileSync(files.ca, "utf8"), key: readFileSync(caKey, "utf8") };
  const { certificate, key } = await issue({ subject: "CN=Homelab sandbox internet", names, signer });
  replace(files.key, await pemOfKey(key));
  replace(files.certificate, certificate.toString("pem"));
  return files;
}

function isGood(files: CertificateFiles, names: readonly string[]): boolean {
  if (!existsSync(files.certificate) || !existsSync(files.key)) return false;
  const certificate = new NodeCertificate(readFileSync(files.certificate));
  const ca = new NodeCertificate(readFileSync(files.ca));
  const lasts = Date.parse(certificate.validTo) - Date.now() > 30 * DAY_MS;
  const covers = (name: string) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
  return lasts && certificate.verify(ca.publicKey) && names.every(covers);
}

interface Wish {
  readonly subject: string;
  /** Default: a CA. */
  readonly names?: readonly string[];
  /** PEM texts of who signs. Default: the certificate itself. */
  readonly signer?: { readonly certificate: string; readonly key: string };
}

async function issue(
  wish: Wish,
): Promise<{ readonly certificate: X509Certificate; readonly key: webcrypto.CryptoKey }> {
  // Loaded late: the library needs this polyfill first, and most commands make no certificate.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as Crypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const signing = wish.signer === undefined ? keys.privateKey : await keyOfPem(wish.signer.key);
  const issuer = wish.signer && new x509.X509Certificate(wish.signer.certificate);
  const usage = issuer === undefined ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `00${randomBytes(16).toString("hex")}`,
    subject: wish.subject,
    issuer: issuer?.subject ?? wish.subject,
    // A clock that is a little behind must not refuse it.
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + YEARS * 365 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: signing,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(issuer === undefined, undefined, true),
      new x509.KeyUsagesExtension(usage, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? keys.publicKey),
      ...(wish.names === undefined
        ? []
        : [
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            new x509.SubjectAlternativeNameExtension(
              wish.names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value })),
            ),
          ]),
    ],
  });
  return { certificate, key: keys.privateKey };
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${text.replace(/(.{64})(?=.)/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
}

function keyOfPem(text: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(text.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
