import * as fs from "node:fs";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PublicDnsConfig } from "../../config/layers";
import { toClusterDns, toNeighbors } from "../workload/network-policy";
import { failoverTolerations, restrictedContainer, restrictedPod } from "../workload/pod";
import { PUBLIC_DNS } from "./names";

export interface PublicDnsArgs {
  readonly settings: PublicDnsConfig;
  readonly domain: string;
  /** Part of the comment that marks our records: two homes may share a zone if their clusters' names differ. */
  readonly clusterName: string;
  /** IPv6 address of the ingress; absent: only A records are published. */
  readonly ingressIpv6?: string | undefined;
  /** Cloudflare token with the permissions Zone:Read and DNS:Edit. A secret. */
  readonly cloudflareApiToken: pulumi.Input<string>;
  /** What has tried the token: the Secret, and with it the updater, keeps the last one until this has succeeded. */
  readonly preflight?: pulumi.Resource | undefined;
  /** Node.js' image, 20.19 or later. */
  readonly image: string;
  /** PEM certificates that are trusted besides the public ones. @default [] */
  readonly trustedCAs?: readonly string[];
  /** Namespace, which exists already. */
  readonly namespace: pulumi.Input<string>;
}

const labels = { "app.kubernetes.io/name": PUBLIC_DNS };

/** Where the pod finds its files. */
const PROGRAM_PATH = "/opt/updater";
const TOKEN_PATH = "/run/secrets/cloudflare";

const PROGRAM_FILES = ["main", "updater", "sources", "addresses", "plan", "cloudflare", "http"].map(
  (module) => `${module}.mjs`,
);

/** A Job has to be over before the next one is due, in seconds. */
const JOB_LIMIT_SECONDS = 45;

/**
 * Public records of the names that the config lists, and of no others: a Job a minute compares the home's public address
 * with the records and changes what differs. It touches only records with the comment `managed by homelab/<cluster>`.
 *
 * When this component is destroyed, its records stay, since nothing is left in the cluster that could remove them. To be
 * rid of them, empty both lists of `addressSources` first: the next Job deletes every record of ours.
 */
export class PublicDns extends pulumi.ComponentResource {
  constructor(name: string, args: PublicDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:dns:PublicDns", name, {}, opts);
    const { namespace } = args;
    const inside = { parent: this };
    const metadata = { namespace, name: PUBLIC_DNS, labels };

    const account = new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: false }, inside);
    const token = new k8s.core.v1.Secret(
      name,
      { metadata, stringData: { token: pulumi.secret(args.cloudflareApiToken) } },
      { ...inside, dependsOn: args.preflight ? [args.preflight] : [] },
    );
    const program = new k8s.core.v1.ConfigMap(name, { metadata, data: programOf(args) }, inside);
    const policy = new k8s.networking.v1.NetworkPolicy(name, { metadata, spec: policySpec(args.settings) }, inside);
    new k8s.batch.v1.CronJob(
      name,
      { metadata, spec: cronJobSpec(podSpec(args.image, (args.trustedCAs ?? []).length > 0)) },
      { ...inside, dependsOn: [account, token, program, policy] },
    );
    this.registerOutputs({});
  }
}

/** What the updater reads besides its token; `Config` in updater/updater.mjs. */
export function updaterConfig({ settings, domain, clusterName, ingressIpv6 }: PublicDnsArgs): Record<string, unknown> {
  return {
    domain,
    names: settings.names,
    comment: `managed by homelab/${clusterName}`,
    sources: settings.addressSources,
    ...(ingressIpv6 !== undefined && { ingressIpv6 }),
    looks: 2,
    secondsBetweenLooks: 20,
  };
}

function programOf(args: PublicDnsArgs): Record<string, string> {
  const read = (file: string): string => fs.readFileSync(path.join(__dirname, "updater", file), "utf8");
  const trusted = (args.trustedCAs ?? []).map((certificate) => `${certificate.trim()}\n`).join("");
  return {
    ...Object.fromEntries(PROGRAM_FILES.map((file) => [file, read(file)])),
    "config.json": `${JSON.stringify(updaterConfig(args), undefined, 2)}\n`,
    ...(trusted !== "" && { "trusted-cas.pem": trusted }),
  };
}

function cronJobSpec(podTemplate: k8s.types.input.core.v1.PodSpec): k8s.types.input.batch.v1.CronJobSpec {
  return {
    schedule: "* * * * *",
    // A Job that hangs on a node that died must not hold up the next one.
    concurrencyPolicy: "Replace",
    startingDeadlineSeconds: 60,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels },
      spec: {
        activeDeadlineSeconds: JOB_LIMIT_SECONDS,
        backoffLimit: 0,
        template: { metadata: { labels }, spec: podTemplate },
      },
    },
  };
}

function podSpec(image: string, trustsMore: boolean): k8s.types.input.core.v1.PodSpec {
  return {
    serviceAccountName: PUBLIC_DNS,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: restrictedPod,
    tolerations: failoverTolerations,
    containers: [
      {
        name: "updater",
        image,
        command: ["node", `${PROGRAM_PATH}/main.mjs`, `${PROGRAM_PATH}/config.json`, `${TOKEN_PATH}/token`],
        ...(trustsMore && { env: [{ name: "NODE_EXTRA_CA_CERTS", value: `${PROGRAM_PATH}/trusted-cas.pem` }] }),
        securityContext: restrictedContainer,
        // The last lines of a failed Job are its pod's message, where `homelab doctor` reads them.
        terminationMessagePolicy: "FallbackToLogsOnError",
        resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "1", memory: "192Mi" } },
        volumeMounts: [
          { name: "program", mountPath: PROGRAM_PATH, readOnly: true },
          { name: "token", mountPath: TOKEN_PATH, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "program", configMap: { name: PUBLIC_DNS } },
      { name: "token", secret: { secretName: PUBLIC_DNS } },
    ],
  };
}

/** Nobody reaches the updater; it reaches the cluster's name server, and by TLS the sources and Cloudflare. */
function policySpec({ addressSources }: PublicDnsConfig): k8s.types.input.networking.v1.NetworkPolicySpec {
  const sourcePorts = [...addressSources.ipv4, ...addressSources.ipv6].map((url) => Number(new URL(url).port || 443));
  const ports = [...new Set([443, ...sourcePorts])].sort((one, other) => one - other);
  return {
    podSelector: { matchLabels: labels },
    policyTypes: ["Ingress", "Egress"],
    egress: [
      toClusterDns,
      { ports: ports.map((port) => ({ protocol: "TCP", port })) },
      ...toNeighbors(addressSources.ipv6.length > 0),
    ],
  };
}
