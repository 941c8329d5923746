/** MetalLB's objects that we make, with the fields that we set. https://metallb.io/apis/ */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AddressPoolConfig, LoadBalancerConfig } from "../../config/layers";
import { METALLB_NAMESPACE } from "./metallb-values";

/** By this label our announcement finds our pools: a new pool is one new object and no change of another one. */
const POOL_LABELS = { "app.kubernetes.io/part-of": "homelab" } as const;

interface Specs {
  readonly IPAddressPool: {
    readonly addresses: readonly string[];
    readonly autoAssign: boolean;
    /** Leaves out .0 and .255, which some old devices take for no host's address. */
    readonly avoidBuggyIPs: boolean;
    readonly serviceAllocation?: { readonly priority: number; readonly namespaces: readonly string[] };
  };
  readonly L2Advertisement: {
    readonly ipAddressPoolSelectors: readonly LabelSelector[];
    readonly nodeSelectors?: readonly LabelSelector[];
    readonly interfaces?: readonly string[];
  };
}

interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

/** What an address pool of the configuration is to MetalLB. */
export function addressPoolSpec(pool: AddressPoolConfig): Specs["IPAddressPool"] {
  const { addresses, autoAssign, namespaces } = pool;
  return {
    addresses,
    autoAssign,
    avoidBuggyIPs: true,
    ...(namespaces.length > 0 && { serviceAllocation: { priority: 10, namespaces } }),
  };
}

/** Which nodes announce our pools, and on which interfaces. */
export function l2AdvertisementSpec(settings: LoadBalancerConfig): Specs["L2Advertisement"] {
  const { interfaces, nodeSelector } = settings;
  return {
    ipAddressPoolSelectors: [{ matchLabels: POOL_LABELS }],
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelectors: [{ matchLabels: nodeSelector }] }),
    ...(interfaces.length > 0 && { interfaces }),
  };
}

/** One object in MetalLB's namespace, under the same name in the cluster and, after `prefix`, in Pulumi. */
export function metallbObject<Kind extends keyof Specs>(
  prefix: string,
  args: { readonly kind: Kind; readonly name: string; readonly spec: Specs[Kind] },
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    `${prefix}-${args.name}`,
    {
      apiVersion: "metallb.io/v1beta1",
      kind: args.kind,
      metadata: { namespace: METALLB_NAMESPACE, name: args.name, labels: POOL_LABELS },
      spec: args.spec,
    },
    opts,
  );
}
