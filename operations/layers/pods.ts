/** Pods of the layers that do not get ready. Pure. */
import { CERT_MANAGER_NAMESPACE } from "../../components/certificates/cert-manager-values";
import { METALLB_NAMESPACE } from "../../components/network/metallb-values";
import { TRAEFIK } from "../../components/network/traefik-values";
import { conditionOf, fullName, secondsOf, type Cluster, type PodObject } from "../cluster-objects";
import { lifeText } from "../duration";
import type { Finding } from "../finding";

/** What this program installs, and the cluster's own; other workloads are their owners' business. */
const NAMESPACES = [METALLB_NAMESPACE, TRAEFIK, CERT_MANAGER_NAMESPACE, "dns", "apps", "kube-system"];

/** Seconds that a pod may take to get ready. */
const PATIENCE_SECONDS = 120;

/** Reasons to wait that no patience mends. */
const IMAGE_TROUBLE = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
];

/** One for each pod that is not ready for some minutes or has no image; pods of nodes that are down are not told again. */
export function podFindings(cluster: Cluster): Finding[] {
  const down = new Set(
    cluster.nodes
      .filter(({ status }) => !status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"))
      .map(({ metadata }) => metadata.name),
  );
  const own = cluster.pods.filter(({ metadata }) => NAMESPACES.includes(metadata.namespace ?? ""));
  return own.filter((pod) => !down.has(pod.spec?.nodeName ?? "")).flatMap((pod) => findingsOf(pod, own, cluster.now));
}

function findingsOf(pod: PodObject, all: readonly PodObject[], now: number): Finding[] {
  const { metadata, status } = pod;
  // A pod that ended in failure, by an eviction or a shutdown, is not started again: its replacement is looked at instead.
  if (status?.phase === "Succeeded" || status?.phase === "Failed" || isReady(pod)) return [];
  const cause = causeOf(pod);
  const seconds = Math.floor(now - since(pod));
  const ofJob = metadata.ownerReferences?.some(({ kind }) => kind === "Job") ?? false;
  if (!cause.image && (ofJob || seconds < PATIENCE_SECONDS)) return [];
  const sibling = all.some(
    (other) => isReady(other) && workloadOf(other) !== undefined && workloadOf(other) === workloadOf(pod),
  );
  const node = pod.spec?.nodeName === undefined ? "" : ` on ${pod.spec.nodeName}`;
  return [
    {
      severity: sibling ? "warning" : "error",
      where: "cluster",
      what: `pod ${fullName(metadata)}${node} is not ready for ${lifeText(seconds)}: ${cause.text}`,
      why: sibling ? "the others of its kind do its work" : "nothing else of its kind is ready",
      remedy: cause.image
        ? "see that the registry, or its mirror in homelab:artifacts, is reached from the host and has the image"
        : `\`kubectl --namespace ${metadata.namespace} describe pod ${metadata.name}\` and \`logs\` say more`,
    },
  ];
}

interface Cause {
  readonly text: string;
  /** Whether there is no image. */
  readonly image: boolean;
}

function causeOf(pod: PodObject): Cause {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ name, state }) =>
    state?.waiting?.reason === undefined || state.waiting.reason === "PodInitializing"
      ? []
      : { name, ...state.waiting },
  );
  const trouble = waiting.find(({ reason = "" }) => IMAGE_TROUBLE.includes(reason)) ?? waiting[0];
  if (trouble !== undefined) {
    const { name, reason = "", message } = trouble;
    return {
      text: `${name} ${reason}${message === undefined ? "" : `, ${message.replaceAll(/\s+/g, " ")}`}`,
      image: IMAGE_TROUBLE.includes(reason),
    };
  }
  const condition = ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
    .map((type) => conditionOf(pod, type))
    .find((found) => found?.status === "False");
  return { text: condition?.message ?? condition?.reason ?? pod.status?.phase ?? "no state yet", image: false };
}

function isReady(pod: PodObject): boolean {
  return conditionOf(pod, "Ready")?.status === "True";
}

/** Seconds since 1970 from which on it is not ready. */
function since(pod: PodObject): number {
  const { lastTransitionTime } = conditionOf(pod, "Ready") ?? {};
  return secondsOf(lastTransitionTime ?? pod.metadata.creationTimestamp) ?? 0;
}

/** Whose pod it is. A Deployment has a ReplicaSet for each of its versions, named after it. */
function workloadOf({ metadata }: PodObject): string | undefined {
  const [owner] = metadata.ownerReferences ?? [];
  if (owner === undefined) return undefined;
  const name = owner.kind === "ReplicaSet" ? owner.name.replace(/-[^-]+$/, "") : owner.name;
  return `${owner.kind} ${fullName({ ...metadata, name })}`;
}
