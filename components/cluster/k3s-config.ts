import { stringify } from "yaml";
import { assertK3sTakes, k3sMinor, kubeletTakesOneAddressTo } from "../../config/k3s-compatibility";
import type { HomelabConfig, HostConfig, K3sFlags } from "../../config/types";

/** The cluster-wide part of the configuration that decides what k3s reads on a node. */
export type ClusterSettings = Pick<HomelabConfig, "artifacts" | "cluster" | "hostSettings" | "network">;

/** Where the cluster's token lies on a node, readable by root alone. */
const TOKEN_FILE = "/etc/rancher/k3s/token";

/** Where the kubelet finds the settings for which it has no flags. */
const KUBELET_FILE = "/etc/rancher/k3s/kubelet.yaml";

/**
 * The flags of k3s on one node, without what is only known when it joins.
 * https://docs.k3s.io/cli/server and https://docs.k3s.io/cli/agent
 *
 * @throws Error naming the flag, if this release of k3s does not take one of them
 */
export function k3sFlags(host: HostConfig, settings: ClusterSettings): K3sFlags {
  const node = {
    "node-name": host.name,
    "node-ip": both({ ipv4: host.address, ipv6: host.ipv6 }),
    "flannel-iface": host.interface,
    "token-file": TOKEN_FILE,
    "kubelet-arg": [`config=${KUBELET_FILE}`, ...addressForKubelet(host, settings.cluster)],
    // When k3s starts, its network policies may write the whole filter table back as it was before kube-proxy's first chains,
    // whose sync fails then and is tried again after this time: by default 30 s, in which a node that has come back answers
    // nothing at the addresses that it announces.
    "kube-proxy-arg": ["iptables-sync-period=10s"],
    ...(settings.hostSettings.protectKernelDefaults ? { "protect-kernel-defaults": true } : {}),
    ...optionalList("node-label", labelsOf(host)),
    ...optionalList("node-taint", host.taints),
  };
  const ours = host.role === "server" ? { ...node, ...serverFlags(settings) } : node;
  const flags = joined(ours, settings.cluster.extraFlags[host.role]);
  assertK3sTakes(settings.cluster.k3sVersion, host.role, flags);
  return flags;
}

/** Both sets of flags; of a list that is in both, all items. */
function joined(ours: K3sFlags, theirs: K3sFlags): K3sFlags {
  const added = Object.entries(theirs).map(([flag, value]) => {
    const own = ours[flag];
    return [flag, own === undefined ? value : [own, value].flat().map(String)] as const;
  });
  return { ...ours, ...Object.fromEntries(added) };
}

/** Where it can take one address only, none: the node gets both from k3s' cloud controller then, whatever routes it has. */
function addressForKubelet({ ipv6 }: HostConfig, { k3sVersion }: HomelabConfig["cluster"]): string[] {
  return ipv6 !== undefined && k3sMinor(k3sVersion) <= kubeletTakesOneAddressTo ? ["node-ip=0.0.0.0"] : [];
}

function serverFlags({ cluster, network }: ClusterSettings): K3sFlags {
  return {
    "tls-san": [network.apiVip.ipv4, ...(network.apiVip.ipv6 === undefined ? [] : [network.apiVip.ipv6])],
    "cluster-cidr": both(network.podCidrs),
    "service-cidr": both(network.serviceCidrs),
    ...(network.podCidrs.ipv6 === undefined ? {} : { "flannel-ipv6-masq": true }),
    disable: [
      "traefik",
      "servicelb",
      ...(cluster.localStorage ? [] : ["local-storage"]),
      ...(cluster.metricsServer ? [] : ["metrics-server"]),
    ],
    "secrets-encryption": true,
    "write-kubeconfig-mode": "0600",
    // Half of Kubernetes' default: a node without power is noticed, and its pods replaced, twice as soon.
    "kube-controller-manager-arg": ["node-monitor-grace-period=20s"],
  };
}

/** `/etc/rancher/k3s/config.yaml`. */
export function renderK3sConfig(flags: K3sFlags): string {
  return stringify(flags).trimEnd();
}

/**
 * `/etc/rancher/k3s/kubelet.yaml`: how long pods get when the host shuts down, and when unused images go. k3s's own settings
 * win over it up to 1.31, it wins over them from 1.32 on: so it sets nothing that k3s sets.
 * https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
 */
export function renderKubeletConfig({ imageGc, shutdownGraceSeconds }: HomelabConfig["hostSettings"]): string {
  const critical = Math.floor(shutdownGraceSeconds / 3);
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    imageGCHighThresholdPercent: imageGc.highPercent,
    imageGCLowThresholdPercent: imageGc.lowPercent,
    shutdownGracePeriod: `${shutdownGraceSeconds}s`,
    shutdownGracePeriodCriticalPods: `${critical}s`,
  }).trimEnd();
}

/** `/etc/rancher/k3s/registries.yaml`. https://docs.k3s.io/installation/private-registry */
export function renderRegistries(mirrors: HomelabConfig["artifacts"]["registryMirrors"]): string {
  const entries = Object.entries(mirrors).map(([registry, endpoint]) => [registry, { endpoint }] as const);
  // In an order of its own: Pulumi sorts what a stack file holds, and whoever reads the file itself does not.
  return stringify({ mirrors: Object.fromEntries(entries) }, { sortMapEntries: true }).trimEnd();
}

/** A node's labels as k3s and kubectl take them. */
export function labelsOf(host: HostConfig): string[] {
  return Object.entries(host.labels).map(([key, value]) => `${key}=${value}`);
}

function both(pair: { readonly ipv4: string; readonly ipv6?: string | undefined }): string {
  return pair.ipv6 === undefined ? pair.ipv4 : `${pair.ipv4},${pair.ipv6}`;
}

function optionalList(flag: string, values: readonly string[]): K3sFlags {
  return values.length === 0 ? {} : { [flag]: values };
}
