/** ClusterIssuers: who signs the certificates. https://cert-manager.io/docs/configuration/ */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { CertificatesConfig, Issuer } from "../../config/layers";

/** Secret with Cloudflare's token, in cert-manager's namespace. */
export const CLOUDFLARE_TOKEN_SECRET = { name: "cloudflare-api-token", key: "api-token" } as const;

/** Secret with the internal CA's key and certificate, in cert-manager's namespace. */
export const INTERNAL_CA_SECRET = "internal-ca";

/** Issuers that ask an ACME server. */
export type AcmeIssuer = Exclude<Issuer, "internal">;

/** https://letsencrypt.org/docs/acme-protocol-updates/, https://letsencrypt.org/docs/staging-environment/ */
const DIRECTORIES: Readonly<Record<AcmeIssuer, string>> = {
  production: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
};

/** The fields that we set. https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.IssuerSpec */
interface ClusterIssuerSpec {
  readonly ca?: { readonly secretName: string };
  readonly acme?: {
    readonly server: string;
    readonly email: string;
    /** PEM text in base64. */
    readonly caBundle?: string;
    readonly privateKeySecretRef: { readonly name: string };
    readonly solvers: readonly Solver[];
  };
}

interface Solver {
  readonly selector: { readonly dnsZones: readonly string[] };
  readonly dns01: {
    readonly cloudflare: { readonly apiTokenSecretRef: { readonly name: string; readonly key: string } };
  };
}

/** Let's Encrypt, or the ACME server of the configuration, by DNS-01 at Cloudflare for the domain and all names below it. */
export function acmeIssuerSpec(issuer: AcmeIssuer, settings: CertificatesConfig, domain: string): ClusterIssuerSpec {
  const { email, acme } = settings;
  if (email === undefined) throw new Error(`certificates.issuer ${issuer} needs certificates.email`);
  return {
    acme: {
      server: acme.server ?? DIRECTORIES[issuer],
      email,
      ...(acme.caBundle !== undefined && { caBundle: Buffer.from(acme.caBundle).toString("base64") }),
      // An account of its own for each: a server knows nothing of another one's.
      privateKeySecretRef: { name: `acme-account-${issuer}` },
      solvers: [
        {
          selector: { dnsZones: [domain] },
          dns01: { cloudflare: { apiTokenSecretRef: CLOUDFLARE_TOKEN_SECRET } },
        },
      ],
    },
  };
}

/** The home's own CA. */
export function internalIssuerSpec(): ClusterIssuerSpec {
  return { ca: { secretName: INTERNAL_CA_SECRET } };
}

/** A ClusterIssuer, under the same name in the cluster and, after `prefix`, in Pulumi. */
export function clusterIssuer(
  prefix: string,
  issuer: Issuer,
  spec: ClusterIssuerSpec,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    `${prefix}-${issuer}`,
    { apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: { name: issuer }, spec },
    opts,
  );
}
