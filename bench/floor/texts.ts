import * as fs from "node:fs";
import * as path from "node:path";
import { apiVipScript } from "../../components/cluster/api-vip";
import { certificateRenewalScript } from "../../components/cluster/certificate-renewal";
import * as node from "../../components/cluster/node";
import { k3sService } from "../../components/cluster/units";
import * as host from "../../components/host/steps";
import * as upkeep from "../../components/host/upkeep";
import { shellQuote } from "../../components/script/script";
import type { HomelabConfig, HostConfig } from "../../config/types";

/** What the two sessions of a host get as their standard input. They hold the cluster's token. */
export interface Texts {
  readonly prepare: string;
  readonly start: string;
}

const PROJECT = path.resolve(__dirname, "../..");
/** Functions of the project's own scripts that the floor calls: the same checks, in other places. */
const BASE = "components/script/base.sh";
const CGROUP = "components/host/memory-cgroup-effective.sh";
const K3S = ["components/cluster/paths.sh", "components/cluster/k3s.sh"];

/**
 * The floor of one server's bring-up as two scripts: every package, file and check of the program, by its own renderers,
 * without what the program has around them.
 */
export function floorTexts(one: HostConfig, config: HomelabConfig, token: string): Texts {
  const servers = config.hosts.filter(({ role }) => role === "server");
  const sorted = [...servers].sort((a, b) => a.name.localeCompare(b.name));
  const plan: node.NodePlan = { host: one, settings: config, servers: sorted };
  const { hostSettings: settings } = config;
  const ofUpkeep: Readonly<Record<string, string>> = {
    ...(settings.timezone === undefined ? {} : { timezone: upkeep.timezoneScript(settings.timezone) }),
    journal: upkeep.journalScript(settings),
    trim: upkeep.trimScript(settings),
    watchdog: upkeep.watchdogScript(settings),
    ssh: upkeep.sshScript(settings),
    "ssh-kept": upkeep.sshKeptScript(settings),
    "security-updates": upkeep.securityUpdatesScript(settings),
  };
  const prepare = {
    ready: host.readyScript(one),
    facts: host.factsScript(one, config),
    "disk-latency": host.diskLatencyScript(config),
    time: host.timeScript(config),
    hostname: host.hostnameScript(one),
    packages: host.packagesScript(one),
    "trusted-cas": host.trustedCAsScript(config.trustedCAs),
    kernel: host.kernelScript(one, config),
    swap: host.swapScript(),
    "k3s-artifact": node.artifactScript(plan),
    "k3s-files": node.filesScript(plan),
    "k3s-token": node.tokenScript(plan),
    "certificate-renewal": certificateRenewalScript(plan),
    "etcd-presence": node.etcdPresenceScript(),
    "memory-cgroup": host.memoryCgroupScript(),
    ...ofUpkeep,
  };
  const start = {
    verified: host.verifiedScript(),
    "api-vip": apiVipScript(one, sorted, config.network),
    "k3s-membership": node.membershipScript(plan),
  };
  const variables = {
    role: one.role,
    service: k3sService(one.role),
    node_name: one.name,
    api_address: config.network.apiVip.ipv4,
    // Of functions that it does not call: a step takes the lock itself.
    lock: "/run/homelab.lock",
    lock_wait_seconds: "0",
    join_timeout_seconds: "0",
  };
  return {
    prepare: session({ token }, prepare, Object.keys(ofUpkeep), [CGROUP, "bench/floor/prepare.sh"]),
    start: session(variables, start, [], [BASE, ...K3S, "bench/floor/start.sh"]),
  };
}

/** One text for `bash -s`: a function, so that bash has read all of it before its standard input is put to another use. */
function session(
  variables: Readonly<Record<string, string>>,
  steps: Readonly<Record<string, string>>,
  upkeepNames: readonly string[],
  files: readonly string[],
): string {
  const map = Object.entries(steps).map(([name, text]) => `[${name}]=${shellQuote(text)}`);
  return [
    "set -euo pipefail",
    "main() {",
    ...Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}`),
    `upkeep=(${upkeepNames.join(" ")})`,
    `declare -A steps=(${map.join("\n")})`,
    ...files.map((file) => fs.readFileSync(path.join(PROJECT, file), "utf8").trimEnd()),
    "}",
    "main",
    "",
  ].join("\n");
}
