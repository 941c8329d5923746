/** What every workload of ours has in common, so that a lost node costs little and a stolen process reaches little. */
import type * as k8s from "@pulumi/kubernetes";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Toleration = k8s.types.input.core.v1.Toleration;
type PodSecurity = k8s.types.input.core.v1.PodSecurityContext;
type ContainerSecurity = k8s.types.input.core.v1.SecurityContext;

/** Numeric user of our containers: no image of ours needs a name for it. */
const NOBODY = 65532;

/**
 * A pod of a dead node is given up after 30 s instead of 5 minutes.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export const failoverTolerations: Toleration[] = ["not-ready", "unreachable"].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 30,
}));

/**
 * What runs on every server tolerates both taints that k3s's documentation suggests for servers without workloads.
 * https://docs.k3s.io/datastore/ha-embedded, https://docs.k3s.io/cli/server#agent-nodes
 */
export const serverTolerations: Toleration[] = [
  { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
  { key: "CriticalAddonsOnly", operator: "Exists" },
];

/** Pods with these labels on different nodes, as far as there are nodes. */
export function spreadOverNodes(labels: Record<string, string>): NonNullable<PodSpec["topologySpreadConstraints"]> {
  return [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: labels },
    },
  ];
}

/** Control-plane nodes only: the hosts that every home has three of. */
export const onServers = { "node-role.kubernetes.io/control-plane": "true" } as const;

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export const restrictedPod: PodSecurity = {
  runAsNonRoot: true,
  runAsUser: NOBODY,
  runAsGroup: NOBODY,
  seccompProfile: { type: "RuntimeDefault" },
};

/** The container's half of {@link restrictedPod}. */
export const restrictedContainer: ContainerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** Labels of a namespace that takes only pods of this standard. */
export function podSecurity(level: "restricted" | "baseline" | "privileged"): Record<string, string> {
  return { "pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/warn": level };
}
