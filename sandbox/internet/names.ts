import type { MemberAddresses } from "../lan/addresses";

/** Host name of Cloudflare's API, a constant in cert-manager's source: the LAN's resolver sends it to the emulator. */
export const API_NAME = "api.cloudflare.com";

/** Host name of the ACME server. */
export const ACME_NAME = "acme.sandbox.test";

/** Name servers of the emulated zone, as its NS records and the API give them. */
export const ZONE_SERVERS = ["ns1.sandbox.test", "ns2.sandbox.test"] as const;

/** Port at the router's addresses where the emulated zone is served over DNS. */
export const ZONE_PORT = 5353;

/** Ports of the ACME server: for clients, of the server behind that one, and of its management API. */
export const ACME_PORTS = { clients: 14000, behind: 14001, management: 15000 } as const;

/** The sources of the home's public address, two for each family, as a home would choose two operators. */
export const ADDRESS_SOURCES = ["ipv4-a", "ipv4-b", "ipv6-a", "ipv6-b"] as const;

/** Name of one source of the public address. */
export type AddressSource = (typeof ADDRESS_SOURCES)[number];

/** Host name of a source. */
export function sourceName(source: AddressSource): string {
  return `${source}.sandbox.test`;
}

/**
 * The names of the sandbox's "internet" and their addresses, all in the router's namespace. A source of one family's
 * address is reached by that family only, as real ones are.
 */
export function internetNames(router: MemberAddresses): Record<string, readonly string[]> {
  const both = router.ipv6 === undefined ? [router.ipv4] : [router.ipv4, router.ipv6];
  const sources = ADDRESS_SOURCES.map((source) => {
    const family = source.startsWith("ipv4") ? router.ipv4 : router.ipv6;
    return [sourceName(source), family === undefined ? [] : [family]] as const;
  });
  const others = [API_NAME, ACME_NAME, ...ZONE_SERVERS].map((name) => [name, both] as const);
  return Object.fromEntries([...others, ...sources]);
}
