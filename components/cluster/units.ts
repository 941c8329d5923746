import type { Role } from "../../config/types";

/** The systemd service of k3s in this role, named as upstream's installer names it. */
export function k3sService(role: Role): "k3s" | "k3s-agent" {
  return role === "server" ? "k3s" : "k3s-agent";
}

/** Where k3s keeps its member of etcd. */
const ETCD = "/var/lib/rancher/k3s/server/db/etcd";

/**
 * A server without etcd data and without orders to join or initialise would quietly start a database of its own, and
 * with it a second cluster; so would one that was removed from etcd, of which k3s leaves a tombstone. They must not start.
 */
const GUARD =
  `ExecStartPre=/bin/sh -c '[ -d ${ETCD}/member -a ! -e ${ETCD}/tombstone ] || ` +
  "[ -e /etc/rancher/k3s/config.yaml.d/10-join.yaml ] || " +
  `{ echo "no place in etcd and no order to join a cluster: see docs/operations.md, A server has lost its data" >&2; exit 1; }'`;

/** The unit file of k3s. It follows upstream's: https://github.com/k3s-io/k3s/blob/master/k3s.service */
export function renderK3sUnit(role: Role): string {
  return [
    "[Unit]",
    `Description=Lightweight Kubernetes (${role})`,
    "Documentation=https://docs.k3s.io",
    "Wants=network-online.target",
    "After=network-online.target",
    "# Where that is a disk of its own, never beside it on the system's.",
    "RequiresMountsFor=/var/lib/rancher/k3s",
    "",
    "[Service]",
    `Type=${role === "server" ? "notify" : "exec"}`,
    ...(role === "server" ? [GUARD] : []),
    `ExecStart=/usr/local/bin/k3s ${role}`,
    "# Containers outlive a restart of k3s.",
    "KillMode=process",
    "Delegate=yes",
    "LimitNOFILE=1048576",
    "LimitNPROC=infinity",
    "LimitCORE=infinity",
    "TasksMax=infinity",
    "TimeoutStartSec=0",
    "# k3s ends within seconds, or not at all when it is asked to while it reconciles its data.",
    "TimeoutStopSec=30s",
    "Restart=always",
    "RestartSec=5s",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ].join("\n");
}

/** TCP port at which a server says whether it holds etcd data. */
export const ETCD_PRESENCE_PORT = 6442;

/** The three files of the etcd presence service: a socket that starts one short-lived process per question. */
export const etcdPresenceFiles = {
  responder: [
    "#!/bin/sh",
    `if [ -d ${ETCD}/member ]; then echo member`,
    "elif [ -e /var/lib/homelab/k3s/initialising ]; then echo initialising",
    "else echo empty; fi",
  ].join("\n"),
  socket: [
    "[Unit]",
    "Description=Says whether this server holds etcd data",
    "",
    "[Socket]",
    `ListenStream=${ETCD_PRESENCE_PORT}`,
    "Accept=yes",
    "MaxConnections=16",
    "",
    "[Install]",
    "WantedBy=sockets.target",
  ].join("\n"),
  service: [
    "[Unit]",
    "Description=Says whether this server holds etcd data",
    "CollectMode=inactive-or-failed",
    "",
    "[Service]",
    "ExecStart=/usr/local/lib/homelab/etcd-presence",
    "StandardInput=socket",
    "StandardOutput=socket",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "NoNewPrivileges=yes",
  ].join("\n"),
};
