import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface CoreDnsArgs {
  /** How many nodes there are to spread over. */
  readonly nodes: number;
}

/** k3s runs one replica of the cluster's DNS; with two, on different nodes, names resolve while a node is off. */
export class CoreDns extends pulumi.ComponentResource {
  constructor(name: string, args: CoreDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:cluster:CoreDns", name, {}, opts);
    new k8s.apps.v1.DeploymentPatch(
      `${name}-coredns`,
      {
        metadata: {
          namespace: "kube-system",
          name: "coredns",
          // k3s counts as the owner of the default that it left in place. Its manifest names no number, so it never asks back.
          annotations: { "pulumi.com/patchForce": "true" },
        },
        spec: { replicas: Math.min(2, args.nodes) },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
