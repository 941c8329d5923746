/** Subjects and alternative names of certificates, encoded in the order that Go's crypto/x509 has. */
import { isIP } from "node:net";
import { der, Element, elements, oid, sequence, TAG, context } from "./der";
import { Properties } from "../properties";

/** Attributes of a subject in Go's order: input's name and object identifier. */
const ATTRIBUTES: readonly [string, string][] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
];
const EMAIL = "1.2.840.113549.1.9.1";

function text(value: string): Buffer {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/.test(value);
  return der(printable ? TAG.printableString : TAG.utf8String, Buffer.from(value, "utf8"));
}

function valuesOf(value: unknown): string[] {
  return [value].flat().filter((element): element is string => typeof element === "string");
}

/** Encodes a subject from inputs of the names of `SelfSignedCertSubject`; all values of one attribute share a set. */
export function encodeName(subject: Properties): Buffer {
  const sets = ATTRIBUTES.filter(([name]) => valuesOf(subject[name]).length > 0).map(([name, identifier]) =>
    der(TAG.set, ...valuesOf(subject[name]).map((value) => sequence(oid(identifier), text(value)))),
  );
  const emails = valuesOf(subject["emailAddress"]).map((value) =>
    der(TAG.set, sequence(oid(EMAIL), der(TAG.ia5String, Buffer.from(value)))),
  );
  return sequence(...sets, ...emails);
}

/** Reads an encoded subject back; attributes that Go's pkix.Name has no field for are lost, an e-mail address among them. */
export function decodeName(name: Element): Properties {
  const subject: Record<string, string[]> = {};
  for (const set of elements(name.content)) {
    for (const pair of elements(set.content)) {
      const [identifier, value] = elements(pair.content);
      const known = ATTRIBUTES.find(([, dotted]) => identifier?.whole.equals(oid(dotted)));
      if (known && value) {
        (subject[known[0]] ??= []).push(value.content.toString("utf8"));
      }
    }
  }
  return subject;
}

function ipBytes(address: string): Buffer {
  const family = isIP(address);
  if (family === 4) {
    return Buffer.from(address.split(".").map(Number));
  }
  if (family !== 6) {
    throw new Error(`Invalid IP address: Failed to parse "${address}"`);
  }
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const group = (high?: string, low?: string): string => (Number(high) * 256 + Number(low)).toString(16);
  const plain = dotted ? `${dotted[1]}${group(dotted[2], dotted[3])}:${group(dotted[4], dotted[5])}` : address;
  const [head = "", tail] = plain.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return Buffer.from([...left, ...zeros, ...right].map((part) => part.padStart(4, "0")).join(""), "hex");
}

/** Encodes the value of a subjectAltName extension; undefined where there is no name. */
export function encodeAlternativeNames(inputs: Properties): Buffer | undefined {
  const names = [
    ...valuesOf(inputs["dnsNames"]).map((name) => context(2, false, Buffer.from(name))),
    ...valuesOf(inputs["ipAddresses"]).map((address) => context(7, false, ipBytes(address))),
    ...valuesOf(inputs["uris"]).map((uri) => context(6, false, Buffer.from(uri))),
  ];
  return names.length === 0 ? undefined : sequence(...names);
}
