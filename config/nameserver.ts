/** Name servers with a port, as cert-manager's `--dns01-recursive-nameservers` takes them. */
import { canonicalAddress } from "./addresses";

/** Canonical `ADDRESS:PORT` or `[IPV6]:PORT`, or undefined if `text` is neither. */
export function canonicalNameserver(text: string): string | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || !(port >= 1 && port <= 65535)) return undefined;
  if (match[1] === undefined) return canonicalAddress(match[2] ?? "", "ipv4") && `${match[2]}:${port}`;
  const address = canonicalAddress(match[1], "ipv6");
  return address && `[${address}]:${port}`;
}

export function isNameserver(text: string): boolean {
  return canonicalNameserver(text) !== undefined;
}
