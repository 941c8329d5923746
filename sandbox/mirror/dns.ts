import { createHash } from "node:crypto";
import type { DebianSources } from "../image/sources";

/** Addresses of the mirror in the LAN. */
export interface MirrorAddresses {
  /** IPv4 address of the router's namespace. */
  readonly address: string;
  /** Its IPv6 address. Default: names have no AAAA records. */
  readonly ipv6?: string | undefined;
  /** Further names and their IPv4 or IPv6 addresses, by name. Default: none. */
  readonly names?: Readonly<Record<string, readonly string[]>> | undefined;
  /** A zone that another name server has, `ADDRESS:PORT`. Default: none. */
  readonly forward?: { readonly zone: string; readonly to: string } | undefined;
}

/** Name of the mirror in the LAN. */
export const MIRROR_NAME = "mirror.sandbox.test";

/**
 * Zone of the LAN's name server: the mirror's name, the host names of the Debian archive and the given names, as a root
 * zone of their own, so that any other name gets a proper "no such domain" at once.
 */
export function zoneFile(sources: DebianSources, { address, ipv6, names = {} }: MirrorAddresses): string {
  const archives = sources.suites.map(({ hostUri }) => new URL(hostUri).hostname);
  const mirror = ipv6 === undefined ? [address] : [address, ipv6];
  const own = [...new Set([MIRROR_NAME, ...archives])].map((name) => [name, mirror] as const);
  const records = [...own, ...Object.entries(names)].flatMap(([name, all]) =>
    all.map((one) => `${name}. 30 IN ${one.includes(":") ? "AAAA" : "A"} ${one}`),
  );
  // CoreDNS reads a zone anew when its serial number is another.
  const serial = createHash("sha256").update(records.join("\n")).digest().readUInt32BE();
  const start = [
    `. 30 IN SOA ${MIRROR_NAME}. hostmaster.sandbox.test. ${serial} 3600 600 86400 30`,
    `. 30 IN NS ${MIRROR_NAME}.`,
  ];
  return [...start, ...records, ""].join("\n");
}

/**
 * Configuration of the LAN's name server, which serves the one zone file and logs what it has no answer for. What it
 * forwards is asked for each time: nothing is cached, and a server that was away is asked again at once.
 */
export function corefile(zone: string, forward?: MirrorAddresses["forward"]): string {
  const own = `.:53 {
  errors
  log . {
    class denial error
  }
  file "${zone}" . {
    reload 2s
  }
}
`;
  if (forward === undefined) return own;
  return `${own}${forward.zone}:53 {
  errors
  log . {
    class denial error
  }
  forward . ${forward.to} {
    max_fails 0
  }
}
`;
}
