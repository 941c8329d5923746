/** How full MetalLB's address pools are, and which Services wait for an address. Pure. */
import type { Family } from "../../config/addresses";
import { parseRange, rangeHolds, rangeSize, type Range } from "../../config/ranges";
import {
  fullName,
  secondsOf,
  type Cluster,
  type EventObject,
  type PoolObject,
  type ServiceObject,
} from "../cluster-objects";
import type { Finding } from "../finding";

/** One pool's addresses of one family. */
export interface PoolUse {
  readonly pool: string;
  readonly family: Family;
  readonly used: number;
  /** Approximate above 2^53, as IPv6 pools may be. */
  readonly total: number;
}

/** A Service of this age in seconds should have its address; a failure that MetalLB reports counts at once. */
const PATIENCE_SECONDS = 60;

/** Above this, a total is no figure to look at. */
const MANY = 1_000_000;

/** Every pool's use, by name, IPv4 first. Services that share an address count once. */
export function poolUses({ pools, services }: Cluster): PoolUse[] {
  const assigned = [...new Set(services.flatMap(addressesOf))];
  const byName = [...pools].sort((one, other) => one.metadata.name.localeCompare(other.metadata.name));
  return byName.flatMap((pool) => {
    const ranges = pool.spec.addresses.flatMap((text) => parseRange(text) ?? []);
    return (["ipv4", "ipv6"] as const).flatMap((family): PoolUse[] => {
      const own = ranges.filter((range) => range.family === family);
      if (own.length === 0) return [];
      const used = assigned.filter((address) => own.some((range) => rangeHolds(range, address))).length;
      const total = own.reduce((sum, range) => sum + assignable(range, pool), 0n);
      return [{ pool: pool.metadata.name, family, used, total: Number(total) }];
    });
  });
}

/** `20 of 20 IPv4 addresses used` */
export function poolUseText({ family, used, total }: PoolUse): string {
  const of = total > MANY ? "of more than a million" : `of ${total}`;
  return `${used} ${of} ${family === "ipv4" ? "IPv4" : "IPv6"} addresses used`;
}

/** A Service's addresses, as they were assigned to it. */
export function addressesOf({ status }: ServiceObject): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

/** One for each Service that waits for an address: MetalLB's reason, and how full the pools of its families are. */
export function poolFindings(cluster: Cluster): Finding[] {
  const uses = poolUses(cluster);
  return cluster.services
    .filter((service) => service.spec?.type === "LoadBalancer" && addressesOf(service).length === 0)
    .flatMap((service): Finding[] => {
      const reason = reasonOf(service, cluster.allocationFailures);
      const age = cluster.now - (secondsOf(service.metadata.creationTimestamp) ?? 0);
      if (reason === undefined && age < PATIENCE_SECONDS) return [];
      const figures = uses
        .filter(({ family }) => service.spec?.ipFamilies?.includes(family === "ipv4" ? "IPv4" : "IPv6") ?? true)
        .map((use) => `pool ${use.pool}: ${poolUseText(use)}`);
      return [waiting(service, reason, figures)];
    });
}

function waiting(service: ServiceObject, reason: string | undefined, figures: readonly string[]): Finding {
  const { namespace = "default", name } = service.metadata;
  const all = figures.length === 0 ? "there is no address pool" : figures.join(", ");
  const look = `\`kubectl --namespace ${namespace} describe service ${name}\` shows what it asks for`;
  return {
    severity: "error",
    where: "cluster",
    what: `Service ${fullName(service.metadata)} waits for an address${reason ? `, ${reason}` : ""} (${all})`,
    why: "nobody in the LAN reaches it",
    remedy: `${look}; if a pool is full, give it more addresses in homelab:loadBalancer or delete a Service`,
  };
}

/** What MetalLB last said about the Service. Events are kept for an hour; those of an earlier one of its name don't count. */
function reasonOf({ metadata }: ServiceObject, events: readonly EventObject[]): string | undefined {
  const time = (event: EventObject): number => secondsOf(event.lastTimestamp ?? event.eventTime) ?? 0;
  const [last] = events
    .filter(({ involvedObject }) => involvedObject.uid === metadata.uid)
    .sort((one, other) => time(other) - time(one));
  return last?.message?.replace(/^Failed to allocate IP for "[^"]*": /, "").trim();
}

/** Addresses of the range that MetalLB gives away: with `avoidBuggyIPs` no IPv4 address that ends with .0 or .255. */
function assignable(range: Range, { spec }: PoolObject): bigint {
  if (!spec.avoidBuggyIPs || range.family === "ipv6") return rangeSize(range);
  return rangeSize(range) - endingWith(range, 0n) - endingWith(range, 255n);
}

function endingWith({ first, last }: Range, lastByte: bigint): bigint {
  const upTo = (value: bigint): bigint => (value < lastByte ? 0n : (value - lastByte) / 256n + 1n);
  return upTo(last) - (first === 0n ? 0n : upTo(first - 1n));
}
