import type * as k8s from "@pulumi/kubernetes";

export type Toleration = k8s.types.input.core.v1.Toleration;

/**
 * What runs on every server tolerates both taints that k3s's documentation suggests for servers without workloads.
 * https://docs.k3s.io/datastore/ha-embedded, https://docs.k3s.io/cli/server#agent-nodes
 */
export const serverTolerations: readonly Toleration[] = [
  { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
  { key: "CriticalAddonsOnly", operator: "Exists" },
];
