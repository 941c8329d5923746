import * as pulumi from "@pulumi/pulumi";
import { HostSteps } from "../script/host-steps";
import { connectionTo, remoteStep } from "../script/remote-step";
import { apiVipScript } from "./api-vip";
import { certificateRenewalScript } from "./certificate-renewal";
import { artifactScript, etcdPresenceScript, filesScript, installScript, tokenScript, type NodePlan } from "./node";

export interface NodeFilesArgs {
  readonly plan: NodePlan;
  readonly sshPrivateKey: pulumi.Input<string>;
  /** The cluster's token. A secret. */
  readonly token: pulumi.Input<string>;
}

/**
 * Everything that a node's k3s needs, laid aside on its host before it is started: what it reads (release, configuration,
 * token), and what looks after its certificates.
 */
export class NodeFiles extends HostSteps {
  constructor(name: string, { plan, sshPrivateKey, token }: NodeFilesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "homelab:cluster:NodeFiles",
      name,
      connectionTo(plan.host, sshPrivateKey),
      () => ({
        "k3s-artifact": { script: artifactScript(plan), timeoutSeconds: 1800 },
        "k3s-files": { script: filesScript(plan) },
        "k3s-token": { script: tokenScript(plan), secret: token },
        "certificate-renewal": { script: certificateRenewalScript(plan) },
        ...(plan.host.role === "server" ? { "etcd-presence": { script: etcdPresenceScript() } } : {}),
      }),
      opts,
    );
  }
}

export interface K3sNodeArgs {
  readonly plan: NodePlan;
  readonly sshPrivateKey: pulumi.Input<string>;
}

/** A running node: k3s installed, joined and Ready; on a server also a carrier of the API's virtual address. */
export class K3sNode extends pulumi.ComponentResource {
  constructor(name: string, { plan, sshPrivateKey }: K3sNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:cluster:K3sNode", name, {}, opts);
    const connection = connectionTo(plan.host, sshPrivateKey);
    const installed = remoteStep(
      `${name}-k3s-install`,
      { connection, script: installScript(plan), timeoutSeconds: plan.settings.cluster.joinTimeoutSeconds + 900 },
      { parent: this },
    );
    if (plan.host.role === "server") {
      remoteStep(
        `${name}-api-vip`,
        { connection, script: apiVipScript(plan.host, plan.servers, plan.settings.network) },
        { parent: this, dependsOn: [installed] },
      );
    }
    this.registerOutputs({});
  }
}
