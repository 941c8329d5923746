/**
 * Values of cert-manager's chart. https://github.com/cert-manager/cert-manager/blob/master/deploy/charts/cert-manager/values.yaml
 * All of them are known to the charts of 1.11 and 1.21, but for the one that installs the CRDs.
 */
import { createHash } from "node:crypto";
import { failoverTolerations, spreadOverNodes } from "../workload/pod";

/** cert-manager's namespace; ClusterIssuers look for their Secrets here. */
export const CERT_MANAGER_NAMESPACE = "cert-manager";

/** ConfigMap with the further CAs that cert-manager trusts. */
export const TRUSTED_CAS_CONFIG_MAP = "trusted-cas";

/** Where the controller sees that ConfigMap. */
const TRUSTED_CAS_FOLDER = "/etc/homelab/trusted-cas";

export interface CertManagerValuesArgs {
  /** Version of the chart, `v1.21.1`. */
  readonly version: string;
  /** `ADDRESS:PORT` of recursive name servers. */
  readonly recursiveNameservers: readonly string[];
  /** PEM certificates. */
  readonly trustedCAs: readonly string[];
}

/** Renders the chart's values. */
export function certManagerValues(args: CertManagerValuesArgs): Record<string, unknown> {
  return {
    ...crds(args.version),
    // The chart's default, kube-system, would keep the leases when everything else is gone. A dead leader is replaced
    // after 30 s instead of 60 s.
    global: {
      leaderElection: {
        namespace: CERT_MANAGER_NAMESPACE,
        leaseDuration: "30s",
        renewDeadline: "20s",
        retryPeriod: "5s",
      },
    },
    replicaCount: 2,
    // In the LAN the domain has other answers than in the world: whether a challenge's record is published is only asked
    // of these servers. As arguments, since charts before 1.14 have no values for them.
    extraArgs: [
      `--dns01-recursive-nameservers=${args.recursiveNameservers.join(",")}`,
      "--dns01-recursive-nameservers-only",
    ],
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
    tolerations: failoverTolerations,
    topologySpreadConstraints: spreadOverNodes(podLabels("controller")),
    prometheus: { enabled: true },
    ...trust(args.trustedCAs),
    webhook: {
      replicaCount: 2,
      resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
      tolerations: failoverTolerations,
      topologySpreadConstraints: spreadOverNodes(podLabels("webhook")),
    },
    // Only at work when the webhook's own CA changes: one will do.
    cainjector: {
      resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "250m", memory: "256Mi" } },
      tolerations: failoverTolerations,
    },
    // The release is done when the webhook answers, also after an upgrade (the chart asks after an installation only).
    startupapicheck: {
      enabled: true,
      resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
      jobAnnotations: AFTER_UPGRADE_TOO,
      rbac: { annotations: AFTER_UPGRADE_TOO },
      serviceAccount: { annotations: AFTER_UPGRADE_TOO },
    },
  };
}

const AFTER_UPGRADE_TOO = { "helm.sh/hook": "post-install,post-upgrade" } as const;

/** Labels that the chart gives to a component's pods. */
export function podLabels(component: "controller" | "webhook"): Record<string, string> {
  return { "app.kubernetes.io/instance": "cert-manager", "app.kubernetes.io/component": component };
}

/**
 * CRDs that an uninstall leaves, and with them every Certificate. Charts before 1.15 do not know `crds`; they take their
 * CRDs away with them.
 */
function crds(version: string): Record<string, unknown> {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major === undefined)
    throw new Error(`cert-manager's chart has the version ${version}, which is none like v1.21.1`);
  return Number(major) * 1000 + Number(minor) >= 1015 ? { crds: { enabled: true, keep: true } } : { installCRDs: true };
}

/**
 * Lets the controller trust further CAs beside those of its image: Go reads all files of the folders in SSL_CERT_DIR, and
 * the one bundle that it knows the place of. https://pkg.go.dev/crypto/x509#SystemCertPool
 */
function trust(trustedCAs: readonly string[]): Record<string, unknown> {
  if (trustedCAs.length === 0) return {};
  const text = Object.values(trustedCAsData(trustedCAs)).join("");
  return {
    volumes: [{ name: "trusted-cas", configMap: { name: TRUSTED_CAS_CONFIG_MAP } }],
    volumeMounts: [{ name: "trusted-cas", mountPath: TRUSTED_CAS_FOLDER, readOnly: true }],
    extraEnv: [{ name: "SSL_CERT_DIR", value: `/etc/ssl/certs:${TRUSTED_CAS_FOLDER}` }],
    // Go reads them once: other CAs need other pods.
    podAnnotations: { "homelab/trusted-cas": createHash("sha256").update(text).digest("hex").slice(0, 16) },
  };
}

/** The ConfigMap's data: one file of PEM text. */
export function trustedCAsData(trustedCAs: readonly string[]): Record<string, string> {
  return { "trusted-cas.crt": trustedCAs.map((pem) => `${pem.trim()}\n`).join("") };
}
