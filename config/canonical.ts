/** The one form of each text that the program works with, however it was written. For texts that the schema took. */
import { canonicalAddress, parseNetwork } from "./addresses";
import type { DualStack } from "./types";

/** The pair with its IPv6 half in RFC 5952 form. */
export function canonicalPair(pair: DualStack): DualStack {
  return { ipv4: pair.ipv4, ...(pair.ipv6 !== undefined && { ipv6: canonicalAddress(pair.ipv6, "ipv6") }) };
}

export function canonicalCidrs(pair: DualStack): DualStack {
  const ipv4 = parseNetwork(pair.ipv4, "ipv4")?.text ?? pair.ipv4;
  return { ipv4, ...(pair.ipv6 !== undefined && { ipv6: parseNetwork(pair.ipv6, "ipv6")?.text }) };
}

/** An address of either family. */
export function canonicalAnyAddress(address: string): string {
  return canonicalAddress(address, address.includes(":") ? "ipv6" : "ipv4") ?? address;
}

/** PEM text with one line end at its end: how YAML was indented or folded makes no difference. */
export function canonicalPem(text: string): string {
  return `${text.trim()}\n`;
}

/** The URL without slashes at its end. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
