import * as fs from "node:fs";
import type { HostConfig, NetworkConfig } from "../../config/types";
import { renderScript, shellFile, shellQuote } from "../script/script";

/** A mark on a server whose k3s is about to be restarted on purpose: its API answers still, and others shall take over. */
export const API_LEAVING = "/run/homelab-api-leaving";

/** How long an API may take to answer, in seconds: where a no has consequences, and where it is only to be compared or seen. */
const PATIENCE = { long: 5, short: 3 };

/** The program that keepalived runs, see check-api.sh. It runs every second, so that it is small. */
function renderCheck(peers: readonly HostConfig[]): string {
  const { long, short } = PATIENCE;
  const head = ["#!/bin/sh", `leaving=${API_LEAVING}`, `long_seconds=${long} short_seconds=${short}`];
  const asked = `others=${shellQuote(peers.map(({ address }) => address).join(" "))}`;
  return [...head, asked, fs.readFileSync(shellFile(__dirname, "check-api.sh"), "utf8").trimEnd()].join("\n");
}

/**
 * What all servers start with. Equal priorities keep the address where it is when a server comes back. A high one, since
 * backups wait three adverts and (256 - priority) / 256 s before they take over: 3.0 s instead of 3.6 s with 100.
 */
const PRIORITY = 250;

/**
 * What is asked each so many seconds, and how many wrong answers in a row count. A server loses priority by each that fails,
 * so that one whose API is dead gives the address to any that lives, although none is ready while etcd elects a new leader.
 * A dead API refuses at once, so that costs it three seconds.
 */
const CHECKS = { version: { interval: 1, fall: 3 }, readyz: { interval: 2, fall: 2 } } as const;
const UNHEALTHY_WEIGHT = -50;

/**
 * keepalived's configuration on one server: the API's addresses move to a server whose API answers.
 * https://keepalived.readthedocs.io/en/latest/configuration_synopsis.html
 *
 * All priorities are equal and preemption stays on: an equal priority never takes the address from a holder, a lowered
 * one gives it up. `nopreempt` beside a weighted check would pin the address to a server whose API is dead.
 */
export function renderKeepalived(host: HostConfig, servers: readonly HostConfig[], network: NetworkConfig): string {
  const peers = others(host, servers);
  const instances = [
    instance(
      "api_ipv4",
      host,
      host.address,
      peers.map((peer) => peer.address),
      `${network.apiVip.ipv4}/32`,
      network,
    ),
  ];
  if (network.apiVip.ipv6 !== undefined && host.ipv6 !== undefined) {
    const addresses = peers.flatMap((peer) => (peer.ipv6 === undefined ? [] : [peer.ipv6]));
    instances.push(instance("api_ipv6", host, host.ipv6, addresses, `${network.apiVip.ipv6}/128`, network));
  }
  return [
    "global_defs {",
    `  router_id ${host.name}`,
    "  script_user root",
    "  enable_script_security",
    // Two backups that have missed the holder at the same moment both take the address, and one gives way at once; who heard
    // the wrong one last is told so a second later, not after keepalived's usual five. Who missed that hears it each ten seconds.
    "  vrrp_garp_master_delay 1",
    "  vrrp_garp_master_refresh 10",
    "}",
    ...Object.entries(CHECKS).flatMap(([path, { interval, fall }]) => [
      `vrrp_script api_${path} {`,
      `  script "/usr/local/lib/homelab/check-api ${path}"`,
      `  interval ${interval}`,
      // Longer than all that it asks may take.
      `  timeout ${PATIENCE.long + PATIENCE.short * peers.length + 1}`,
      `  fall ${fall}`,
      "  rise 2",
      `  weight ${UNHEALTHY_WEIGHT}`,
      "}",
    ]),
    ...instances,
  ].join("\n");
}

const others = (host: HostConfig, servers: readonly HostConfig[]): HostConfig[] =>
  servers.filter((server) => server.name !== host.name);

function instance(
  name: string,
  host: HostConfig,
  source: string,
  peers: readonly string[],
  address: string,
  network: NetworkConfig,
): string {
  return [
    `vrrp_instance ${name} {`,
    "  state BACKUP",
    `  interface ${host.interface}`,
    `  virtual_router_id ${network.virtualRouterId}`,
    `  priority ${PRIORITY}`,
    "  advert_int 1",
    ...unicast(source, peers),
    "  virtual_ipaddress {",
    `    ${address} dev ${host.interface}`,
    "  }",
    "  track_script {",
    ...Object.keys(CHECKS).map((path) => `    api_${path}`),
    "  }",
    "}",
  ].join("\n");
}

/** Nothing of it for a single server: keepalived refuses to speak to nobody, and multicasts instead. */
function unicast(source: string, peers: readonly string[]): string[] {
  if (peers.length === 0) return [];
  return [`  unicast_src_ip ${source}`, "  unicast_peer {", ...peers.map((peer) => `    ${peer}`), "  }"];
}

/** Writes keepalived's configuration, its check and the check's client certificate, and reloads it if they changed. */
export function apiVipScript(host: HostConfig, servers: readonly HostConfig[], network: NetworkConfig): string {
  return renderScript({
    step: "api-vip",
    files: [shellFile(__dirname, "api-vip.sh")],
    parameters: {
      keepalived_conf: renderKeepalived(host, servers, network),
      check: renderCheck(others(host, servers)),
    },
  });
}
