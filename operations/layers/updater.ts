/** Whether the Jobs of the public DNS updater end well. Pure. */
import { PUBLIC_DNS } from "../../components/dns/names";
import { conditionOf, secondsOf, type Cluster, type Condition, type JobObject } from "../cluster-objects";
import { lifeText } from "../duration";
import type { Finding } from "../finding";

/** Namespace of the updater, and the name of its CronJob and of the label of what is made for it. */
const NAMESPACE = "dns";

/** A Job a minute: that some of them fail, because a source is slow or a node died, is daily life. */
const PATIENCE_SECONDS = 5 * 60;

/** The updater's Jobs, of those that Kubernetes keeps. */
export function updates({ jobs }: Cluster): JobObject[] {
  return jobs.filter(
    ({ metadata }) => metadata.namespace === NAMESPACE && isOf(metadata.ownerReferences, "CronJob", PUBLIC_DNS),
  );
}

/** At most one: the last Jobs failed, or there are no more. It is an error if none has succeeded for some minutes. */
export function updaterFindings(cluster: Cluster): Finding[] {
  const ended = updates(cluster)
    .flatMap((job) => endOf(job) ?? [])
    .sort((one, other) => other.at - one.at);
  const [last] = ended;
  if (last === undefined) return [];
  const age = cluster.now - last.at;
  if (!last.failed && age > PATIENCE_SECONDS) return [stopped(age)];
  if (!last.failed) return [];
  const success = ended.find(({ failed }) => !failed)?.at;
  const since =
    success === undefined
      ? "none of those kept succeeded"
      : `the last success was ${lifeText(cluster.now - success)} ago`;
  const lasts = success === undefined ? ended.length > 1 : cluster.now - success > PATIENCE_SECONDS;
  return [
    {
      severity: lasts ? "error" : "warning",
      where: "cluster",
      what: `public DNS: the last update failed (${causeOf(last, cluster)}); ${since}`,
      why: "records do not follow the home's public address",
      remedy: `\`kubectl --namespace ${NAMESPACE} logs job/${last.name}\` says why, line by line`,
    },
  ];
}

function stopped(age: number): Finding {
  return {
    severity: "error",
    where: "cluster",
    what: `public DNS: no update since ${lifeText(age)}`,
    why: "records do not follow the home's public address",
    remedy: `\`kubectl --namespace ${NAMESPACE} describe cronjob ${PUBLIC_DNS}\` says why, or that somebody has suspended it`,
  };
}

interface End {
  readonly name: string;
  readonly failed: boolean;
  /** Seconds since 1970. */
  readonly at: number;
  readonly condition: Condition;
}

function endOf(job: JobObject): End | undefined {
  const failure = conditionOf(job, "Failed");
  const condition = failure?.status === "True" ? failure : conditionOf(job, "Complete");
  if (condition?.status !== "True") return undefined;
  const at = secondsOf(condition.lastTransitionTime) ?? 0;
  return { name: job.metadata.name, failed: condition === failure, at, condition };
}

/** The pod's last words if they were kept, else why Kubernetes ended the Job. */
function causeOf({ name, condition }: End, { pods }: Cluster): string {
  const words = pods
    .filter(({ metadata }) => metadata.namespace === NAMESPACE && isOf(metadata.ownerReferences, "Job", name))
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .flatMap(({ state }) => state?.terminated?.message?.trim().split("\n") ?? []);
  const errors = words.filter((line) => line.startsWith("ERROR"));
  return (
    errors.at(-1)?.replace(/^ERROR /, "") ?? words.at(-1) ?? condition.message ?? condition.reason ?? "no reason given"
  );
}

function isOf(
  owners: readonly { readonly kind: string; readonly name: string }[] | undefined,
  kind: string,
  name: string,
): boolean {
  return owners?.some((owner) => owner.kind === kind && owner.name === name) ?? false;
}
