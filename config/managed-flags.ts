/**
 * Flags of k3s that homelab sets itself, or that what it does on hosts relies on. `cluster.extraFlags` may not hold them: one
 * of the two would win silently. The text says what to do instead.
 */

/** Keys of k3s' config.yaml. */
export const managedFlags: ReadonlyMap<string, string> = mapOf({
  "node-name": "set hosts[].name instead",
  "node-ip": "set hosts[].address and hosts[].ipv6 instead",
  "node-label": "set hosts[].labels instead",
  "node-taint": "set hosts[].taints instead",
  "flannel-iface": "set hosts[].interface instead",
  "private-registry": "set artifacts.registryMirrors instead",
  "protect-kernel-defaults": "set hostSettings.protectKernelDefaults instead",
  "cluster-cidr": "set network.podCidrs instead",
  "service-cidr": "set network.serviceCidrs instead",
  "flannel-ipv6-masq": "leave it out: a dual-stack cluster has it",
  disable: "set cluster.localStorage and cluster.metricsServer instead; homelab has its own way for the rest",
  token: "leave it out: homelab keeps the token; cluster.tokenGeneration changes it",
  "token-file": "leave it out: homelab keeps the token; cluster.tokenGeneration changes it",
  "agent-token-file": "leave it out: all nodes join by one token",
  server: "leave it out: homelab finds out which server a node joins by",
  "cluster-init": "leave it out: homelab finds out whether there is a cluster to join",
  "data-dir": "leave it out: homelab's steps look for the data at its default place",
  "write-kubeconfig": "leave it out: homelab reads the kubeconfig from its default place",
  "write-kubeconfig-mode": "leave it out: the file gives full rights and is for root alone",
  "bind-address": "leave it out: the API must be reached by every address of its server",
  "advertise-address": "leave it out: the API must be reached by every address of its server",
  "secrets-encryption": "leave it out: it is on",
  // k3s refuses a server that joins with others than its peers have: they cannot change one node at a time.
  "cluster-dns": "leave it out: it cannot change in a running cluster",
  "cluster-domain": "leave it out: it cannot change in a running cluster",
  "flannel-backend": "leave it out: it cannot change in a running cluster",
  "egress-selector-mode": "leave it out: it cannot change in a running cluster",
  "disable-kube-proxy": "leave it out: services are its work",
  "disable-network-policy": "leave it out: apps are protected by it",
  "disable-cloud-controller": "leave it out: nodes get their addresses from it",
});

/** Items of keys that are lists, which may hold others. */
export const managedItems: ReadonlyMap<string, ReadonlyMap<string, string>> = mapOf({
  "kubelet-arg": mapOf({
    config: "leave it out: homelab writes that file",
    "config-dir": "leave it out: files there come before the one that homelab writes",
    "node-ip": "set hosts[].address and hosts[].ipv6 instead",
    "image-gc-high-threshold": "set hostSettings.imageGc.highPercent instead",
    "image-gc-low-threshold": "set hostSettings.imageGc.lowPercent instead",
  }),
  "kube-proxy-arg": mapOf({
    "iptables-sync-period": "leave it out: a node that comes back answers after it",
    "proxy-mode": "leave it out: the load balancer is set up for the default",
  }),
  "kube-apiserver-arg": mapOf({
    "bind-address": "leave it out: the API must be reached by every address of its server",
  }),
  "kube-controller-manager-arg": mapOf({
    "node-monitor-grace-period": "leave it out: the time in which pods of a dead node are replaced rests on it",
  }),
});

/** A map and not the object: a flag named "constructor" is in none. */
function mapOf<Value>(entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(entries));
}
