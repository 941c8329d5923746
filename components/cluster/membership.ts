import * as pulumi from "@pulumi/pulumi";
import { connectionTo, remoteStep } from "../script/remote-step";
import { membershipScript, type NodePlan } from "./node";

export interface MembershipArgs {
  readonly plan: NodePlan;
  readonly sshPrivateKey: pulumi.Input<string>;
  /** The administrator's kubeconfig, by which an agent takes itself out of the cluster. A secret. */
  readonly kubeconfig: pulumi.Input<string>;
}

/**
 * A host's place in the cluster. Deleting an agent's drains it, deletes its node and uninstalls k3s. A server's is
 * protected: its removal changes etcd's quorum, so it is an operation of its own and never a side effect of `pulumi up`.
 */
export class Membership extends pulumi.ComponentResource {
  constructor(
    name: string,
    { plan, sshPrivateKey, kubeconfig }: MembershipArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("homelab:cluster:Membership", name, {}, opts);
    const agent = plan.host.role === "agent";
    remoteStep(
      `${name}-membership`,
      {
        connection: connectionTo(plan.host, sshPrivateKey),
        script: membershipScript(plan),
        timeoutSeconds: plan.settings.cluster.drainTimeoutSeconds + 300,
        ...(agent ? { secret: kubeconfig, undo: true } : {}),
      },
      { parent: this, protect: !agent },
    );
    this.registerOutputs({});
  }
}
