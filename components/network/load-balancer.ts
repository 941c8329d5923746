import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartReference, LoadBalancerConfig } from "../../config/layers";
import { chartRelease } from "../charts/chart-release";
import { type Gatekeeper, gate } from "../cluster/gate";
import { shellFile } from "../script/script";
import { podSecurity } from "../workload/pod";
import { addressPoolSpec, l2AdvertisementSpec, metallbObject } from "./metallb-objects";
import { METALLB_NAMESPACE, metallbValues } from "./metallb-values";

export interface LoadBalancerArgs {
  readonly settings: LoadBalancerConfig;
  readonly chart: ChartReference;
  /** The server that tries MetalLB's webhook. */
  readonly gatekeeper: Gatekeeper;
}

/** How long the webhook may take once MetalLB's pods are ready, in seconds. */
const WEBHOOK_TIMEOUT_SECONDS = 120;

/**
 * Addresses of the LAN for Services of type LoadBalancer: MetalLB in layer 2 mode, where one node at a time answers ARP
 * and NDP for an address, and another one takes over when it dies. https://metallb.io/concepts/layer2/
 *
 * When all its children are there, a Service gets its address at once.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:network:LoadBalancer", name, {}, opts);
    const { settings, chart, gatekeeper } = args;
    const inside = { parent: this };

    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      // The speakers use the host's network and raw sockets.
      { metadata: { name: METALLB_NAMESPACE, labels: podSecurity("privileged") } },
      inside,
    );
    const metallb = chartRelease(
      "metallb",
      { chart: "metallb", reference: chart, namespace: METALLB_NAMESPACE, values: metallbValues() },
      { ...inside, dependsOn: [namespace] },
    );
    const webhook = gate(
      "metallb-webhook",
      {
        gatekeeper,
        files: [shellFile(__dirname, "metallb-webhook.sh")],
        parameters: {
          namespace: METALLB_NAMESPACE,
          // Another version has another webhook: it is tried again.
          version: chart.version,
          timeout_seconds: WEBHOOK_TIMEOUT_SECONDS,
        },
      },
      { ...inside, dependsOn: [metallb] },
    );

    const ready = { ...inside, dependsOn: [webhook] };
    const pools = settings.pools.map((pool) =>
      metallbObject(`${name}-pool`, { kind: "IPAddressPool", name: pool.name, spec: addressPoolSpec(pool) }, ready),
    );
    metallbObject(
      name,
      { kind: "L2Advertisement", name: "homelab", spec: l2AdvertisementSpec(settings) },
      { ...inside, dependsOn: pools },
    );
    this.registerOutputs({});
  }
}
