/**
 * Which k3s minor takes which of the settings that we write into its config.yaml. k3s refuses to start on a key that it
 * doesn't know, and so do the Kubernetes components on an argument: better to learn it here than from a node that is down.
 * A key that is not listed is refused, whatever the version: whoever uses a new one looks it up and adds it.
 *
 * Sources: https://docs.k3s.io/cli/server, https://docs.k3s.io/cli/agent, pkg/cli/cmds in the k3s repository, and the
 * Kubernetes changelogs for the components' arguments. Minors are those of Kubernetes: 25 is 1.25.
 */
import type { Role } from "./types";

/** Minors that the table covers. 1.25 was compared with its source and runs in the sandbox; newer ones are not proven here. */
export const k3sMinors: readonly number[] = [25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36];

/** First and last minor that takes a setting; both open where left out. */
interface Span {
  readonly from?: number;
  /** Last minor. */
  readonly to?: number;
  /** What to use where it is not taken. */
  readonly instead?: string;
}

const ALWAYS: Span = {};

/** Keys that servers and agents take. */
const nodeKeys: Readonly<Record<string, Span>> = {
  server: ALWAYS,
  token: ALWAYS,
  "token-file": ALWAYS,
  "data-dir": ALWAYS,
  "node-name": ALWAYS,
  "node-ip": ALWAYS,
  "node-external-ip": ALWAYS,
  "node-label": ALWAYS,
  "node-taint": ALWAYS,
  "flannel-iface": ALWAYS,
  "flannel-cni-conf": ALWAYS,
  "resolv-conf": ALWAYS,
  "private-registry": ALWAYS,
  snapshotter: ALWAYS,
  "pause-image": ALWAYS,
  "protect-kernel-defaults": ALWAYS,
  "kubelet-arg": ALWAYS,
  "kube-proxy-arg": ALWAYS,
  "prefer-bundled-bin": { from: 26 },
};

/** Keys that only servers take. */
const serverKeys: Readonly<Record<string, Span>> = {
  "cluster-init": ALWAYS,
  "agent-token-file": ALWAYS,
  "advertise-address": ALWAYS,
  "bind-address": ALWAYS,
  "tls-san": ALWAYS,
  // Came to some patch releases of older minors, too; from this minor on every release has it.
  "tls-san-security": { from: 29 },
  "cluster-cidr": ALWAYS,
  "service-cidr": ALWAYS,
  "cluster-dns": ALWAYS,
  "cluster-domain": ALWAYS,
  "flannel-backend": ALWAYS,
  "flannel-ipv6-masq": ALWAYS,
  "flannel-external-ip": ALWAYS,
  "egress-selector-mode": ALWAYS,
  "secrets-encryption": ALWAYS,
  "secrets-encryption-provider": { from: 33, instead: "the default provider aescbc" },
  "embedded-registry": { from: 30, instead: "artifacts.registryMirrors" },
  "system-default-registry": ALWAYS,
  disable: ALWAYS,
  "disable-cloud-controller": ALWAYS,
  "disable-helm-controller": ALWAYS,
  "disable-kube-proxy": ALWAYS,
  "disable-network-policy": ALWAYS,
  "default-local-storage-path": ALWAYS,
  "write-kubeconfig": ALWAYS,
  "write-kubeconfig-mode": ALWAYS,
  "write-kubeconfig-group": { from: 29 },
  "etcd-arg": ALWAYS,
  "etcd-expose-metrics": ALWAYS,
  "etcd-disable-snapshots": ALWAYS,
  "etcd-snapshot-schedule-cron": ALWAYS,
  "etcd-snapshot-retention": ALWAYS,
  "etcd-snapshot-dir": ALWAYS,
  "etcd-snapshot-compress": ALWAYS,
  "kube-apiserver-arg": ALWAYS,
  "kube-controller-manager-arg": ALWAYS,
  "kube-scheduler-arg": ALWAYS,
  "kube-cloud-controller-manager-arg": ALWAYS,
};

