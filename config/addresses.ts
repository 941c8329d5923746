/** Address arithmetic for configuration rules: IPv4 and IPv6 alike, nothing here throws on bad text. */
import * as ipaddr from "ipaddr.js";

export type Family = "ipv4" | "ipv6";

/** A network with its host bits cleared. */
export interface Network {
  readonly family: Family;
  /** Canonical text, `10.42.0.0/16`. */
  readonly text: string;
  readonly base: bigint;
  readonly prefixLength: number;
}

/** Bits of an address of the family. */
export const addressBits: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** Canonical text of an address (dotted decimal; RFC 5952), or undefined if `text` is no address of that family. */
export function canonicalAddress(text: string, family: Family): string | undefined {
  if (family === "ipv4") return ipaddr.IPv4.isValidFourPartDecimal(text) ? text : undefined;
  // A zone or an embedded IPv4 address would be valid text, but never what a node is configured with.
  if (!/^[0-9a-fA-F:]+$/.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** The address as a number, or undefined if it is no address of that family. */
export function addressValue(text: string, family: Family): bigint | undefined {
  const canonical = canonicalAddress(text, family);
  if (canonical === undefined) return undefined;
  return ipaddr
    .parse(canonical)
    .toByteArray()
    .reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Canonical text of the address with that number. */
export function addressText(value: bigint, family: Family): string {
  const length = addressBits[family] / 8;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
  const address = ipaddr.fromByteArray(bytes);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/**
 * Reads a CIDR. Host bits are cleared: compare `text` with the input to find out whether there were any.
 *
 * @returns undefined if `text` is no CIDR of that family
 */
export function parseNetwork(text: string, family: Family): Network | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const value = addressValue(match[1], family);
  const prefixLength = Number(match[2]);
  if (value === undefined || prefixLength > addressBits[family]) return undefined;
  const hostBits = BigInt(addressBits[family] - prefixLength);
  const base = (value >> hostBits) << hostBits;
  return { family, base, prefixLength, text: `${addressText(base, family)}/${prefixLength}` };
}

/** Number of addresses in the network. */
export function networkSize(network: Network): bigint {
  return 1n << BigInt(addressBits[network.family] - network.prefixLength);
}

/** Whether the address lies in the network. */
export function contains(network: Network, address: string): boolean {
  const value = addressValue(address, network.family);
  return value !== undefined && value >= network.base && value < network.base + networkSize(network);
}

/**
 * Whether a host may carry the address: inside the network and neither its first nor (IPv4) its last address,
 * which are the network's own and the broadcast address; IPv6's first is the routers' anycast address (RFC 4291, 2.6.1).
 */
export function isUsableIn(network: Network, address: string): boolean {
  const value = addressValue(address, network.family);
  if (value === undefined || !contains(network, address)) return false;
  if (addressBits[network.family] - network.prefixLength < 2) return true;
  if (value === network.base) return false;
  return network.family === "ipv6" || value !== network.base + networkSize(network) - 1n;
}

/** RFC 4193: unique local addresses, which nobody on the internet routes. */
const UNIQUE_LOCAL = parseNetwork("fc00::/7", "ipv6");

/** Whether it is an IPv6 address that is unique in some LAN and unknown outside of it. */
export function isUniqueLocal(address: string): boolean {
  return UNIQUE_LOCAL !== undefined && contains(UNIQUE_LOCAL, address);
}

/** Whether two networks share an address. Networks of different families never do. */
export function overlap(one: Network, other: Network): boolean {
  if (one.family !== other.family) return false;
  return one.base < other.base + networkSize(other) && other.base < one.base + networkSize(one);
}
