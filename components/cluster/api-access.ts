import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { connectionTo, remoteStep } from "../script/remote-step";
import { kubeconfigScript, type NodePlan } from "./node";

export interface ApiAccessArgs {
  /** The server whose administrator's certificate is read, once. */
  readonly server: NodePlan;
  readonly sshPrivateKey: pulumi.Input<string>;
}

/** The way into the cluster: the administrator's kubeconfig and the Kubernetes provider of all later layers. */
export class ApiAccess extends pulumi.ComponentResource {
  /** For the API's virtual address. A secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: k8s.Provider;

  constructor(name: string, { server, sshPrivateKey }: ApiAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:cluster:ApiAccess", name, {}, opts);
    const read = remoteStep(
      `${name}-kubeconfig`,
      { connection: connectionTo(server.host, sshPrivateKey), script: kubeconfigScript(server), secretOutput: true },
      { parent: this },
    );
    this.kubeconfig = pulumi.secret(read.stdout);
    this.provider = new k8s.Provider(
      name,
      {
        kubeconfig: this.kubeconfig,
        // Without a constant identifier, a changed kubeconfig would replace the provider and everything made with it.
        clusterIdentifier: name,
        enableServerSideApply: true,
        // Else a changed file or password is a new object: deleted first, since its name is fixed, then made again.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
