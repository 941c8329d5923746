import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ChartReference } from "../../config/layers";

export interface ChartReleaseArgs {
  /** Name of the chart in its repository. */
  readonly chart: string;
  readonly reference: ChartReference;
  /** Namespace, which exists already. */
  readonly namespace: pulumi.Input<string>;
  /** Never with a secret in it: one nested secret would hide the diff of all values. */
  readonly values: Record<string, unknown>;
  /** Limit of the wait for everything in the release to be ready, an address of a LoadBalancer Service among it. @default 300 */
  readonly timeoutSeconds?: number;
}

/**
 * A third party's operator by its Helm chart: a fixed release name, a pinned version, done when all of it is ready.
 * https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/
 *
 * A release that failed is upgraded in place by the next `up`. One that was cut off, with Pulumi killed half-way, stays
 * locked (`another operation is in progress`, `cannot re-use a name that is still in use`) until the Secret of its pending
 * revision is deleted: `kubectl get secrets -A -l 'owner=helm,status in (pending-install,pending-upgrade)'`.
 */
export function chartRelease(
  name: string,
  args: ChartReleaseArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    name,
    {
      name,
      chart: args.chart,
      version: args.reference.version,
      repositoryOpts: { repo: args.reference.repository },
      namespace: args.namespace,
      values: args.values,
      timeout: args.timeoutSeconds ?? 300,
      cleanupOnFail: true,
      // Each revision is a Secret with the whole chart in it.
      maxHistory: 5,
    },
    opts,
  );
}
