import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCertificates, type CertificateFiles } from "../../../sandbox/internet/certificates";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "homelab-ca-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const names = ["api.cloudflare.com", "acme.sandbox.test", "192.0.2.1", "fd00:c0:ffee::1"];

function read({ ca, certificate }: CertificateFiles): { ca: X509Certificate; certificate: X509Certificate } {
  return { ca: new X509Certificate(readFileSync(ca)), certificate: new X509Certificate(readFileSync(certificate)) };
}

test("the server's certificate is signed by the CA and covers every name and address", async () => {
  const files = await ensureCertificates(directory, names);
  const { ca, certificate } = read(files);
  expect(certificate.verify(ca.publicKey) && certificate.checkIssued(ca)).toBe(true);
  expect([ca.ca, certificate.ca]).toEqual([true, false]);
  expect(names.map((name) => certificate.checkHost(name) ?? certificate.checkIP(name))).toEqual(names);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 5 * 365 * 24 * 3600 * 1000);
  for (const key of [files.key, join(directory, "ca.key")]) {
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(readFileSync(key, "utf8")).toContain("PRIVATE KEY");
  }
});

test("both are made once; another name makes another certificate of the same CA", async () => {
  const first = read(await ensureCertificates(directory, names));
  const again = read(await ensureCertificates(directory, names.slice(1)));
  expect([again.ca.raw, again.certificate.raw]).toEqual([first.ca.raw, first.certificate.raw]);
  const next = read(await ensureCertificates(directory, [...names, "more.test"]));
  expect(next.ca.raw).toEqual(first.ca.raw);
  expect(next.certificate.checkHost("more.test")).toBe("more.test");
});
