/** What the LAN's name server reads: CoreDNS' configuration and the domain's zone. Pure text. */
import { createHash } from "node:crypto";
import type { DualStack, HostConfig } from "../../config/types";

/** Where both files are mounted. */
export const FILES_PATH = "/etc/coredns";

/** Ports of the pod; none of them needs a privilege. */
export const PORTS = { dns: 5353, metrics: 9153, health: 8080, ready: 8181 } as const;

/** How long a server goes on answering once it has been told to end, in seconds. */
export const LAMEDUCK_SECONDS = 5;

/** How long an answer may be kept: as short as a change of a home's names may take. */
const TTL_SECONDS = 60;

/** What the domain's names are made from. */
export interface LanNames {
  readonly domain: string;
  /** Address of all web apps; absent if there are none, and then unknown names do not exist. */
  readonly ingress?: DualStack | undefined;
  /** Addresses of the Kubernetes API. */
  readonly apiVip: DualStack;
  /** Addresses of the name server itself. */
  readonly nameServer: DualStack;
  readonly hosts: readonly Pick<HostConfig, "name" | "address" | "ipv6">[];
  /** Further names and their addresses; they win over the ones above. */
  readonly records: Readonly<Record<string, readonly string[]>>;
}

/**
 * The zone of the domain as the LAN sees it: `<host>`, `api` (the cluster's API), `dns` (this server), the further names,
 * and for the domain itself and every other name the ingress. A name that has no address of the asked family has an empty
 * answer, so that nobody goes on to ask elsewhere. https://www.rfc-editor.org/rfc/rfc1035#section-5
 */
export function zoneFile(names: LanNames): string {
  const records = Object.entries(addressesByName(names)).flatMap(([name, addresses]) =>
    addresses.map((address) => `${name} IN ${address.includes(":") ? "AAAA" : "A"} ${address}`),
  );
  // CoreDNS reads a zone anew when its serial number is another; that it grows matters to secondaries only.
  const head = [`$ORIGIN ${names.domain}.`, `$TTL ${TTL_SECONDS}`];
  const serial = createHash("sha256")
    .update([...head, ...records].join("\n"))
    .digest()
    .readUInt32BE();
  return [
    ...head,
    `@ IN SOA dns hostmaster ${serial} 3600 600 86400 ${TTL_SECONDS}`,
    "@ IN NS dns",
    ...records,
    "",
  ].join("\n");
}

/** Sorted by name, so that the order of hosts or records in the config means nothing. */
function addressesByName(names: LanNames): Record<string, readonly string[]> {
  const { ingress, apiVip, nameServer, hosts, records } = names;
  const all: Record<string, readonly string[]> = {
    ...(ingress && { "@": both(ingress), "*": both(ingress) }),
    api: both(apiVip),
    dns: both(nameServer),
    ...Object.fromEntries(hosts.map(({ name, address, ipv6 }) => [name, both({ ipv4: address, ipv6 })])),
    ...records,
  };
  return Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function both({ ipv4, ipv6 }: DualStack): string[] {
  return ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
}

/**
 * Two servers in one process: the domain, which is answered from the zone alone and never asked for elsewhere, and all
 * the rest, which is. https://coredns.io/plugins/
 *
 * A forwarder that asks this server in turn would be a loop without end: `loop` notices that and stops the server with a
 * message that says so.
 */
export function corefile(domain: string, forwarders: readonly string[]): string {
  return `${domain}:${PORTS.dns} {
  errors
  prometheus :${PORTS.metrics}
  file ${FILES_PATH}/zone {
    reload 10s
  }
}
.:${PORTS.dns} {
  errors
  prometheus :${PORTS.metrics}
  health :${PORTS.health} {
    lameduck ${LAMEDUCK_SECONDS}s
  }
  ready :${PORTS.ready}
  reload 10s 5s
  loop
  cache 300
  forward . ${forwarders.join(" ")} {
    max_concurrent 1000
  }
}
`;
}