/** How long k3s' controllers go on without an answer of the API before k3s ends itself. */
const LEADER_ELECTION = {
  "leader-elect-lease-duration": ALWAYS,
  "leader-elect-renew-deadline": ALWAYS,
  "leader-elect-retry-period": ALWAYS,
};

/** What lists of a key may hold: packaged components, and names of the components' own arguments. */
const listItems: Readonly<Record<string, Readonly<Record<string, Span>>>> = {
  disable: {
    coredns: ALWAYS,
    servicelb: ALWAYS,
    traefik: ALWAYS,
    "local-storage": ALWAYS,
    "metrics-server": ALWAYS,
  },
  "kube-apiserver-arg": {
    "anonymous-auth": ALWAYS,
    "audit-log-path": ALWAYS,
    "audit-log-maxage": ALWAYS,
    "audit-log-maxbackup": ALWAYS,
    "audit-log-maxsize": ALWAYS,
    "audit-policy-file": ALWAYS,
    "bind-address": ALWAYS,
    "default-not-ready-toleration-seconds": ALWAYS,
    "default-unreachable-toleration-seconds": ALWAYS,
    "enable-admission-plugins": ALWAYS,
    "admission-control-config-file": ALWAYS,
    "event-ttl": ALWAYS,
    "feature-gates": ALWAYS,
    "oidc-ca-file": ALWAYS,
    "oidc-client-id": ALWAYS,
    "oidc-groups-claim": ALWAYS,
    "oidc-groups-prefix": ALWAYS,
    "oidc-issuer-url": ALWAYS,
    "oidc-username-claim": ALWAYS,
    "oidc-username-prefix": ALWAYS,
  },
  "kube-controller-manager-arg": {
    "bind-address": ALWAYS,
    "feature-gates": ALWAYS,
    "node-monitor-grace-period": ALWAYS,
    "node-monitor-period": ALWAYS,
    "node-cidr-mask-size-ipv4": ALWAYS,
    "node-cidr-mask-size-ipv6": ALWAYS,
    "pod-eviction-timeout": { to: 26, instead: "kube-apiserver-arg default-unreachable-toleration-seconds" },
    "terminated-pod-gc-threshold": ALWAYS,
    ...LEADER_ELECTION,
  },
  "kube-scheduler-arg": { "bind-address": ALWAYS, ...LEADER_ELECTION },
  "kube-cloud-controller-manager-arg": LEADER_ELECTION,
  "kube-proxy-arg": { "iptables-sync-period": ALWAYS, "metrics-bind-address": ALWAYS, "proxy-mode": ALWAYS },
  "kubelet-arg": {
    "allowed-unsafe-sysctls": ALWAYS,
    config: ALWAYS,
    "config-dir": { from: 30, instead: "config" },
    "container-log-max-files": ALWAYS,
    "container-log-max-size": ALWAYS,
    "cpu-manager-policy": ALWAYS,
    "eviction-hard": ALWAYS,
    "eviction-soft": ALWAYS,
    "feature-gates": ALWAYS,
    "image-gc-high-threshold": ALWAYS,
    "image-gc-low-threshold": ALWAYS,
    "kube-reserved": ALWAYS,
    "max-pods": ALWAYS,
    "node-ip": { to: 26, instead: "node-ip of k3s" },
    "node-status-update-frequency": ALWAYS,
    "pod-infra-container-image": { to: 34, instead: "pause-image" },
    "streaming-connection-idle-timeout": ALWAYS,
    "system-reserved": ALWAYS,
  },
  "etcd-arg": {
    "auto-compaction-mode": ALWAYS,
    "auto-compaction-retention": ALWAYS,
    "election-timeout": ALWAYS,
    "heartbeat-interval": ALWAYS,
    "quota-backend-bytes": ALWAYS,
    "snapshot-count": ALWAYS,
  },
};

/**
 * First minor whose every release can give a running cluster another token (`k3s token rotate`). Came to some patch releases
 * of older minors, too. https://docs.k3s.io/cli/token#k3s-token-rotate
 */
