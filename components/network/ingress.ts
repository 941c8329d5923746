import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartReference, IngressConfig } from "../../config/layers";
import type { DualStack } from "../../config/types";
import { chartRelease } from "../charts/chart-release";
import { restrictedNamespace } from "../workload/namespace";
import { fromCluster } from "../workload/network-policy";
import { Dashboard } from "./dashboard";
import { traefikObject } from "./traefik-objects";
import { CONTAINER_PORTS, RETRY_MIDDLEWARE, TRAEFIK, traefikValues } from "./traefik-values";

export interface IngressArgs {
  readonly settings: IngressConfig;
  readonly chart: ChartReference;
  readonly domain: string;
  /** CIDRs of the LAN, which alone reaches the dashboard. */
  readonly lan: DualStack;
}

/**
 * HTTP and HTTPS into the cluster: Traefik on every server, at fixed addresses of the load balancer, as the default
 * IngressClass. https://doc.traefik.io/traefik/
 *
 * Until the Secret {@link Ingress.certificateSecret} exists, it shows a certificate that nobody trusts; then that one, at once.
 */
export class Ingress extends pulumi.ComponentResource {
  readonly ingressClass: string = TRAEFIK;
  readonly namespace: string = TRAEFIK;
  /** Name of the Secret, in that namespace, whose certificate is shown for host names without one of their own. */
  readonly certificateSecret: string = "default-certificate";
  readonly addresses: DualStack;
  /** Set if the dashboard is on. */
  readonly dashboardUrl: string | undefined;
  /** Password of the dashboard's login `admin`; set if the dashboard is on. A secret. */
  readonly dashboardPassword: pulumi.Output<string> | undefined;

  constructor(name: string, args: IngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:network:Ingress", name, {}, opts);
    const { settings, domain, lan } = args;
    const namespace = this.namespace;
    const inside = { parent: this };

    const home = restrictedNamespace(namespace, inside);
    const policy = networkPolicy(name, namespace, { ...inside, dependsOn: [home] });
    const traefik = chartRelease(
      TRAEFIK,
      { chart: "traefik", reference: args.chart, namespace, values: traefikValues(settings) },
      { ...inside, dependsOn: [policy] },
    );

    const ready = { ...inside, dependsOn: [traefik] };
    tlsDefaults(name, namespace, this.certificateSecret, ready);
    retryUnreachable(name, namespace, ready);
    const dashboard = settings.dashboard
      ? new Dashboard(`${name}-dashboard`, { namespace, domain, lan }, ready)
      : undefined;

    this.addresses = settings.address;
    this.dashboardUrl = dashboard?.url;
    this.dashboardPassword = dashboard?.password;
    this.registerOutputs({});
  }
}

/**
 * Anyone may come in by the ports that are for them, and the cluster's own pods may read metrics; the port of the health
 * checks is open to the node alone. Where Traefik goes is not limited: any pod may be an app.
 */
function networkPolicy(name: string, namespace: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { web, websecure, metrics } = CONTAINER_PORTS;
  return new k8s.networking.v1.NetworkPolicy(
    `${name}-network-policy`,
    {
      metadata: { namespace, name: "traefik" },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ ports: [web, websecure].map((port) => ({ protocol: "TCP", port })) }, fromCluster(metrics)],
      },
    },
    opts,
  );
}

/** The objects named `default` hold for every route that asks for nothing else. */
function tlsDefaults(name: string, namespace: string, secretName: string, opts: pulumi.CustomResourceOptions): void {
  const common = { namespace, name: "default" };
  traefikObject(`${name}-tls-option`, { kind: "TLSOption", ...common, spec: { minVersion: "VersionTLS12" } }, opts);
  traefikObject(
    `${name}-tls-store`,
    { kind: "TLSStore", ...common, spec: { defaultCertificate: { secretName } } },
    opts,
  );
}

/**
 * With two pods, one of them dead, each attempt meets the dead one as often as not: six of half a second each leave one
 * request in sixty unanswered, and that after three seconds.
 */
const ATTEMPTS = 6;

/**
 * A request whose connection to a pod fails is sent to the next pod. Traefik does so only while nothing of the request was
 * written, so that none is done twice, whatever its method.
 */
function retryUnreachable(name: string, namespace: string, opts: pulumi.CustomResourceOptions): void {
  traefikObject(
    `${name}-retry`,
    { kind: "Middleware", namespace, name: RETRY_MIDDLEWARE, spec: { retry: { attempts: ATTEMPTS } } },
    opts,
  );
}
