/** Rules about the addresses that layers take from address pools, and about the nodes that answer for them. */
import type { Draft } from "./draft";
import type { Placed, PoolDraft } from "./draft-layers";
import { rangeHolds } from "./ranges";
import type { Finding, Rule } from "./rule";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** Layers with addresses out of a pool, and the namespace of their services. */
const USERS = [
  ["ingress", "ingressAddress", "traefik"],
  ["lanDns", "lanDnsAddress", "dns"],
] as const;

/** Labels of which Kubernetes and k3s set many themselves: which nodes have them is not known here. */
const SYSTEM_LABEL = /^([a-z0-9.-]+\.)?(kubernetes|k3s)\.io\//;

function placesOf(draft: Draft, section: string, key: (typeof USERS)[number][1]): Placed<string>[] {
  return FAMILIES.flatMap((family) => {
    const value = draft[key][family];
    return value === undefined ? [] : [{ path: `${section}.address.${family}`, value }];
  });
}

function outsidePools(draft: Draft): Finding[] {
  const { pools } = draft;
  if (pools.length === 0 || !pools.every(({ isComplete }) => isComplete)) return [];
  return USERS.flatMap(([section, key, namespace]) => {
    const places = placesOf(draft, section, key);
    const strays = places.filter(({ value }) => !pools.some((pool) => poolHolds(pool, value)));
    if (strays.length > 0) return strays.map(stray);
    const left = places.filter(({ value }) => /\.(0|255)$/.test(value));
    return left.length > 0 ? left.map(leftOut) : unfitPools(pools, places, namespace);
  });
}

function stray({ path, value }: Placed<string>): Finding {
  const found = `found ${JSON.stringify(value)}, which is in no address pool`;
  return { path, found, remedy: "choose an address inside a pool of homelab:loadBalancer, or add it to one" };
}

/** Our pools avoid them, and MetalLB then gives them to nobody, not even to who asks for them. */
function leftOut({ path, value }: Placed<string>): Finding {
  const found = `found ${JSON.stringify(value)}, which MetalLB leaves out: some devices take .0 and .255 for no host's`;
  return { path, found, remedy: "choose another address of the pool" };
}

/** MetalLB gives a service its addresses from one pool, and only if that pool serves the service's namespace. */
function unfitPools(pools: readonly PoolDraft[], places: readonly Placed<string>[], namespace: string): Finding[] {
  const [last] = places.slice(-1);
  if (last === undefined) return [];
  const holding = pools.filter((pool) => places.every(({ value }) => poolHolds(pool, value)));
  const found = `found ${JSON.stringify(last.value)}`;
  if (holding.length === 0) {
    const remedy = "choose both addresses from one pool: MetalLB gives a service addresses of one pool only";
    return [{ path: last.path, found: `${found}, in another pool than ${places[0]?.value}`, remedy }];
  }
  return holding
    .filter(({ namespaces }) => namespaces.length > 0 && !namespaces.includes(namespace))
    .map(({ index }) => ({
      path: last.path,
      found: `${found}, in a pool that does not serve the namespace ${namespace}`,
      remedy: `add ${namespace} to loadBalancer.pools[${index}].namespaces, or choose an address of another pool`,
    }));
}

function poolHolds({ ranges }: PoolDraft, address: string): boolean {
  return ranges.some(({ value }) => rangeHolds(value, address));
}

/**
 * An address is announced by nodes only that run a pod of its service (`externalTrafficPolicy: Local`), and those of the
 * ingress and of the LAN DNS run on servers.
 */
function unannounced(draft: Draft): Finding[] {
  const [user] = USERS.filter(([section]) => draft.isWritten(section));
  const wanted = Object.entries(draft.nodeSelector ?? {}).filter(([label]) => !SYSTEM_LABEL.test(label));
  // A host without a valid role or without valid labels may be meant as such a server.
  const servers = draft.hosts.filter(({ role }) => role !== "agent");
  const fits = ({ labels }: (typeof servers)[number]): boolean =>
    labels === undefined || wanted.every(([label, value]) => labels[label] === value);
  if (user === undefined || wanted.length === 0 || servers.length === 0 || servers.some(fits)) return [];
  const text = wanted.map(([label, value]) => `${label}: ${value}`).join(", ");
  const found = `found { ${text} }, which no server has in its labels`;
  const remedy = `choose labels of servers, best of all of them: nothing else runs what answers at ${user[0]}.address`;
  return [{ path: "loadBalancer.nodeSelector", found, remedy }];
}

export const poolUserRules: readonly Rule[] = [
  { name: "outside-pools", check: outsidePools },
  { name: "unannounced", check: unannounced },
];

/** A service that asks for nothing may come first, say while the layer is off, and then the layer waits for ever. */
export function poolUserWarnings(draft: Draft): string[] {
  return USERS.flatMap(([section, key, namespace]) =>
    placesOf(draft, section, key)
      .filter(({ value }) => draft.pools.some((pool) => poolHolds(pool, value) && servesOthers(pool, namespace)))
      .slice(0, 1)
      .map(
        ({ path, value }) =>
          `${path}: found ${JSON.stringify(value)} in a pool that any service gets its address from; ` +
          `keep fixed addresses in a pool of their own, with autoAssign: false`,
      ),
  );
}

function servesOthers({ autoAssign, namespaces }: PoolDraft, namespace: string): boolean {
  return autoAssign && namespaces.join() !== namespace;
}
