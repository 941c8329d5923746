/** Rules that the network policies of our workloads share. https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
import type * as k8s from "@pulumi/kubernetes";

type EgressRule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;
type IngressRule = k8s.types.input.networking.v1.NetworkPolicyIngressRule;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/** A port for names, which are asked for by UDP and, if the answer is long, by TCP. */
export function dnsPorts(port: number): Port[] {
  return ["UDP", "TCP"].map((protocol) => ({ protocol, port }));
}

/** To the cluster's name server. Rules see the pod behind a Service's address. */
export const toClusterDns: EgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: dnsPorts(53),
};

/**
 * To the neighbors of a pod that speaks IPv6, and to none for one that does not: it asks for their link-layer addresses and
 * tells its own. Until the releases of late 2025 k3s takes that for traffic which a rule has to allow, and such a pod
 * falls silent now and then: https://github.com/cloudnativelabs/kube-router/issues/1895
 */
export function toNeighbors(speaksIpv6: boolean): EgressRule[] {
  // Addresses of a link and of all in it, which no router passes on.
  return speaksIpv6 ? [{ to: ["fe80::/10", "ff02::/16"].map((cidr) => ({ ipBlock: { cidr } })) }] : [];
}

/** From every pod of one namespace, to one TCP port. */
export function fromNamespace(namespace: string, port: number): IngressRule {
  return {
    from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
    ports: [{ protocol: "TCP", port }],
  };
}

/** From every pod of the cluster, but from nowhere else, to one TCP port. */
export function fromCluster(port: number): IngressRule {
  return { from: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP", port }] };
}
