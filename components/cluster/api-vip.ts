import type { HostConfig, NetworkConfig } from "../../config/types";
import { renderScript, shellFile } from "../script/script";

/** Asks the server's own API whether it is ready, with a certificate that may do no more than that. */
const CHECK = [
  "#!/bin/sh",
  "exec curl --silent --fail --max-time 2 --output /dev/null \\",
  "  --cacert /var/lib/rancher/k3s/server/tls/server-ca.crt \\",
  "  --cert /etc/keepalived/api-check.crt --key /etc/keepalived/api-check.key \\",
  "  https://127.0.0.1:6443/readyz",
].join("\n");

/** What all servers start with. Equal priorities keep the address where it is when a server comes back. */
const PRIORITY = 100;

/** What a server loses while its API does not answer, so that any other takes the address over. */
const UNHEALTHY_WEIGHT = -50;

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
    "vrrp_script api {",
    '  script "/usr/local/lib/homelab/check-api"',
    "  interval 1",
    "  timeout 2",
    "  fall 2",
    "  rise 2",
    `  weight ${UNHEALTHY_WEIGHT}`,
    "}",
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
    "    api",
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
