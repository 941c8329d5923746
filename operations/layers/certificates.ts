/** What becomes of cert-manager's certificates. Pure. */
import { conditionOf, fullName, secondsOf, type CertificateObject, type Cluster } from "../cluster-objects";
import { lifeText } from "../duration";
import type { Finding } from "../finding";

/** One Certificate. */
export interface CertificateState {
  /** `namespace/name` */
  readonly name: string;
  readonly ready: boolean;
  /** Seconds until it ends, negative afterwards; undefined if it was never issued. */
  readonly secondsLeft?: number | undefined;
}

/** Every Certificate, the one that ends first first; those never issued lead. */
export function certificateStates({ certificates, now }: Cluster): CertificateState[] {
  return certificates
    .map((certificate) => {
      const ends = secondsOf(certificate.status?.notAfter);
      return {
        name: fullName(certificate.metadata),
        ready: conditionOf(certificate, "Ready")?.status === "True",
        secondsLeft: ends === undefined ? undefined : Math.floor(ends - now),
      };
    })
    .sort((one, other) => (one.secondsLeft ?? -Infinity) - (other.secondsLeft ?? -Infinity));
}

/** Certificates that have ended, were not issued, or should have been renewed long ago. */
export function certificateFindings({ certificates, now }: Cluster): Finding[] {
  return certificates.flatMap((certificate): Finding[] => {
    const ends = secondsOf(certificate.status?.notAfter);
    if (ends === undefined) return isNew(certificate, now) ? [] : [neverIssued(certificate)];
    const left = Math.floor(ends - now);
    if (left <= 0) {
      const what = `certificate ${fullName(certificate.metadata)} has ended ${lifeText(-left)} ago`;
      return [{ ...renewal(certificate), severity: "error", what, why: "browsers refuse what it is for" }];
    }
    if (now > renewalOf(certificate, ends) + slackOf(certificate, ends)) {
      const what = `certificate ${fullName(certificate.metadata)} ends in ${lifeText(left)} and was not renewed${reason(certificate)}`;
      return [
        { ...renewal(certificate), severity: "warning", what, why: "browsers refuse what it is for when it ends" },
      ];
    }
    if (conditionOf(certificate, "Ready")?.status === "True") return [];
    const what = `certificate ${fullName(certificate.metadata)} is not as it is asked for${reason(certificate)}`;
    return [{ ...issuance(certificate), severity: "warning", what, why: "its last issue goes on being served" }];
  });
}

function neverIssued(certificate: CertificateObject): Finding {
  return {
    ...issuance(certificate),
    severity: "error",
    what: `certificate ${fullName(certificate.metadata)} is not issued${reason(certificate)}`,
    why: "browsers refuse what it is for",
  };
}

type Remedied = Pick<Finding, "where" | "remedy">;

/** `pulumi up` waits for an issuance, so that it asks for one that has failed again. */
function issuance({ metadata }: CertificateObject): Remedied {
  return {
    where: "cluster",
    remedy: `${saysWhy(metadata.namespace)}; \`pulumi up\` asks for the default one again at once`,
  };
}

/** Nothing of the program waits for a renewal. */
function renewal({ metadata }: CertificateObject): Remedied {
  const again = 'cert-manager tries again within a day or two; at once: docs/network.md, "A renewal that fails"';
  return { where: "cluster", remedy: `${saysWhy(metadata.namespace)}; ${again}` };
}

function saysWhy(namespace = "default"): string {
  return `\`kubectl --namespace ${namespace} describe certificaterequests,orders,challenges\` says why`;
}

/** An issuance takes one to a few minutes. */
function isNew({ metadata }: CertificateObject, now: number): boolean {
  return now - (secondsOf(metadata.creationTimestamp) ?? 0) < 5 * 60;
}

/** cert-manager renews when it says so itself, which is by default when a third of the life is left. */
function renewalOf(certificate: CertificateObject, ends: number): number {
  return secondsOf(certificate.status?.renewalTime) ?? ends - lifeOf(certificate, ends) / 3;
}

/** Some failed attempts are nothing to be told of: a twelfth of the life, a week of Let's Encrypt's 90 days. */
function slackOf(certificate: CertificateObject, ends: number): number {
  return Math.max(5 * 60, lifeOf(certificate, ends) / 12);
}

function lifeOf({ status }: CertificateObject, ends: number): number {
  return ends - (secondsOf(status?.notBefore) ?? ends);
}

/** What failed last says more than that something is not there yet. */
function reason(certificate: CertificateObject): string {
  const issuing = conditionOf(certificate, "Issuing");
  const failed = issuing?.status === "False" ? issuing.message : undefined;
  const message = failed ?? conditionOf(certificate, "Ready")?.message ?? issuing?.message;
  return message === undefined ? "" : `: ${message.replaceAll(/\s+/g, " ").trim()}`;
}
