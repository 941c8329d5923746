import * as pulumi from "@pulumi/pulumi";
import { connectionTo, remoteStep } from "../script/remote-step";
import { rolloutScript, versionGateScript, type NodePlan } from "./node";

export interface RolloutArgs {
  /** All nodes in the order in which they are restarted: servers first. */
  readonly nodes: readonly NodePlan[];
  /** The server that is asked which versions run. */
  readonly gatekeeper: NodePlan;
  readonly sshPrivateKey: pulumi.Input<string>;
  /** The administrator's kubeconfig, by which agents are drained. A secret. */
  readonly kubeconfig: pulumi.Input<string>;
}

/**
 * The only thing that restarts k3s, but for the renewal of its certificates: one chain over all nodes, so that two are never
 * down at once and a failure leaves the rest untouched. The next `pulumi up` goes on where the chain broke.
 */
export class Rollout extends pulumi.ComponentResource {
  /** The end of the chain: whoever waits for it waits for all nodes. */
  readonly last: pulumi.Resource;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:cluster:Rollout", name, {}, opts);
    let previous = remoteStep(
      `${name}-version-gate`,
      {
        connection: connectionTo(args.gatekeeper.host, args.sshPrivateKey),
        script: versionGateScript(args.gatekeeper),
      },
      { parent: this },
    );
    for (const plan of args.nodes) {
      const { joinTimeoutSeconds, drainTimeoutSeconds } = plan.settings.cluster;
      previous = remoteStep(
        `${plan.host.name}-k3s-rollout`,
        {
          connection: connectionTo(plan.host, args.sshPrivateKey),
          script: rolloutScript(plan),
          distinguishUpdate: true,
          timeoutSeconds: 2 * joinTimeoutSeconds + drainTimeoutSeconds + 600,
          ...(plan.host.role === "agent" ? { secret: args.kubeconfig } : {}),
        },
        { parent: this, dependsOn: [previous] },
      );
    }
    this.last = previous;
    this.registerOutputs({});
  }
}
