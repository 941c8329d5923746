import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Issuer } from "../../config/layers";
import { CLOUDFLARE_TOKEN_NAME } from "../cloudflare/preflight";
import { type Gatekeeper, gate } from "../cluster/gate";
import { type Parameter, shellFile } from "../script/script";

export interface DefaultCertificateArgs {
  readonly domain: string;
  /** The ingress's namespace, which exists already. */
  readonly namespace: string;
  /** Name of the Secret, in that namespace, that the ingress serves for every host name without one of its own. */
  readonly secretName: string;
  /** Name of the ClusterIssuer. */
  readonly clusterIssuer: Issuer;
  /** How long the certificate may take. */
  readonly issuanceTimeoutSeconds: number;
  /** The server that waits for the certificate. */
  readonly gatekeeper: Gatekeeper;
}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec */
interface CertificateSpec {
  readonly secretName: string;
  readonly dnsNames: readonly string[];
  readonly issuerRef: { readonly group: "cert-manager.io"; readonly kind: "ClusterIssuer"; readonly name: string };
  readonly privateKey: { readonly algorithm: "ECDSA"; readonly size: 256; readonly rotationPolicy: "Always" };
  readonly revisionHistoryLimit: number;
}

/** Name of the Certificate in the cluster. */
export const CERTIFICATE = "default";

/** The domain and all names directly below it, by one certificate that renews itself; done when it is issued. */
export class DefaultCertificate extends pulumi.ComponentResource {
  constructor(name: string, args: DefaultCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:certificates:DefaultCertificate", name, {}, opts);
    const certificate = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: {
          name: CERTIFICATE,
          namespace: args.namespace,
          labels: { "app.kubernetes.io/part-of": "homelab" },
        },
        spec: certificateSpec(args),
      },
      { parent: this },
    );
    gate(
      `${name}-ready`,
      {
        gatekeeper: args.gatekeeper,
        files: CERTIFICATE_READY_FILES,
        parameters: certificateReadyParameters(args),
        timeoutSeconds: args.issuanceTimeoutSeconds + 120,
      },
      { parent: this, dependsOn: [certificate] },
    );
    this.registerOutputs({});
  }
}

/**
 * The wildcard with the apex. No duration: an ACME server decides it, and cert-manager renews when two thirds of what it
 * got are over.
 */
export function certificateSpec({
  domain,
  clusterIssuer,
  secretName,
}: Pick<DefaultCertificateArgs, "domain" | "clusterIssuer" | "secretName">): CertificateSpec {
  return {
    secretName,
    dnsNames: dnsNames(domain),
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: clusterIssuer },
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    revisionHistoryLimit: 3,
  };
}

/** The shell files of the gate. */
export const CERTIFICATE_READY_FILES = ["certificate-reason.sh", "certificate-ready.sh"].map((file) =>
  shellFile(__dirname, file),
);

/** The gate's parameters: names and issuer are among them, so that it waits again when they change. */
export function certificateReadyParameters(
  args: Omit<DefaultCertificateArgs, "gatekeeper" | "secretName">,
): Readonly<Record<string, Parameter>> {
  return {
    namespace: args.namespace,
    certificate: CERTIFICATE,
    domain: args.domain,
    dns_names: dnsNames(args.domain),
    issuer: args.clusterIssuer,
    token_name: CLOUDFLARE_TOKEN_NAME,
    timeout_seconds: args.issuanceTimeoutSeconds,
    stale_seconds: 20,
    pause_seconds: 2,
  };
}

function dnsNames(domain: string): string[] {
  return [domain, `*.${domain}`];
}
