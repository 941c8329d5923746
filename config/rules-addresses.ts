/** Rules about the addresses of hosts and of the API. */
import { isUsableIn, type Family } from "./addresses";
import type { Draft } from "./draft";
import type { Finding, Rule } from "./rule";

/** An address of a host or of the API and where it was written. */
export interface Place {
  readonly path: string;
  readonly address: string;
  readonly family: Family;
}

/** All valid addresses, the API's first, so that a host that takes the API's address is the one reported. */
export function places(draft: Draft): Place[] {
  const place = (path: string, address: string | undefined, family: Family): Place[] =>
    address === undefined ? [] : [{ path, address, family }];
  return [
    ...place("network.apiVip.ipv4", draft.apiVip.ipv4, "ipv4"),
    ...place("network.apiVip.ipv6", draft.apiVip.ipv6, "ipv6"),
    ...draft.hosts.flatMap(({ index, address, ipv6 }) => [
      ...place(`hosts[${index}].address`, address, "ipv4"),
      ...place(`hosts[${index}].ipv6`, ipv6, "ipv6"),
    ]),
  ];
}

function duplicates(draft: Draft, ofApi: boolean): Finding[] {
  const all = places(draft);
  return all.flatMap((place): Finding[] => {
    const first = all.find((other) => other.address === place.address && other.family === place.family);
    if (first === undefined || first === place || first.path.startsWith("network.") !== ofApi) return [];
    const found = `found ${JSON.stringify(place.address)}, as at ${first.path}`;
    const remedy = ofApi
      ? "give the API an address that no host has: it moves between the servers"
      : "give each host an address of its own";
    return [{ path: place.path, found, remedy }];
  });
}

function outsideLan(draft: Draft): Finding[] {
  return places(draft).flatMap(({ path, address, family }): Finding[] => {
    const lan = draft.lan[family];
    if (lan === undefined || isUsableIn(lan.network, address)) return [];
    const found = `found ${JSON.stringify(address)}, no usable address of the LAN ${lan.network.text}`;
    return [{ path, found, remedy: "write an address inside network.lan, or correct network.lan" }];
  });
}

/** Either everything has an IPv6 half or nothing has. */
function dualStack(draft: Draft): Finding[] {
  const halves = [
    ["network", "lan", "ipv6"],
    ["network", "apiVip", "ipv6"],
    ["network", "podCidrs", "ipv6"],
    ["network", "serviceCidrs", "ipv6"],
    ...draft.hosts.map(({ index }) => ["hosts", index, "ipv6"]),
    ["ingress", "address", "ipv6"],
    ["lanDns", "address", "ipv6"],
  ];
  const relevant = halves.filter((half) => isNeeded(draft, half));
  const isSet = (half: (string | number)[]) => draft.isWritten(...half);
  if (!halves.some(isSet)) return [];
  const witness = halves.find(isSet) ?? [];
  return relevant
    .filter((half) => !isSet(half))
    .map((half) => ({
      path: text(half),
      found: `missing, while ${text(witness)} is set`,
      remedy:
        "a dual-stack home needs IPv6 for LAN, API, networks, every host, ingress and LAN DNS: add it, or remove IPv6 everywhere",
    }));
}

/** Pod and service networks that are left out follow by themselves; a layer that is off needs nothing. */
function isNeeded(draft: Draft, half: readonly (string | number)[]): boolean {
  const [section, key] = half;
  if (section === "hosts" || key === "lan" || key === "apiVip") return true;
  return draft.isWritten(...half.slice(0, -1));
}

function text(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1);
}

export const addressRules: readonly Rule[] = [
  { name: "duplicate-address", check: (draft) => duplicates(draft, false) },
  { name: "api-address-taken", check: (draft) => duplicates(draft, true) },
  { name: "outside-lan", check: outsideLan },
  { name: "half-dual-stack", check: dualStack },
];
