/** What `doctor` concludes from when certificates end. */
import { X509Certificate } from "node:crypto";
import { RENEWAL_UNIT } from "../components/cluster/certificate-renewal";
import { k3sService } from "../components/cluster/units";
import { lifeText } from "./duration";
import type { Finding, Limit } from "./finding";
import type { NodeStatus } from "./status-report";

const DAY = 24 * 60 * 60;

/** Days. Each node renews its certificates from 60 days before their end on, so that fewer are a renewal that did not work. */
const CERTIFICATE: Limit = { warning: 50, error: 14 };

/** Days. The kubeconfig's certificate is renewed by hand. */
const KUBECONFIG: Limit = { warning: 60, error: 14 };

/** What is wrong with the certificates of a node. */
export function certificateFindings({ name, role, certificate }: NodeStatus): Finding[] {
  if (certificate === undefined) return [];
  const { file, secondsLeft } = certificate;
  return ending(secondsLeft, CERTIFICATE, {
    where: name,
    what: file,
    why: "the node drops out of the cluster when it does",
    remedy: `\`journalctl -u ${RENEWAL_UNIT}\` on it says why it was not renewed; by hand: drain the node, \`sudo systemctl restart ${k3sService(role)}\`, uncordon it`,
  });
}

/**
 * What is wrong with the administrator's certificate in a kubeconfig, of which `now` is the time in seconds since 1970.
 * A text without one has no findings.
 */
export function kubeconfigFindings(kubeconfig: string | undefined, now: number): Finding[] {
  const data = /^ *client-certificate-data: *(\S+)/m.exec(kubeconfig ?? "")?.[1];
  if (data === undefined) return [];
  const { validTo } = new X509Certificate(Buffer.from(data, "base64"));
  return ending(Date.parse(validTo) / 1000 - now, KUBECONFIG, {
    where: "cluster",
    what: "the certificate in the stack's kubeconfig",
    why: "kubectl and `pulumi up` are refused when it does",
    remedy: KUBECONFIG_REMEDY,
  });
}

const KUBECONFIG_REMEDY =
  "`pulumi up --replace URN`, the URN from `pulumi stack --show-urns | grep 'kubeconfig$'`, then `npm run homelab -- kubeconfig`: docs/operations.md, Once a year";

function ending(secondsLeft: number, limit: Limit, { what, ...rest }: Omit<Finding, "severity">): Finding[] {
  if (secondsLeft >= limit.warning * DAY) return [];
  const severity = secondsLeft < limit.error * DAY ? "error" : "warning";
  return [{ severity, what: `${what} ${secondsLeft > 0 ? `ends in ${lifeText(secondsLeft)}` : "has ended"}`, ...rest }];
}
