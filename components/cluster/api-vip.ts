import type { HostConfig, NetworkConfig } from "../../config/types";
import { renderScript, shellFile } from "../script/script";

/** A mark on a server whose k3s is about to be restarted on purpose: its API answers still, and others shall take over. */
export const API_LEAVING = "/run/homelab-api-leaving";

/**
 * `check-api readyz|version [ADDRESS]`: whether the API of this server, or of the one at an address, answers so; asked with a
 * certificate that may do no more than that. A server that is leaving says no of its readiness. A mark that an interrupted
 * step has left counts for 20 minutes.
 */
const CHECK = [
  "#!/bin/sh",
  "limit=2",
  "if [ $# -gt 1 ]; then limit=5",
  `elif [ "$1" = readyz ] && [ -n "$(find ${API_LEAVING} -mmin -20 2>/dev/null)" ]; then exit 1; fi`,
  'exec curl --silent --fail --max-time "$limit" --output /dev/null \\',
  "  --cacert /var/lib/rancher/k3s/server/tls/server-ca.crt \\",
  "  --cert /etc/keepalived/api-check.crt --key /etc/keepalived/api-check.key \\",
  '  "https://${2:-127.0.0.1}:6443/$1"',
].join("\n");

/**
 * What all servers start with. Equal priorities keep the address where it is when a server comes back. A high one, since
 * backups wait three adverts and (256 - priority) / 256 s before they take over: 3.0 s instead of 3.6 s with 100.
 */
const PRIORITY = 250;

/**
 * What is asked each so many seconds. A server loses priority by each that fails, so that one whose API is dead gives the
 * address to any that lives, although none is ready while etcd elects a new leader.
 */
const CHECKS = { version: 1, readyz: 2 } as const;
const UNHEALTHY_WEIGHT = -50;

/**
 * How many wrong answers in a row count. A dead API refuses at once, so that costs it three seconds; a slow one, on a Pi that
 * is busy, has three times two seconds before its address moves and cuts every connection.
 */
const FALL = 3;

/**
 * keepalived's configuration on one server: the API's addresses move to a server whose API answers.
 * https://keepalived.readthedocs.io/en/latest/configuration_synopsis.html
 *
 * All priorities are equal and preemption stays on: an equal priority never takes the address from a holder, a lowered
 * one gives it up. `nopreempt` beside a weighted check would pin the address to a server whose API is dead.
 */
export function renderKeepalived(host: HostConfig, servers: readonly HostConfig[], network: NetworkConfig): string {
  const peers = servers.filter((server) => server.name !== host.name);
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
    "  vrrp_garp_master_refresh 60",
    "}",
    ...Object.entries(CHECKS).flatMap(([path, seconds]) => [
      `vrrp_script api_${path} {`,
      `  script "/usr/local/lib/homelab/check-api ${path}"`,
      `  interval ${seconds}`,
      "  timeout 2",
      `  fall ${FALL}`,
      "  rise 2",
      `  weight ${UNHEALTHY_WEIGHT}`,
      "}",
    ]),
    ...instances,
  ].join("\n");
}

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
    parameters: { keepalived_conf: renderKeepalived(host, servers, network), check: CHECK },
  });
}
