/**
 * A lenient view of a configuration: every valid piece, nothing of the invalid ones. Rules that relate fields work on it,
 * so that their findings are reported together with the schema's; `scan` uses it before host keys are known.
 */
import type { z } from "zod";
import { canonicalAddress, parseNetwork, type Network } from "./addresses";
import { hostSettingsDraft, type HostSettingsDraft } from "./draft-hosts";
import { layersDraft, type LayersDraft, type Placed } from "./draft-layers";
import { items, member, pair, valid, type Pair } from "./draft-pieces";
import { HostKeyError, parseHostKey } from "./host-key";
import { hostSchema, homelabSchema } from "./schema";
import type { K3sFlags, Role } from "./types";

/** The valid pieces of one host. */
export interface HostDraft {
  readonly index: number;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly address?: string | undefined;
  readonly ipv6?: string | undefined;
  /** `TYPE BASE64`, checked. */
  readonly hostKey?: string | undefined;
  /** The host's own value or that of `defaults`, or the built-in default. */
  readonly user: string;
  readonly port: number;
  readonly dataDisks: readonly Placed<string>[];
  /** Undefined if they are invalid. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A network as it was written and as it is understood. */
export interface NetworkDraft {
  readonly written: string;
  readonly network: Network;
}

/** The valid pieces of a configuration. Pairs lack a family that is absent or invalid. */
export interface Draft extends LayersDraft, HostSettingsDraft {
  readonly k3sVersion?: string | undefined;
  readonly tokenGeneration?: number | undefined;
  /** Undefined if one of them is invalid. */
  readonly extraFlags?: Readonly<Record<Role, K3sFlags>> | undefined;
  readonly highAvailability: boolean;
  readonly lan: Pair<NetworkDraft>;
  readonly podCidrs: Pair<NetworkDraft>;
  readonly serviceCidrs: Pair<NetworkDraft>;
  readonly apiVip: Pair<string>;
  readonly hosts: readonly HostDraft[];
  /** Whether `hosts` is a list at all. */
  readonly hasHostList: boolean;
  /** Whether a value was written at the place, valid or not. */
  isWritten(...path: (string | number)[]): boolean;
}

/** Takes the valid pieces out of `raw`, whatever it is. */
export function draftOf(raw: unknown): Draft {
  const at = (...path: (string | number)[]): unknown => path.reduce(member, raw);
  const hosts = at("hosts");
  const cluster = homelabSchema.shape.cluster.shape;
  return {
    ...layersDraft(raw),
    ...hostSettingsDraft(raw),
    k3sVersion: valid(cluster.k3sVersion, at("cluster", "k3sVersion")),
    tokenGeneration: valid(cluster.tokenGeneration, at("cluster", "tokenGeneration")),
    extraFlags: valid(cluster.extraFlags, at("cluster", "extraFlags")),
    highAvailability: at("cluster", "highAvailability") !== false,
    lan: networks(at("network", "lan"), {}),
    podCidrs: networks(at("network", "podCidrs"), { ipv4: "10.42.0.0/16", ipv6: "fd00:42::/56" }),
    serviceCidrs: networks(at("network", "serviceCidrs"), { ipv4: "10.43.0.0/16", ipv6: "fd00:43::/112" }),
    apiVip: pair(at("network", "apiVip"), canonicalAddress),
    hosts: Array.isArray(hosts) ? hosts.map((host: unknown, index) => hostDraft(host, index, at("defaults"))) : [],
    hasHostList: Array.isArray(hosts),
    isWritten: (...path) => at(...path) !== undefined,
  };
}

function hostDraft(host: unknown, index: number, defaults: unknown): HostDraft {
  const { name, role, address, ipv6, user, port, labels } = hostSchema.shape;
  const own = <Schema extends z.ZodType>(schema: Schema, key: string) => valid(schema, member(host, key));
  const canonical = own(ipv6, "ipv6");
  return {
    index,
    name: own(name, "name"),
    role: own(role, "role"),
    address: own(address, "address"),
    ipv6: canonical === undefined ? undefined : canonicalAddress(canonical, "ipv6"),
    hostKey: hostKeyText(member(host, "hostKey")),
    user: own(user, "user") ?? valid(user, member(defaults, "user")) ?? "pi",
    port: own(port, "port") ?? valid(port, member(defaults, "port")) ?? 22,
    dataDisks: items(member(host, "dataDisks")).flatMap(([place, disk]) =>
      typeof disk === "string" ? [{ path: `hosts[${index}].dataDisks[${place}]`, value: disk }] : [],
    ),
    labels: own(labels, "labels"),
  };
}

function hostKeyText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  try {
    return parseHostKey(value).text;
  } catch (error) {
    if (error instanceof HostKeyError) return undefined;
    throw error;
  }
}

function networks(value: unknown, defaults: Pair<string>): Pair<NetworkDraft> {
  return pair(value ?? defaults, (written, family) => {
    const network = parseNetwork(written, family);
    return network && { written, network };
  });
}
