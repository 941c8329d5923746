/** Rules about address pools; config/rules-pool-users.ts has those about the addresses that layers take from them. */
import { isUsableIn } from "./addresses";
import type { Draft } from "./draft";
import type { Placed } from "./draft-layers";
import { rangeEnds, rangeHolds, rangesOverlap, rangeSize, type Range } from "./ranges";
import type { Finding, Rule } from "./rule";
import { places } from "./rules-addresses";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** More addresses than any home has services; a mistyped IPv6 prefix has billions. */
const MOST_ADDRESSES = 65_536n;

/** The addresses of all pools, each with its place in the config. */
export function allRanges(draft: Draft): Placed<Range>[] {
  return draft.pools.flatMap((pool) => pool.ranges);
}

function duplicatePools({ pools }: Draft): Finding[] {
  return pools.flatMap(({ index, name }): Finding[] => {
    const first = pools.find((other) => other.name === name);
    if (name === undefined || first === undefined || first.index === index) return [];
    const found = `found ${JSON.stringify(name)}, as at loadBalancer.pools[${first.index}].name`;
    return [{ path: `loadBalancer.pools[${index}].name`, found, remedy: "give each pool a name of its own" }];
  });
}

function outsideLan(draft: Draft): Finding[] {
  return allRanges(draft).flatMap(({ path, value }): Finding[] => {
    const lan = draft.lan[value.family];
    if (lan === undefined) {
      if (value.family === "ipv4" || !draft.isWritten("network", "lan", "ipv4")) return [];
      const remedy = "remove it, or give network.lan its IPv6 half";
      return draft.isWritten("network", "lan", "ipv6")
        ? []
        : [{ path, found: `found ${value.text}, while the LAN has no IPv6`, remedy }];
    }
    if (rangeEnds(value).every((end) => isUsableIn(lan.network, end))) return [];
    const found = `found ${value.text}, which has addresses that nothing in the LAN ${lan.network.text} can have`;
    return [{ path, found, remedy: "choose free addresses inside network.lan, without its first and last" }];
  });
}

function sizes(draft: Draft): Finding[] {
  return allRanges(draft)
    .filter(({ value }) => rangeSize(value) > MOST_ADDRESSES)
    .map(({ path, value }) => ({
      path,
      found: `found ${value.text}, ${rangeSize(value)} addresses`,
      remedy: `choose at most ${MOST_ADDRESSES}: twenty or so do for a home`,
    }));
}

function overlaps(draft: Draft): Finding[] {
  const all = allRanges(draft);
  return all.flatMap(({ path, value }, index) =>
    all
      .slice(0, index)
      .filter((earlier) => rangesOverlap(earlier.value, value))
      .map((earlier) => ({
        path,
        found: `found ${value.text}, which shares addresses with ${earlier.path} (${earlier.value.text})`,
        remedy: "choose ranges that don't overlap",
      })),
  );
}

/** Who else has an address of a pool: two devices with one address, and neither can be reached reliably. */
function taken(draft: Draft): Finding[] {
  const gateway = FAMILIES.map((family) => ({ path: `network.gateway.${family}`, address: draft.gateway[family] }));
  return allRanges(draft).flatMap(({ path, value }) => {
    const single = [...places(draft), ...gateway].filter(
      ({ address }) => address !== undefined && rangeHolds(value, address),
    );
    const dhcp = draft.dhcpRange && rangesOverlap(draft.dhcpRange, value) ? [draft.dhcpRange.text] : [];
    return [
      ...single.map((other) => ({ found: `${other.address}`, where: other.path })),
      ...dhcp.map((text) => ({ found: text, where: "network.dhcpRange" })),
    ].map((other) => ({
      path,
      found: `found ${value.text}, which shares addresses with ${other.where} (${other.found})`,
      remedy: "choose addresses that nothing else has or may get",
    }));
  });
}

/** Services of a dual-stack cluster ask their pool for both families. */
function missingFamily(draft: Draft): Finding[] {
  const [pool] = draft.pools;
  if (!pool?.isComplete) return [];
  return FAMILIES.filter(
    (family) => draft.lan[family] && !pool.ranges.some(({ value }) => value.family === family),
  ).map((family) => ({
    path: "loadBalancer.pools[0].addresses",
    found: `found no ${family === "ipv4" ? "IPv4" : "IPv6"} addresses, while network.lan.${family} is set`,
    remedy: "add a range of that family: services take their addresses from the first pool",
  }));
}

export const poolRules: readonly Rule[] = [
  { name: "duplicate-pool", check: duplicatePools },
  { name: "pool-outside-lan", check: outsideLan },
  { name: "pool-size", check: sizes },
  { name: "pool-overlap", check: overlaps },
  { name: "pool-taken", check: taken },
  { name: "pool-family", check: missingFamily },
];
