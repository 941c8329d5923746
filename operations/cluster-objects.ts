/** Objects of the Kubernetes API, reduced to what the operations read of them, and the answer of cluster.sh taken apart. */

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly creationTimestamp?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** A node as the Kubernetes API has it. */
export interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status: {
    readonly nodeInfo: { readonly kubeletVersion: string };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly message?: string };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState;
}

export interface PodObject {
  readonly kind: "Pod";
  readonly metadata: Metadata;
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ServiceObject {
  readonly kind: "Service";
  readonly metadata: Metadata;
  readonly spec?: { readonly type?: string; readonly ipFamilies?: readonly string[] };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

export interface JobObject {
  readonly kind: "Job";
  readonly metadata: Metadata;
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** https://metallb.io/apis/#metallb.io/v1beta1.IPAddressPool */
export interface PoolObject {
  readonly kind: "IPAddressPool";
  readonly metadata: Metadata;
  readonly spec: { readonly addresses: readonly string[]; readonly avoidBuggyIPs?: boolean };
}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateStatus */
export interface CertificateObject {
  readonly kind: "Certificate";
  readonly metadata: Metadata;
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly notBefore?: string;
    readonly notAfter?: string;
    readonly renewalTime?: string;
  };
}

/** An event; newer reporters set `eventTime` instead of `lastTimestamp`. */
export interface EventObject {
  readonly metadata: Metadata;
  readonly involvedObject: { readonly namespace?: string; readonly name: string; readonly uid?: string };
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** The Secret of one revision of a Helm release, without what is in it. */
export interface RevisionSecret {
  readonly namespace: string;
  readonly secret: string;
  /** Helm's own labels: name, version, status, createdAt, modifiedAt. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What the cluster's API knew at one moment; empty where it has no such kind. */
export interface Cluster {
  /** Seconds since 1970 on the server that was asked. */
  readonly now: number;
  readonly nodes: readonly NodeObject[];
  readonly pods: readonly PodObject[];
  readonly services: readonly ServiceObject[];
  readonly jobs: readonly JobObject[];
  readonly pools: readonly PoolObject[];
  readonly certificates: readonly CertificateObject[];
  /** MetalLB's events about Services that it has no address for. */
  readonly allocationFailures: readonly EventObject[];
  readonly revisions: readonly RevisionSecret[];
  /** Questions that were not answered, in words; what they would have told is empty. */
  readonly unanswered: readonly string[];
}

interface Answer {
  readonly now: number;
  readonly nodes: { readonly items: readonly NodeObject[] };
  readonly objects: { readonly items: readonly (Known | { readonly kind: string })[] } | null;
  readonly allocationFailures: { readonly items: readonly EventObject[] } | null;
  readonly releases: readonly { readonly namespace: string; readonly secret: string; readonly labels: string }[] | null;
}

type Known = PodObject | ServiceObject | JobObject | PoolObject | CertificateObject;

/** What can stay without an answer, in words. */
export const QUESTIONS = {
  objects: "pods, services, jobs, pools and certificates",
  allocationFailures: "events",
  releases: "Helm's releases",
} as const;

/**
 * Takes apart what cluster.sh printed.
 *
 * @throws SyntaxError if it is no JSON
 */
export function parseCluster(text: string): Cluster {
  const answer = JSON.parse(text) as Answer;
  const objects = answer.objects?.items ?? [];
  const ofKind = <Kind extends Known["kind"]>(kind: Kind): Extract<Known, { kind: Kind }>[] =>
    objects.filter((object): object is Extract<Known, { kind: Kind }> => object.kind === kind);
  return {
    now: answer.now,
    nodes: answer.nodes.items,
    pods: ofKind("Pod"),
    services: ofKind("Service"),
    jobs: ofKind("Job"),
    pools: ofKind("IPAddressPool"),
    certificates: ofKind("Certificate"),
    allocationFailures: answer.allocationFailures?.items ?? [],
    revisions: (answer.releases ?? []).map((revision) => ({ ...revision, labels: parseLabels(revision.labels) })),
    unanswered: (["objects", "allocationFailures", "releases"] as const)
      .filter((question) => answer[question] === null)
      .map((question) => QUESTIONS[question]),
  };
}

/** `name=metallb,owner=helm` as kubectl shows it. */
function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").map((label) => [label.slice(0, label.indexOf("=")), label.slice(label.indexOf("=") + 1)]),
  );
}

/** `namespace/name` */
export function fullName({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The condition of that type, if the object has it. */
export function conditionOf(
  object: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** Seconds since 1970 of a time as Kubernetes writes it; undefined if there is none. */
export function secondsOf(time: string | null | undefined): number | undefined {
  return time == null ? undefined : Date.parse(time) / 1000;
}