export const k3sTokenRotationFrom = 29;

/**
 * Last minor whose kubelet takes one address only beside k3s' cloud controller. k3s gives it the node's IPv4 address where
 * that is not the one of the default route, and the node's IPv6 address is lost. https://github.com/k3s-io/k3s/issues/5981
 */
export const kubeletTakesOneAddressTo = 26;

/** A k3s version or setting that the table has no answer for, or a no. The message has a line for each. */
export class K3sCompatibilityError extends Error {
  override readonly name = "K3sCompatibilityError";
}

/** The Kubernetes minor of a k3s release: 34 for `v1.34.2+k3s1`; NaN for text that is no release of Kubernetes 1. */
export function k3sMinor(version: string): number {
  return Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? Number.NaN);
}

/** One setting of a config.yaml that k3s, or the component that it is for, does not take. */
export interface K3sRefusal {
  /** Key of config.yaml. */
  readonly flag: string;
  /** Which item of the key's list; absent if it is the key itself. */
  readonly item?: string | undefined;
  readonly found: string;
  readonly remedy: string;
}

/**
 * Looks a whole config.yaml up: its keys, the packaged components under `disable` and the names in `…-arg` lists.
 *
 * @param version k3s release of one of {@link k3sMinors}, `v1.34.2+k3s1`
 * @param role an agent doesn't take the servers' keys
 * @param flags the object that is written as config.yaml; lists hold `name` or `name=value`
 */
export function k3sRefusals(version: string, role: Role, flags: Readonly<Record<string, unknown>>): K3sRefusal[] {
  const minor = k3sMinor(version);
  const known = role === "server" ? { ...nodeKeys, ...serverKeys } : nodeKeys;
  return Object.entries(flags).flatMap(([flag, value]): K3sRefusal[] => {
    const refusal = refusalOf(flag, known, minor);
    if (refusal !== undefined) return [{ flag, ...refusal }];
    const items = listItems[flag];
    if (items === undefined) return [];
    return itemNames(value).flatMap((item): K3sRefusal[] => {
      const refused = refusalOf(item, items, minor);
      return refused === undefined ? [] : [{ flag, item, ...refused }];
    });
  });
}

/** The names in a flag's list of `name` or `name=value`, or of its only value. */
export function itemNames(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => String(item).split("=")[0] ?? "");
}

/**
 * Checks a whole config.yaml as {@link k3sRefusals} looks it up.
 *
 * @throws K3sCompatibilityError that names everything refused, or the unknown minor
 */
export function assertK3sTakes(version: string, role: Role, flags: Readonly<Record<string, unknown>>): void {
  if (!k3sMinors.includes(k3sMinor(version))) {
    throw new K3sCompatibilityError(
      `cluster.k3sVersion: it is not known which settings k3s ${version} takes; ` +
        `choose a release of 1.${k3sMinors[0]} to 1.${k3sMinors.at(-1)}, or review config/k3s-compatibility.ts for it`,
    );
  }
  const lines = k3sRefusals(version, role, flags).map(({ flag, item, found, remedy }) => {
    const name = item === undefined ? flag : `${flag} ${item}`;
    return `k3s ${version} (${role}), config.yaml: ${name}: ${found}; ${remedy}`;
  });
  if (lines.length > 0) throw new K3sCompatibilityError(lines.join("\n"));
}

function refusalOf(
  name: string,
  known: Readonly<Record<string, Span>>,
  minor: number,
): Pick<K3sRefusal, "found" | "remedy"> | undefined {
  const span = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!span) return { found: "not in the table", remedy: "look it up and add it to config/k3s-compatibility.ts" };
  const { from = 0, to = Infinity, instead } = span;
  if (minor >= from && minor <= to) return undefined;
  return {
    found: minor < from ? `taken from 1.${from} on` : `not taken after 1.${to}`,
    remedy: instead === undefined ? "leave it out" : `use ${instead}`,
  };
}
