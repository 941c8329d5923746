import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../config/layers";
import type { DualStack } from "../../config/types";
import { Middlewares } from "../network/middlewares";
import { fromNamespace, toClusterDns } from "../workload/network-policy";
import { failoverTolerations, restrictedContainer, restrictedPod, spreadOverNodes } from "../workload/pod";

type Container = k8s.types.input.core.v1.Container;

/** What every app of the home needs to know of the layers below. */
export interface Surroundings {
  readonly domain: string;
  /** CIDRs of the LAN. */
  readonly lan: DualStack;
  readonly ingressClass: string;
  /** Namespace of the ingress' pods, which alone reach an app. */
  readonly ingressNamespace: string;
  /** ClusterIssuer of certificates for single host names; absent: there is none, and no app may ask for one. */
  readonly clusterIssuer?: string | undefined;
}

export interface WebAppArgs {
  readonly settings: AppConfig;
  readonly surroundings: Surroundings;
  /** Namespace, which exists already. */
  readonly namespace: string;
  readonly image: string;
  /** Arguments of the image's entry point. @default [] */
  readonly args?: readonly string[];
  /** Port on which the container answers HTTP; not below 1024. */
  readonly port: number;
  /** Path that answers 200 while the app is well. */
  readonly healthPath: string;
  readonly resources: NonNullable<Container["resources"]>;
  /**
   * What a pod does before it is told to end. It should take some 5 seconds: until then Traefik, which looks at most every
   * 2 seconds, may still send it requests. @default nothing
   */
  readonly preStop?: NonNullable<k8s.types.input.core.v1.Lifecycle["preStop"]>;
}

/** Two pods on different nodes: one answers while the other's node is off. */
const REPLICAS = 2;

/**
 * A stateless web app at `https://<subdomain>.<domain>`. Not an interface to build upon yet: it may change with storage
 * and logins.
 */
export class WebApp extends pulumi.ComponentResource {
  readonly url: string;
  /** Password of the login `admin`; set if basic authentication is on. A secret. */
  readonly password: pulumi.Output<string> | undefined;

  constructor(name: string, args: WebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:apps:WebApp", name, {}, opts);
    const { settings, surroundings, namespace } = args;
    const host = `${settings.subdomain}.${surroundings.domain}`;
    const labels = { "app.kubernetes.io/name": name };
    const inside = { parent: this };
    const metadata = { namespace, name, labels };

    const policy = new k8s.networking.v1.NetworkPolicy(name, { metadata, spec: policySpec(labels, args) }, inside);
    new k8s.policy.v1.PodDisruptionBudget(
      name,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      inside,
    );
    const deployment = new k8s.apps.v1.Deployment(
      name,
      { metadata, spec: deploymentSpec(name, labels, args) },
      { ...inside, dependsOn: [policy] },
    );
    const service = new k8s.core.v1.Service(
      name,
      { metadata, spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: args.port }] } },
      { ...inside, dependsOn: [deployment] },
    );
    const { access, middlewares: wanted } = settings;
    const middlewares = new Middlewares(name, { namespace, access, settings: wanted, lan: surroundings.lan }, inside);
    const annotations = { ...middlewares.annotations, ...certificateAnnotations(settings, surroundings.clusterIssuer) };
    new k8s.networking.v1.Ingress(
      name,
      { metadata: { ...metadata, annotations }, spec: ingressSpec(name, host, args) },
      { ...inside, dependsOn: [service, middlewares] },
    );

    this.url = `https://${host}`;
    this.password = middlewares.password;
    this.registerOutputs({});
  }
}

function deploymentSpec(
  name: string,
  labels: Record<string, string>,
  args: WebAppArgs,
): k8s.types.input.apps.v1.DeploymentSpec {
  const health = { httpGet: { path: args.healthPath, port: args.port } };
  return {
    replicas: REPLICAS,
    selector: { matchLabels: labels },
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: restrictedPod,
        tolerations: failoverTolerations,
        topologySpreadConstraints: spreadOverNodes(labels),
        containers: [
          {
            name,
            image: args.image,
            args: [...(args.args ?? [])],
            ports: [{ name: "http", containerPort: args.port }],
            securityContext: restrictedContainer,
            resources: args.resources,
            readinessProbe: { ...health, periodSeconds: 2 },
            livenessProbe: { ...health, timeoutSeconds: 5, failureThreshold: 5 },
            ...(args.preStop && { lifecycle: { preStop: args.preStop } }),
          },
        ],
      },
    },
  };
}

/** Without a Secret of its own, a host name is served with the domain's default certificate. */
function ingressSpec(name: string, host: string, args: WebAppArgs): k8s.types.input.networking.v1.IngressSpec {
  const own = args.settings.certificate === "own";
  const backend = { service: { name, port: { name: "http" } } };
  return {
    ingressClassName: args.surroundings.ingressClass,
    tls: [{ hosts: [host], ...(own && { secretName: `${name}-certificate` }) }],
    rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
  };
}

/**
 * cert-manager makes the certificate of an Ingress that names an issuer. https://cert-manager.io/docs/usage/ingress/
 *
 * @throws Error if the app wants a certificate of its own and there is no issuer
 */
export function certificateAnnotations(settings: AppConfig, issuer: string | undefined): Record<string, string> {
  if (settings.certificate === "wildcard") return {};
  if (issuer === undefined)
    throw new Error(`${settings.subdomain}: a certificate of its own needs homelab:certificates`);
  return {
    "cert-manager.io/cluster-issuer": issuer,
    "cert-manager.io/private-key-algorithm": "ECDSA",
    "cert-manager.io/private-key-rotation-policy": "Always",
  };
}

/** In: the ingress alone. Out: names alone; what an app needs besides is for it to say. */
function policySpec(
  labels: Record<string, string>,
  { surroundings, port }: WebAppArgs,
): k8s.types.input.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: labels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [fromNamespace(surroundings.ingressNamespace, port)],
    egress: [toClusterDns],
  };
}
