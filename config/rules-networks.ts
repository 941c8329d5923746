/** Rules about the networks: the LAN's, the pods' and the services'. */
import { canonicalAddress, overlap, type Family } from "./addresses";
import type { Draft, NetworkDraft } from "./draft";
import type { Finding, Rule } from "./rule";

const SECTIONS = ["lan", "podCidrs", "serviceCidrs"] as const;
const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/**
 * Prefix lengths that Kubernetes takes. Pods: each node gets a /24 (IPv4) or /64 (IPv6), and the network may be at most
 * 16 bits larger than that. Services: at most 20 bits of addresses, and room for the cluster's DNS at .10.
 */
const PREFIXES: Readonly<Record<"podCidrs" | "serviceCidrs", Readonly<Record<Family, readonly [number, number]>>>> = {
  podCidrs: { ipv4: [8, 24], ipv6: [48, 64] },
  serviceCidrs: { ipv4: [12, 27], ipv6: [108, 123] },
};
const NODE_PREFIX: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };

interface Place extends NetworkDraft {
  readonly path: string;
  readonly section: (typeof SECTIONS)[number];
  readonly family: Family;
}

function places(draft: Draft): Place[] {
  return SECTIONS.flatMap((section) =>
    FAMILIES.flatMap((family): Place[] => {
      const network = draft[section][family];
      return network ? [{ ...network, section, family, path: `network.${section}.${family}` }] : [];
    }),
  );
}

function hostBits(draft: Draft): Finding[] {
  return places(draft)
    .filter(({ written, network, family }) => {
      const address = written.split("/")[0] ?? "";
      return !network.text.startsWith(`${canonicalAddress(address, family)}/`);
    })
    .map(({ path, written, network }) => ({
      path,
      found: `found ${JSON.stringify(written)}, an address inside a network`,
      remedy: `did you mean ${network.text}?`,
    }));
}

function overlaps(draft: Draft): Finding[] {
  const all = places(draft);
  return all.flatMap((place, index) =>
    all
      .slice(0, index)
      .filter((earlier) => overlap(earlier.network, place.network))
      .map((earlier) => ({
        path: place.path,
        found: `found ${place.network.text}${draft.isWritten("network", place.section) ? "" : " (the default)"}, which shares addresses with ${earlier.path} (${earlier.network.text})`,
        remedy: "choose networks that don't overlap",
      })),
  );
}

function sizes(draft: Draft): Finding[] {
  return places(draft).flatMap(({ path, section, family, network }): Finding[] => {
    if (section === "lan") return [];
    const [shortest, longest] = PREFIXES[section][family];
    const { prefixLength } = network;
    if (prefixLength < shortest || prefixLength > longest) {
      return [{ path, found: `found ${network.text}`, remedy: `choose a prefix from /${shortest} to /${longest}` }];
    }
    const nodes = 2 ** (NODE_PREFIX[family] - prefixLength);
    if (section !== "podCidrs" || nodes >= draft.hosts.length) return [];
    const found = `found ${network.text}, room for ${nodes} nodes of the ${draft.hosts.length} hosts`;
    return [{ path, found, remedy: `choose a larger network: each node takes a /${NODE_PREFIX[family]} of it` }];
  });
}

export const networkRules: readonly Rule[] = [
  { name: "network-host-bits", check: hostBits },
  { name: "network-overlap", check: overlaps },
  { name: "network-size", check: sizes },
];
