/** Rules that relate several fields. Each has an example of its breach in tests/config/bad/<name>.yaml. */
import { addressRules } from "./rules-addresses";
import { hostSettingsRules } from "./rules-hosts";
import { k3sRules } from "./rules-k3s";
import { layerRules, layerWarnings } from "./rules-layers";
import { networkRules } from "./rules-networks";
import { poolUserRules, poolUserWarnings } from "./rules-pool-users";
import { poolRules } from "./rules-pools";
import { routerRules } from "./rules-router";
import type { Finding, Rule } from "./rule";
import type { Draft } from "./draft";
import { fieldRemedies } from "./remedies";

/** etcd's own advice: beyond seven members writes get slower and nothing gets safer. */
const MOST_SERVERS = 7;

const hostRules: readonly Rule[] = [
  {
    name: "duplicate-name",
    check: (draft) => duplicates(draft, "name", "give each host a name of its own"),
  },
  {
    name: "duplicate-host-key",
    check: (draft) =>
      duplicates(
        draft,
        "hostKey",
        "scan the hosts again; if both really have one key they are copies of one image: make new keys on one of them",
      ).map((finding) => ({ ...finding, found: finding.found.replace(/"[^"]*"/, "the same key") })),
  },
  { name: "duplicate-disk", check: duplicateDisks },
  { name: "server-count", check: serverCount },
];

/** Every rule over several fields. */
export const rules: readonly Rule[] = [
  ...hostRules,
  ...k3sRules,
  ...addressRules,
  ...networkRules,
  ...hostSettingsRules,
  ...routerRules,
  ...poolRules,
  ...poolUserRules,
  ...layerRules,
];

/** Names of every rule that `parseConfig` checks: those over several fields, over one field, and the general ones. */
export const ruleNames: readonly string[] = [
  "missing",
  "unknown-key",
  "structured-secret",
  "host-key",
  ...Object.keys(fieldRemedies),
  ...rules.map((rule) => rule.name),
];

/** What is allowed for a while, but should not stay. */
export function warningsOf(draft: Draft): string[] {
  return [...serverWarnings(draft), ...poolUserWarnings(draft), ...layerWarnings(draft)];
}

function serverWarnings(draft: Draft): string[] {
  const servers = draft.hosts.filter((host) => host.role === "server").length;
  if (servers === 0 || servers % 2 === 1) return [];
  const tolerated = Math.ceil(servers / 2) - 1;
  return [
    `hosts: found ${servers} servers; an even number tolerates the loss of ${tolerated}, as ${servers - 1} would: ` +
      `keep it only while a server is being replaced`,
  ];
}

function serverCount(draft: Draft): Finding[] {
  const servers = draft.hosts.filter((host) => host.role === "server").length;
  // A host whose role is invalid may be meant as a server: that mistake is reported first.
  if (draft.hosts.some((host) => host.role === undefined) || !draft.hasHostList) return [];
  const found = `found ${servers === 1 ? "1 server" : `${servers} servers`}`;
  if (servers === 0) return [{ path: "hosts", found, remedy: "give 3 or 5 hosts the role server" }];
  if (servers === 1 && draft.highAvailability) {
    const remedy =
      "give 3 or 5 hosts the role server, or accept a cluster that one failure ends with cluster.highAvailability: false";
    return [{ path: "hosts", found, remedy }];
  }
  if (servers > MOST_SERVERS)
    return [{ path: "hosts", found, remedy: "keep 3, 5 or at most 7 servers and make the rest agents" }];
  return [];
}

/** A stable name is a disk's serial number: no two hosts have the same. */
function duplicateDisks({ hosts }: Draft): Finding[] {
  const disks = hosts.flatMap(({ dataDisks }) => dataDisks);
  return disks.flatMap(({ path, value }, index): Finding[] => {
    const first = disks.findIndex((disk) => disk.value === value);
    if (first === index) return [];
    const found = `found ${JSON.stringify(value)}, as at ${disks[first]?.path}`;
    return [{ path, found, remedy: "name each disk once, at the host that has it" }];
  });
}

function duplicates(draft: Draft, field: "name" | "hostKey", remedy: string): Finding[] {
  return draft.hosts.flatMap((host): Finding[] => {
    const first = draft.hosts.find((other) => other[field] === host[field]);
    if (host[field] === undefined || first === undefined || first === host) return [];
    const found = `found ${JSON.stringify(host[field])}, as at hosts[${first.index}].${field}`;
    return [{ path: `hosts[${host.index}].${field}`, found, remedy }];
  });
}
