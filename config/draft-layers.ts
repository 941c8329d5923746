/** The valid pieces of the sections above the cluster, and of what their addresses must keep clear of. */
import { defaultIpv6Sources } from "./address-sources";
import { canonicalAddress, parseNetwork, type Family } from "./addresses";
import { canonicalAnyAddress } from "./canonical";
import { items, member, members, pair, valid, type Pair } from "./draft-pieces";
import type { Issuer } from "./layers";
import { parseRange, type Range } from "./ranges";
import { homelabSchema } from "./schema";
import { anyAddress } from "./schema-fields";
import { layerSchemas, poolSchema } from "./schema-layers";

/** A piece and where it was written. */
export interface Placed<T> {
  readonly path: string;
  readonly value: T;
}

/** The valid pieces of one address pool. */
export interface PoolDraft {
  readonly index: number;
  readonly name?: string | undefined;
  readonly autoAssign: boolean;
  readonly namespaces: readonly string[];
  readonly ranges: readonly Placed<Range>[];
  /** Whether all of it is valid, so that an address that is in no range is really in none. */
  readonly isComplete: boolean;
}

/** The valid pieces of one app. */
export interface AppDraft {
  readonly name: string;
  readonly subdomain?: string | undefined;
  readonly hasOwnCertificate: boolean;
  readonly hstsSeconds: number;
}

/** The layers' part of a draft. */
export interface LayersDraft {
  readonly domain?: string | undefined;
  readonly gateway: Pair<string>;
  readonly dhcpRange?: Range | undefined;
  readonly pools: readonly PoolDraft[];
  /** Labels of the nodes that may announce; undefined if they are invalid. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  readonly ingressAddress: Pair<string>;
  readonly hasDashboard: boolean;
  /** Undefined without certificates. */
  readonly issuer?: Issuer | undefined;
  readonly lanDnsAddress: Pair<string>;
  readonly forwarders: readonly Placed<string>[];
  /** Names of the extra records. */
  readonly records: readonly string[];
  /** Names that public DNS announces. */
  readonly publicNames: readonly Placed<string>[];
  /** Undefined without public DNS; a family that is invalid is absent. */
  readonly addressSources?: Pair<readonly string[]> | undefined;
  readonly apps: readonly AppDraft[];
}

/** Takes the layers' valid pieces out of `raw`, whatever it is. */
export function layersDraft(raw: unknown): LayersDraft {
  const at = (...path: string[]): unknown => path.reduce(member, raw);
  const { loadBalancer, ingress, certificates } = layerSchemas;
  const dhcpRange = valid(homelabSchema.shape.network.shape.dhcpRange, at("network", "dhcpRange"));
  return {
    domain: valid(homelabSchema.shape.domain, at("domain")),
    gateway: pair(at("network", "gateway"), canonicalAddress),
    dhcpRange: dhcpRange === undefined ? undefined : parseRange(dhcpRange),
    pools: items(at("loadBalancer", "pools")).map(([index, pool]) => poolDraft(pool, index)),
    nodeSelector: valid(loadBalancer.shape.nodeSelector, at("loadBalancer", "nodeSelector")),
    ingressAddress: pair(at("ingress", "address"), canonicalAddress),
    hasDashboard: at("ingress") !== undefined && valid(ingress.shape.dashboard, at("ingress", "dashboard")) !== false,
    issuer:
      at("certificates") === undefined ? undefined : valid(certificates.shape.issuer, at("certificates", "issuer")),
    lanDnsAddress: pair(at("lanDns", "address"), canonicalAddress),
    forwarders: items(at("lanDns", "forwarders")).flatMap(([index, value]) => {
      const address = valid(anyAddress(), value);
      return address === undefined
        ? []
        : [{ path: `lanDns.forwarders[${index}]`, value: canonicalAnyAddress(address) }];
    }),
    records: members(at("lanDns", "records")).map(([name]) => name),
    publicNames: items(at("publicDns", "names")).flatMap(([index, value]) =>
      typeof value === "string" ? [{ path: `publicDns.names[${index}]`, value }] : [],
    ),
    addressSources:
      at("publicDns") === undefined
        ? undefined
        : sources(at("publicDns", "addressSources"), at("network", "lan", "ipv6")),
    apps: members(at("apps")).map(([name, app]) => appDraft(name, app)),
  };
}

function poolDraft(pool: unknown, index: number): PoolDraft {
  const { name, autoAssign, namespaces } = poolSchema.shape;
  const ranges = items(member(pool, "addresses")).flatMap(([place, text]): Placed<Range>[] => {
    const value = typeof text === "string" ? parseRange(text) : undefined;
    return value === undefined ? [] : [{ path: `loadBalancer.pools[${index}].addresses[${place}]`, value }];
  });
  return {
    index,
    name: valid(name, member(pool, "name")),
    autoAssign: valid(autoAssign, member(pool, "autoAssign")) ?? index === 0,
    namespaces: valid(namespaces, member(pool, "namespaces")) ?? [],
    ranges,
    isComplete: poolSchema.safeParse(pool).success,
  };
}

function sources(value: unknown, lan: unknown): Pair<readonly string[]> {
  const schema = layerSchemas.publicDns.shape.addressSources.unwrap().shape;
  const one = (family: Family): Pair<readonly string[]> => {
    const urls = valid(schema[family], member(value, family));
    return urls === undefined ? {} : { [family]: urls };
  };
  const network = typeof lan === "string" ? parseNetwork(lan, "ipv6") : undefined;
  const ipv6 = member(value, "ipv6") === undefined ? { ipv6: defaultIpv6Sources(network) } : one("ipv6");
  return { ...one("ipv4"), ...ipv6 };
}

function appDraft(name: string, app: unknown): AppDraft {
  const { subdomain, certificate } = layerSchemas.app.shape;
  const hsts = ["middlewares", "headers", "hstsSeconds"].reduce<unknown>(member, app);
  const written = member(app, "subdomain");
  return {
    name,
    subdomain: written === undefined ? name : valid(subdomain, written),
    hasOwnCertificate: valid(certificate, member(app, "certificate")) === "own",
    hstsSeconds: typeof hsts === "number" ? hsts : 0,
  };
}
