/** Normalisation of the sections above the cluster; their defaults are described in config/layers.ts. */
import { defaultIpv6Sources } from "./address-sources";
import { parseNetwork } from "./addresses";
import { canonicalAnyAddress, canonicalPair, canonicalPem, withoutSlash } from "./canonical";
import type {
  AppConfig,
  CertificatesConfig,
  ChartReference,
  LanDnsConfig,
  LayersConfig,
  LoadBalancerConfig,
  PublicDnsConfig,
  VersionsConfig,
} from "./layers";
import { canonicalNameserver } from "./nameserver";
import { parseRange } from "./ranges";
import type { HomelabSettings } from "./schema";
import type { HostConfig } from "./types";
import { versions, type ChartName, type ImageName } from "./versions";

type Section<Name extends keyof HomelabSettings> = NonNullable<HomelabSettings[Name]>;

/** The layers' part of the configuration; a section that is absent stays so. */
export function normaliseLayers(settings: HomelabSettings, hosts: readonly HostConfig[]): LayersConfig {
  const { loadBalancer, ingress, certificates, lanDns, publicDns, apps } = settings;
  return {
    ...(loadBalancer && { loadBalancer: normaliseLoadBalancer(loadBalancer, hosts) }),
    ...(ingress && { ingress: { ...ingress, address: canonicalPair(ingress.address) } }),
    ...(certificates && { certificates: normaliseCertificates(certificates) }),
    ...(lanDns && { lanDns: normaliseLanDns(lanDns) }),
    ...(publicDns && { publicDns: normalisePublicDns(publicDns, settings.network.lan.ipv6) }),
    apps: { ...(apps.whoami && { whoami: normaliseApp("whoami", apps.whoami) }) },
    versions: normaliseVersions(settings),
    trustedCAs: settings.trustedCAs.map(canonicalPem),
  };
}

function normaliseLoadBalancer(section: Section<"loadBalancer">, hosts: readonly HostConfig[]): LoadBalancerConfig {
  return {
    pools: section.pools.map((pool, index) => ({
      name: pool.name,
      addresses: pool.addresses.map((text) => parseRange(text)?.text ?? text),
      autoAssign: pool.autoAssign ?? index === 0,
      namespaces: pool.namespaces,
    })),
    interfaces: section.interfaces ?? [...new Set(hosts.map((host) => host.interface))],
    nodeSelector: section.nodeSelector,
  };
}

function normaliseCertificates({ acme, email, ...rest }: Section<"certificates">): CertificatesConfig {
  return {
    issuer: rest.issuer,
    ...(email !== undefined && { email }),
    acme: {
      ...(acme.server !== undefined && { server: acme.server }),
      ...(acme.caBundle !== undefined && { caBundle: canonicalPem(acme.caBundle) }),
    },
    recursiveNameservers: rest.recursiveNameservers.map((text) => canonicalNameserver(text) ?? text),
    issuanceTimeoutSeconds: rest.issuanceTimeoutSeconds,
  };
}

function normaliseLanDns({ address, forwarders, records }: Section<"lanDns">): LanDnsConfig {
  const named = Object.entries(records).map(([name, list]) => [name, list.map(canonicalAnyAddress)] as const);
  return {
    address: canonicalPair(address),
    forwarders: forwarders.map(canonicalAnyAddress),
    records: Object.fromEntries(named),
  };
}

/** Without IPv6 in the LAN there is no IPv6 to announce. */
function normalisePublicDns(section: Section<"publicDns">, lan: string | undefined): PublicDnsConfig {
  const { ipv4, ipv6 } = section.addressSources;
  const network = lan === undefined ? undefined : parseNetwork(lan, "ipv6");
  const used = ipv6 === undefined || network === undefined ? defaultIpv6Sources(network) : ipv6;
  return { names: section.names, addressSources: { ipv4, ipv6: used } };
}

function normaliseApp(name: string, { subdomain, middlewares, ...app }: Section<"apps">["whoami"] & object): AppConfig {
  const { basicAuth, ...optional } = middlewares;
  const set = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { subdomain: subdomain ?? name, ...app, middlewares: { basicAuth, ...Object.fromEntries(set) } };
}

function normaliseVersions({ versions: overrides, artifacts }: HomelabSettings): VersionsConfig {
  const repository = artifacts.chartRepository && withoutSlash(artifacts.chartRepository);
  const chart = (name: ChartName): ChartReference => ({
    repository: repository ?? versions.charts[name].repository,
    version: overrides.charts[name] ?? versions.charts[name].version,
  });
  const image = (name: ImageName): string => overrides.images[name] ?? versions.images[name];
  return {
    charts: { metallb: chart("metallb"), traefik: chart("traefik"), "cert-manager": chart("cert-manager") },
    images: { coredns: image("coredns"), node: image("node"), whoami: image("whoami") },
  };
}
