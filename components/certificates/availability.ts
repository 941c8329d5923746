import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { CERT_MANAGER_NAMESPACE, podLabels } from "./cert-manager-values";

/** Ports of the webhook and of the metrics, the only ones that anybody has to reach. */
const OPEN_PORTS = [10250, 9402];

/**
 * What cert-manager's chart leaves to others, in all its versions: that a drain takes one replica at a time, and that its
 * pods are reached at the ports that they serve only.
 */
export function certManagerAvailability(prefix: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const budgets = (["controller", "webhook"] as const).map(
    (component) =>
      new k8s.policy.v1.PodDisruptionBudget(
        `${prefix}-${component}`,
        {
          metadata: { name: `cert-manager-${component}`, namespace: CERT_MANAGER_NAMESPACE },
          spec: { maxUnavailable: 1, selector: { matchLabels: podLabels(component) } },
        },
        opts,
      ),
  );
  const policy = new k8s.networking.v1.NetworkPolicy(
    `${prefix}-network-policy`,
    {
      metadata: { name: "cert-manager", namespace: CERT_MANAGER_NAMESPACE },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ ports: OPEN_PORTS.map((port) => ({ port, protocol: "TCP" })) }],
      },
    },
    opts,
  );
  return [...budgets, policy];
}
