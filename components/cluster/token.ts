import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { connectionTo, remoteStep } from "../script/remote-step";
import { tokenRotationScript, type NodePlan } from "./node";

export interface ClusterTokenArgs {
  /** The server by which the cluster is given another token. */
  readonly anchor: NodePlan;
  readonly sshPrivateKey: pulumi.Input<string>;
}

/** The token that holds. */
export interface ClusterToken {
  /** A secret. */
  readonly value: pulumi.Output<string>;
  /** What has to be done before a host may be given it. */
  readonly taken: readonly pulumi.Resource[];
}

/**
 * The cluster's token of the configured generation. All earlier ones stay in the state, protected: snapshots of etcd can only
 * be restored with the token of their time. From the second on a step asks the running cluster to take it over.
 */
export function clusterToken(
  name: string,
  { anchor, sshPrivateKey }: ClusterTokenArgs,
  opts: { readonly parent: pulumi.Resource; readonly dependsOn: readonly pulumi.Resource[] },
): ClusterToken {
  const { tokenGeneration } = anchor.settings.cluster;
  const tokens = Array.from({ length: tokenGeneration }, (_, index) => {
    const title = index === 0 ? "token" : `token-${index + 1}`;
    return new random.RandomPassword(
      `${name}-${title}`,
      { length: 48, special: false },
      { parent: opts.parent, protect: true },
    ).result;
  });
  const [value, ...earlier] = tokens.reverse();
  if (value === undefined) throw new Error("a cluster needs a token");
  if (earlier.length === 0) return { value, taken: [] };
  const rotated = remoteStep(
    `${name}-token-rotation`,
    {
      connection: connectionTo(anchor.host, sshPrivateKey),
      script: tokenRotationScript(anchor),
      secret: pulumi.all([value, ...earlier]).apply((all) => all.join("\n")),
    },
    { parent: opts.parent, dependsOn: [...opts.dependsOn] },
  );
  return { value, taken: [rotated] };
}
