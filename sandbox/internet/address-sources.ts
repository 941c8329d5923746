import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { UserError } from "../progress";
import { ADDRESS_SOURCES, sourceName, type AddressSource } from "./names";

/** What each source answers: an address, or `down`. */
export type SourceAddresses = Readonly<Record<AddressSource, string>>;

/** Documentation addresses: the home's public ones until someone changes them. */
const INITIAL: SourceAddresses = {
  "ipv4-a": "203.0.113.7",
  "ipv4-b": "203.0.113.7",
  "ipv6-a": "2001:db8:7::7",
  "ipv6-b": "2001:db8:7::7",
};

/** A source that is switched off. */
const DOWN = "down";

/** What the sources answer at the moment. */
export function readAddresses(file: string): SourceAddresses {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as SourceAddresses) : INITIAL;
}

/**
 * Lets sources answer something else, at once: a running server reads the file for each request.
 *
 * @param source One source, or undefined for all sources of each address's family; `down` alone is for all.
 * @param values Addresses, or `down`.
 * @throws UserError when a value is no address or not of the source's family.
 */
export function changeAddresses(file: string, source: string | undefined, values: readonly string[]): SourceAddresses {
  const known = ADDRESS_SOURCES.find((one) => one === source);
  if (source !== undefined && known === undefined) {
    throw new UserError(`No source is called ${JSON.stringify(source)}: there are ${ADDRESS_SOURCES.join(", ")}.`);
  }
  const next: Record<AddressSource, string> = { ...readAddresses(file) };
  for (const value of values) {
    const meant = known === undefined ? ADDRESS_SOURCES.filter((one) => value === DOWN || fits(one, value)) : [known];
    if (meant.length === 0) throw new UserError(`${JSON.stringify(value)} is no IPv4 or IPv6 address, and not "down".`);
    for (const one of meant) {
      if (value !== DOWN && !fits(one, value)) throw new UserError(`${one} answers no address like ${value}.`);
      next[one] = value;
    }
  }
  writeFileSync(`${file}.new`, JSON.stringify(next, null, 1), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return next;
}

/** The page of the source with that host name; undefined when there is no such source. */
export function sourcePage(file: string, host: string): { readonly status: number; readonly text: string } | undefined {
  const source = ADDRESS_SOURCES.find((one) => sourceName(one) === host);
  if (source === undefined) return undefined;
  const address = readAddresses(file)[source];
  return address === DOWN ? { status: 503, text: "out of order\n" } : { status: 200, text: `${address}\n` };
}

function fits(source: AddressSource, address: string): boolean {
  return source.startsWith("ipv4") ? isIPv4(address) : isIPv6(address);
}
