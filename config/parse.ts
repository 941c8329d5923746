/** From raw structured configuration to the frozen, typed one, or to the list of all its problems. */
import { canonicalAddress, parseNetwork } from "./addresses";
import { draftOf } from "./draft";
import { parseHostKey } from "./host-key";
import { ConfigError, type Problem } from "./problems";
import { rules, warningsOf } from "./rules";
import { homelabSchema, type HomelabSettings } from "./schema";
import { schemaProblems } from "./schema-problems";
import { secretProblems } from "./secrets";
import type { DualStack, HomelabConfig, HostConfig } from "./types";

/** A checked configuration and what deserves a second look in it. */
export interface ParsedConfig {
  readonly config: HomelabConfig;
  readonly warnings: string[];
}

/**
 * Checks the whole `homelab:` namespace (keys without prefix, secrets excluded), fills defaults and freezes the result.
 *
 * @param raw mapping of section name to value, as read from the stack
 * @param known problems that the caller found already; they are reported together with ours
 * @throws ConfigError with every problem
 */
export function parseConfig(raw: unknown, known: readonly Problem[] = []): ParsedConfig {
  const result = homelabSchema.safeParse(raw, { reportInput: true });
  const draft = draftOf(raw);
  const secrets = [...known, ...secretProblems(raw)];
  // What else is wrong at or below a misplaced secret follows from its being there.
  const isNoise = ({ path }: Problem): boolean => secrets.some((secret) => path.startsWith(secret.path));
  const problems = [
    ...secrets,
    ...(result.success ? [] : schemaProblems(result.error.issues, homelabSchema).filter((found) => !isNoise(found))),
    ...rules.flatMap((rule) => rule.check(draft).map((problem) => ({ rule: rule.name, ...problem }))),
  ];
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return { config: deepFreeze(normalise(result.data)), warnings: warningsOf(draft) };
}

function normalise(settings: HomelabSettings): HomelabConfig {
  const { defaults, network, artifacts } = settings;
  const dual = network.lan.ipv6 !== undefined;
  const { baseUrl, sha256 } = artifacts.k3s;
  return {
    domain: settings.domain,
    cluster: settings.cluster,
    network: {
      lan: canonicalCidrs(network.lan),
      apiVip: canonicalPair(network.apiVip),
      virtualRouterId: network.virtualRouterId,
      podCidrs: canonicalCidrs(network.podCidrs ?? { ipv4: "10.42.0.0/16", ...(dual && { ipv6: "fd00:42::/56" }) }),
      serviceCidrs: canonicalCidrs(
        network.serviceCidrs ?? { ipv4: "10.43.0.0/16", ...(dual && { ipv6: "fd00:43::/112" }) },
      ),
    },
    hosts: settings.hosts.map((host): HostConfig => ({
      name: host.name,
      role: host.role,
      address: host.address,
      ...(host.ipv6 !== undefined && { ipv6: canonicalAddress(host.ipv6, "ipv6") }),
      hostKey: parseHostKey(host.hostKey).text,
      user: host.user ?? defaults.user,
      port: host.port ?? defaults.port,
      interface: host.interface ?? defaults.interface,
      labels: host.labels,
      taints: host.taints,
    })),
    artifacts: {
      k3s: { baseUrl: baseUrl.replace(/\/+$/, ""), sha256 },
      registryMirrors: artifacts.registryMirrors,
    },
  };
}

function canonicalPair(pair: DualStack): DualStack {
  return { ipv4: pair.ipv4, ...(pair.ipv6 !== undefined && { ipv6: canonicalAddress(pair.ipv6, "ipv6") }) };
}

function canonicalCidrs(pair: DualStack): DualStack {
  const ipv4 = parseNetwork(pair.ipv4, "ipv4")?.text ?? pair.ipv4;
  return { ipv4, ...(pair.ipv6 !== undefined && { ipv6: parseNetwork(pair.ipv6, "ipv6")?.text }) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
