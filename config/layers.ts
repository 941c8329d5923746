/**
 * Types of the sections above the cluster. A section that is absent switches its layer off; what a layer needs of another
 * one is a rule (config/rules-layers.ts).
 */
import type { DualStack } from "./types";
import type { ChartName, ImageName } from "./versions";

/** One MetalLB address pool. https://metallb.io/configuration/_advanced_ipaddresspool_configuration/ */
export interface AddressPoolConfig {
  /** RFC 1123 label. */
  readonly name: string;
  /** Ranges `192.0.2.200-192.0.2.219` or CIDRs `192.0.2.208/28`, IPv4 and IPv6; canonical text. */
  readonly addresses: readonly string[];
  /** Whether services that ask for no pool or address get theirs from here. @default true for the first pool only */
  readonly autoAssign: boolean;
  /** Namespaces whose services may use the pool; empty: all. @default [] */
  readonly namespaces: readonly string[];
}

/** `homelab:loadBalancer`: MetalLB in layer 2 mode. */
export interface LoadBalancerConfig {
  /** At least one; the first is the default pool. */
  readonly pools: readonly AddressPoolConfig[];
  /** Interfaces that answer ARP and NDP. @default the hosts' own interfaces, each once */
  readonly interfaces: readonly string[];
  /**
   * Labels of the nodes that may announce. An address is announced by nodes only that run a pod of its service, so that
   * one server at least must have them as soon as there is an ingress or a LAN DNS. @default {} (all nodes)
   */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** `homelab:ingress`: Traefik. */
export interface IngressConfig {
  /** LoadBalancer addresses, inside a pool. */
  readonly address: DualStack;
  /** Traefik's dashboard at `https://traefik.<domain>`, behind a login. @default true */
  readonly dashboard: boolean;
}

/** Who signs: Let's Encrypt's staging or production directory by DNS-01, or a CA of the home's own. */
export type Issuer = "staging" | "production" | "internal";

/** `homelab:certificates`: cert-manager. */
export interface CertificatesConfig {
  /** One setting between staging, production and internal. @default "staging" */
  readonly issuer: Issuer;
  /** Account of the ACME issuers; needed unless the issuer is internal. */
  readonly email?: string | undefined;
  /** Another ACME directory for both ACME issuers, and the PEM bundle that its TLS certificate is checked by. */
  readonly acme: { readonly server?: string | undefined; readonly caBundle?: string | undefined };
  /** `ADDRESS:PORT` of recursive name servers for the DNS-01 self check. @default ["1.1.1.1:53", "9.9.9.9:53"] */
  readonly recursiveNameservers: readonly string[];
  /** How long `pulumi up` waits for the default certificate. @default 600 */
  readonly issuanceTimeoutSeconds: number;
}

/** `homelab:lanDns`: the LAN's name server for the domain. */
export interface LanDnsConfig {
  /** LoadBalancer addresses, inside a pool; what the router's DHCP hands out. */
  readonly address: DualStack;
  /** Addresses of the name servers that the rest is forwarded to. @default ["1.1.1.1", "9.9.9.9"] */
  readonly forwarders: readonly string[];
  /** Further names below the domain and their addresses, `nas: ["192.168.1.20"]`. @default {} */
  readonly records: Readonly<Record<string, readonly string[]>>;
}

/** `homelab:publicDns`: records at Cloudflare that follow the home's public address. */
export interface PublicDnsConfig {
  /** Names below the domain; `@` is the domain itself, `*` every name that has no record. */
  readonly names: readonly string[];
  /**
   * URLs by family that answer with the caller's public address as text; an address counts only if two agree, so there
   * are two or more, or none: then the family has no records (always so for IPv6 in a home without).
   * @default ipify.org and icanhazip.com; for IPv6 none if the LAN's prefix is a unique local one (fc00::/7)
   * IPv6: the announced address is the observed /64 with the ingress address's last 64 bits.
   */
  readonly addressSources: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
}

/** Who reaches an app: everyone who reaches the ingress address, or addresses of the LAN only. */
export type Access = "everyone" | "lan";

/** What an app may switch on in front of it; each is off by default. */
export interface MiddlewaresConfig {
  /** Login by name and password; the password is generated. */
  readonly basicAuth: boolean;
  /** Address of an authentication service that each request is shown to first. */
  readonly forwardAuth?: string | undefined;
  /** Path prefix that is removed before the app sees it, `/api`. */
  readonly stripPrefix?: string | undefined;
  /** Regular expression and replacement of the path. */
  readonly rewrite?: { readonly regex: string; readonly replacement: string } | undefined;
  /** Security headers. HSTS stays off unless asked for: with a staging certificate it locks people out. */
  readonly headers?: { readonly hstsSeconds: number } | undefined;
  /** Mean requests a second of one client, with bursts of twice as many. */
  readonly requestsPerSecond?: number | undefined;
}

/** One web app behind the ingress. */
export interface AppConfig {
  /** First label of its host name. @default the app's name */
  readonly subdomain: string;
  readonly access: Access;
  /** `wildcard`: the domain's default certificate; `own`: one for its host name. @default "wildcard" */
  readonly certificate: "wildcard" | "own";
  readonly middlewares: MiddlewaresConfig;
}

/** `homelab:apps`. */
export interface AppsConfig {
  /** A small web server that shows what reaches it. */
  readonly whoami?: AppConfig | undefined;
}

/** A chart and where it comes from, `homelab:versions` and `homelab:artifacts.chartRepository` applied. */
export interface ChartReference {
  readonly repository: string;
  readonly version: string;
}

/** What is installed; `homelab:versions` overrides single charts' versions and images. */
export interface VersionsConfig {
  readonly charts: Readonly<Record<ChartName, ChartReference>>;
  readonly images: Readonly<Record<ImageName, string>>;
}

/** The layers' part of the configuration. */
export interface LayersConfig {
  readonly loadBalancer?: LoadBalancerConfig | undefined;
  readonly ingress?: IngressConfig | undefined;
  readonly certificates?: CertificatesConfig | undefined;
  readonly lanDns?: LanDnsConfig | undefined;
  readonly publicDns?: PublicDnsConfig | undefined;
  readonly apps: AppsConfig;
  readonly versions: VersionsConfig;
  /** PEM certificates that hosts and layers trust besides the public ones. @default [] */
  readonly trustedCAs: readonly string[];
}
