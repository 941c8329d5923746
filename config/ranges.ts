/** Arithmetic of address ranges, `A-B` or CIDR, as address pools and DHCP ranges are written. Nothing here throws on bad text. */
import { addressText, addressValue, networkSize, parseNetwork, type Family } from "./addresses";

/** Consecutive addresses of one family, both ends included. */
export interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  /** Canonical text in the form that it was written in, `192.168.1.200-192.168.1.219` or `192.168.1.208/28`. */
  readonly text: string;
}

/**
 * Reads a range `A-B` (blanks around the dash allowed) or a CIDR.
 *
 * @returns undefined if it is neither: mixed families, ends the wrong way round, or a CIDR with host bits
 */
export function parseRange(text: string): Range | undefined {
  const family: Family = text.includes(":") ? "ipv6" : "ipv4";
  return text.includes("/") ? fromNetwork(text, family) : fromEnds(text, family);
}

function fromEnds(text: string, family: Family): Range | undefined {
  const ends = text.split("-").map((end) => addressValue(end.trim(), family));
  const [first, last] = ends;
  if (ends.length !== 2 || first === undefined || last === undefined || first > last) return undefined;
  return { family, first, last, text: `${addressText(first, family)}-${addressText(last, family)}` };
}

function fromNetwork(text: string, family: Family): Range | undefined {
  const network = parseNetwork(text, family);
  const written = addressValue(text.split("/")[0] ?? "", family);
  if (network === undefined || written !== network.base) return undefined;
  return { family, first: network.base, last: network.base + networkSize(network) - 1n, text: network.text };
}

/** Number of addresses in the range; at least 1. */
export function rangeSize(range: Range): bigint {
  return range.last - range.first + 1n;
}

/** Whether the address lies in the range. */
export function rangeHolds(range: Range, address: string): boolean {
  const value = addressValue(address, range.family);
  return value !== undefined && value >= range.first && value <= range.last;
}

/** Whether two ranges share an address. Ranges of different families never do. */
export function rangesOverlap(one: Range, other: Range): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

/** Texts of the range's first and last address. */
export function rangeEnds(range: Range): readonly [string, string] {
  return [addressText(range.first, range.family), addressText(range.last, range.family)];
}
