import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { CERT_MANAGER_NAMESPACE } from "./cert-manager-values";
import { INTERNAL_CA_SECRET } from "./issuers";

export interface InternalCaArgs {
  /** The home's domain, which the CA is named after. */
  readonly domain: string;
}

/** Ten years and, so that nobody wakes up to an expired CA, a new one in the first `pulumi up` of the last year. */
const VALIDITY_HOURS = 10 * 365 * 24;
const EARLY_RENEWAL_HOURS = 365 * 24;

/** A CA of the home's own, in Pulumi's state (the key as a secret) and in the Secret that the issuer `internal` signs with. */
export class InternalCa extends pulumi.ComponentResource {
  /** The CA's certificate, PEM: what devices of the home have to trust. */
  readonly certificate: pulumi.Output<string>;

  constructor(name: string, { domain }: InternalCaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:certificates:InternalCa", name, {}, opts);
    const inside = { parent: this };
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, inside);
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `${domain} internal CA`, organization: domain },
        isCaCertificate: true,
        setSubjectKeyId: true,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        validityPeriodHours: VALIDITY_HOURS,
        earlyRenewalHours: EARLY_RENEWAL_HOURS,
      },
      inside,
    );
    new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: INTERNAL_CA_SECRET, namespace: CERT_MANAGER_NAMESPACE },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificate.certPem, "tls.key": key.privateKeyPem },
      },
      inside,
    );
    this.certificate = certificate.certPem;
    this.registerOutputs({});
  }
}
