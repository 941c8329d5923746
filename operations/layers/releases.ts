/** Helm releases that a killed `pulumi up` or a failure left behind. Pure. */
import type { Cluster, RevisionSecret } from "../cluster-objects";
import { lifeText } from "../duration";
import type { Finding } from "../finding";

/** The longest a healthy `pulumi up` holds a release: the limit of its chart, and some. */
const HELD_SECONDS = 10 * 60;

/** Only a release's newest revision tells how it is: Helm keeps the failed ones before it, too. */
export function releaseFindings({ revisions, now }: Cluster): Finding[] {
  const newest = new Map<string, RevisionSecret>();
  for (const revision of revisions) {
    const release = `${revision.namespace}/${revision.labels["name"]}`;
    const other = newest.get(release);
    if (other === undefined || versionOf(revision) > versionOf(other)) newest.set(release, revision);
  }
  return [...newest].flatMap(([release, revision]) => findingsOf(release, revision, now));
}

function findingsOf(release: string, revision: RevisionSecret, now: number): Finding[] {
  const { namespace, secret, labels } = revision;
  const status = labels["status"] ?? "";
  if (status.startsWith("pending-")) {
    const seconds = Math.max(0, now - Number(labels["modifiedAt"] ?? labels["createdAt"] ?? 0));
    return [
      {
        severity: seconds > HELD_SECONDS ? "error" : "warning",
        where: "cluster",
        what: `Helm release ${release} is ${status} for ${lifeText(seconds)}`,
        why: "a `pulumi up` works on it; if it was killed, the next one fails with `another operation is in progress` or `cannot re-use a name`",
        remedy: `if no \`pulumi up\` is running: \`kubectl --namespace ${namespace} delete secret ${secret}\`, then \`pulumi up\``,
      },
    ];
  }
  if (status !== "failed") return [];
  return [
    {
      severity: "warning",
      where: "cluster",
      what: `Helm release ${release} failed at revision ${versionOf(revision)}`,
      why: "what it installs is half old, half new",
      remedy: "`pulumi up` upgrades it in place",
    },
  ];
}

function versionOf({ labels }: RevisionSecret): number {
  return Number(labels["version"]);
}
