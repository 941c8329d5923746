/** `network`: what the home's router is to be set to, so that LAN and internet find what the cluster serves. Pure. */
import { isUniqueLocal } from "../config/addresses";
import type { Access, AppConfig } from "../config/layers";
import type { HomelabConfig } from "../config/types";

/** TCP ports of web apps: the first one only sends browsers on to the second. */
const WEB_PORTS = [80, 443] as const;

/** A way from the internet to the ingress that the router is to open. */
export interface Opening {
  readonly family: "ipv4" | "ipv6";
  readonly protocol: "tcp";
  readonly port: number;
  readonly to: string;
}

/** Addresses that the router's DHCP server must never give away. */
export interface Reserved {
  /** An address, a range `A-B` or a CIDR. */
  readonly addresses: string;
  readonly purpose: string;
}

/** What to set in the router. */
export interface RouterSettings {
  /** Empty unless names are public. */
  readonly openings: readonly Opening[];
  /** What DHCP, and with IPv6 router advertisements, are to hand out as name server; empty: nothing to change. */
  readonly nameServers: readonly string[];
  readonly reserved: readonly Reserved[];
  /** Fully qualified names with public records. */
  readonly publicNames: readonly string[];
  /** What deserves a thought, a sentence or two each. */
  readonly notes: readonly string[];
}

/** Derives the settings from the configuration alone. */
export function routerSettings(config: HomelabConfig): RouterSettings {
  const { ingress, publicDns, lanDns, loadBalancer, network, hosts, domain } = config;
  const publicNames = (publicDns?.names ?? []).map((name) => (name === "@" ? domain : `${name}.${domain}`));
  const pools = loadBalancer?.pools ?? [];
  return {
    openings: openingsOf(config),
    nameServers: lanDns ? addressesOf(lanDns.address) : [],
    reserved: [
      ...addressesOf(network.apiVip).map((addresses) => ({ addresses, purpose: "Kubernetes API" })),
      ...hosts.flatMap(({ name, address, ipv6 }) =>
        addressesOf({ ipv4: address, ipv6 }).map((addresses) => ({ addresses, purpose: `host ${name}` })),
      ),
      ...pools.flatMap(({ name, addresses }) =>
        addresses.map((range) => ({ addresses: range, purpose: `address pool ${name}` })),
      ),
    ],
    publicNames,
    notes: ingress
      ? [...unknownNames(config), ...translation(config), ...refusedApps(config), ...guessableApps(config)]
      : [],
  };
}

function openingsOf({ ingress, publicDns }: HomelabConfig): Opening[] {
  if (!ingress || !publicDns) return [];
  const { ipv4, ipv6 } = publicDns.addressSources;
  const reached = [
    ...(ipv4.length > 0 ? [{ family: "ipv4" as const, to: ingress.address.ipv4 }] : []),
    ...(ipv6.length > 0 && ingress.address.ipv6 ? [{ family: "ipv6" as const, to: ingress.address.ipv6 }] : []),
  ];
  return reached.flatMap(({ family, to }) => WEB_PORTS.map((port) => ({ family, protocol: "tcp" as const, port, to })));
}

/** Without the LAN's name server, nobody in the LAN knows the names. */
function unknownNames({ lanDns, ingress, domain }: HomelabConfig): string[] {
  if (lanDns || !ingress) return [];
  return [
    `homelab:lanDns is off: the LAN's own name server must answer ${domain} and *.${domain} with ${addressesOf(ingress.address).join(" and ")}.`,
  ];
}

/** A unique local address (RFC 4193) is not routed on the internet: the published one is in the provider's prefix. */
function translation(config: HomelabConfig): string[] {
  const opened = openingsOf(config).find(({ family }) => family === "ipv6")?.to;
  if (opened === undefined || !isUniqueLocal(opened)) return [];
  return [
    `The public AAAA records are the provider's /64 with the last 64 bits of ${opened}, which is a local address: the router must translate that prefix to ${config.network.lan.ipv6} (NPTv6). If it can't, leave addressSources.ipv6 out of homelab:publicDns.`,
  ];
}

/** A public name of an app that refuses the public. */
function refusedApps(config: HomelabConfig): string[] {
  return appsOf(config, "lan")
    .filter(({ isPublic }) => isPublic)
    .map(
      ({ name, host }) =>
        `${host} is public, but the app ${name} has access: lan and refuses whoever is not in the LAN.`,
    );
}

/** Whoever asks the public address for a host name gets its app; that the name has no record only hides it. */
function guessableApps(config: HomelabConfig): string[] {
  if (openingsOf(config).length === 0) return [];
  return appsOf(config, "everyone")
    .filter(({ isPublic }) => !isPublic)
    .map(
      ({ name, host }) =>
        `${host} has no public record, but the app ${name} is reached through the same ports by whoever guesses the name; access: lan closes it.`,
    );
}

/** The apps with that access, their host names, and whether the internet finds those; the public name `*` is every name. */
function appsOf({ apps, domain, publicDns }: HomelabConfig, access: Access) {
  const all: Readonly<Record<string, AppConfig | undefined>> = { ...apps };
  const names = publicDns?.names ?? [];
  return Object.entries(all).flatMap(([name, app]) => {
    if (app?.access !== access) return [];
    return [
      { name, host: `${app.subdomain}.${domain}`, isPublic: names.includes("*") || names.includes(app.subdomain) },
    ];
  });
}

function addressesOf({ ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6?: string | undefined }): string[] {
  return ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
}
