import { generateKeyPairSync } from "node:crypto";
import { canonicalNameserver } from "../../config/nameserver";
import { isPathRegex } from "../../config/path-regex";
import { isPemBundle } from "../../config/pem";
import { fieldRemedies } from "../../config/remedies";
import { certificate } from "./valid";

test.each([
  ["1.1.1.1:53", "1.1.1.1:53"],
  ["[2606:4700:4700:0::1111]:853", "[2606:4700:4700::1111]:853"],
  ["1.1.1.1", undefined],
  ["1.1.1.1:0", undefined],
  ["1.1.1.1:65536", undefined],
  ["dns.example.org:53", undefined],
  ["2606:4700:4700::1111", undefined],
  ["[1.1.1.1]:53", undefined],
])("the name server %p is %p", (text, expected) => expect(canonicalNameserver(text)).toBe(expected));

test.each(["^/old/(.*)", "^/(?P<name>[a-z]+)/(?:x|y)$", "\\\\1", "^/\\d+$"])("takes the expression %p", (text) =>
  expect(isPathRegex(text)).toBe(true),
);

test.each(["", "(", "a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", "(a)\\1", "*a"])("refuses the expression %p", (text) =>
  expect(isPathRegex(text)).toBe(false),
);

describe("PEM", () => {
  test("is one certificate or several, with comments between them", () => {
    expect(isPemBundle(certificate)).toBe(true);
    expect(isPemBundle(`# mine\n${certificate}\n# again\n${certificate}`)).toBe(true);
  });

  test("is nothing else", () => {
    const { privateKey } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const broken = [
      "",
      "text",
      certificate.replace("-----END CERTIFICATE-----", ""),
      certificate.replace(/\n[^\n]{20}/, "\n"),
      `${certificate}${certificate.slice(0, 80)}`,
      `${certificate}${privateKey}`,
      privateKey,
    ];
    expect(broken.map(isPemBundle)).toEqual(broken.map(() => false));
  });
});

test("no two fields share a remedy: the remedy is how a finding is told apart", () => {
  const remedies = Object.values(fieldRemedies);
  expect(new Set(remedies).size).toBe(remedies.length);
});
