import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificatesConfig, ChartReference, Issuer } from "../../config/layers";
import { chartRelease } from "../charts/chart-release";
import type { Gatekeeper } from "../cluster/gate";
import { restrictedNamespace } from "../workload/namespace";
import {
  CERT_MANAGER_NAMESPACE,
  TRUSTED_CAS_CONFIG_MAP,
  certManagerValues,
  trustedCAsData,
} from "./cert-manager-values";
import { certManagerAvailability } from "./availability";
import { challengesSettled } from "./challenges-settled";
import { InternalCa } from "./internal-ca";
import { CLOUDFLARE_TOKEN_SECRET, acmeIssuerSpec, clusterIssuer, internalIssuerSpec } from "./issuers";

export interface CertificatesArgs {
  readonly settings: CertificatesConfig;
  readonly domain: string;
  readonly chart: ChartReference;
  /** PEM certificates that cert-manager trusts besides the public ones. */
  readonly trustedCAs: readonly string[];
  /** Needed for an ACME issuer, and tried already. A secret. */
  readonly cloudflareApiToken?: pulumi.Input<string> | undefined;
  /** The server that waits for challenges to end when all of this goes. */
  readonly gatekeeper: Gatekeeper;
}

/**
 * cert-manager and who signs: the chosen ACME issuer and the home's own CA. https://cert-manager.io/docs/
 *
 * The other ACME issuer is not made: it would register an account that nobody uses. When all children are there, a
 * Certificate, or the annotation `cert-manager.io/cluster-issuer` of an Ingress, is enough.
 */
export class Certificates extends pulumi.ComponentResource {
  /** Name of the ClusterIssuer that the configuration chose. */
  readonly clusterIssuer: Issuer;
  /** Certificate of the internal CA, PEM. */
  readonly internalCaCertificate: pulumi.Output<string>;

  constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:certificates:Certificates", name, {}, opts);
    const { settings, domain, chart, trustedCAs, gatekeeper } = args;
    const inside = { parent: this };
    const acme = settings.issuer === "internal" ? undefined : { issuer: settings.issuer, token: tokenOf(args) };

    const namespace = restrictedNamespace(CERT_MANAGER_NAMESPACE, inside);
    const inNamespace = { ...inside, dependsOn: [namespace] };

    const trust = trustedCAs.length > 0 && trustedCAsConfigMap(name, trustedCAs, inNamespace);
    const availability = certManagerAvailability(name, inNamespace);
    const certManager = chartRelease(
      "cert-manager",
      {
        chart: "cert-manager",
        reference: chart,
        namespace: CERT_MANAGER_NAMESPACE,
        values: certManagerValues({
          version: chart.version,
          recursiveNameservers: settings.recursiveNameservers,
          trustedCAs,
        }),
        timeoutSeconds: 600,
      },
      { ...inside, dependsOn: [namespace, ...availability, ...(trust ? [trust] : [])] },
    );

    const internal = new InternalCa(`${name}-internal-ca`, { domain }, inNamespace);
    const issuers = [
      clusterIssuer(name, "internal", internalIssuerSpec(), { ...inside, dependsOn: [certManager, internal] }),
    ];
    if (acme) {
      const token = tokenSecret(name, acme.token, inNamespace);
      const spec = acmeIssuerSpec(acme.issuer, settings, domain);
      issuers.push(clusterIssuer(name, acme.issuer, spec, { ...inside, dependsOn: [certManager, token] }));
    }
    challengesSettled({ domain, gatekeeper }, { ...inside, dependsOn: issuers });

    this.clusterIssuer = settings.issuer;
    this.internalCaCertificate = internal.certificate;
    this.registerOutputs({});
  }
}

function tokenOf({ settings, cloudflareApiToken }: CertificatesArgs): pulumi.Input<string> {
  if (cloudflareApiToken === undefined) {
    throw new Error(`certificates.issuer ${settings.issuer} needs the secret homelab:cloudflareApiToken`);
  }
  return cloudflareApiToken;
}

function trustedCAsConfigMap(
  name: string,
  trustedCAs: readonly string[],
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
  return new k8s.core.v1.ConfigMap(
    `${name}-trusted-cas`,
    {
      metadata: { name: TRUSTED_CAS_CONFIG_MAP, namespace: CERT_MANAGER_NAMESPACE },
      data: trustedCAsData(trustedCAs),
    },
    opts,
  );
}

function tokenSecret(
  name: string,
  token: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    `${name}-cloudflare`,
    {
      metadata: { name: CLOUDFLARE_TOKEN_SECRET.name, namespace: CERT_MANAGER_NAMESPACE },
      stringData: { [CLOUDFLARE_TOKEN_SECRET.key]: token },
    },
    opts,
  );
}
