/** Objects as the Kubernetes API writes them, for what the operations read of them. Times are seconds since {@link NOW}. */
import type {
  CertificateObject,
  Cluster,
  EventObject,
  JobObject,
  NodeObject,
  PodObject,
  PoolObject,
  ServiceObject,
} from "../../operations/cluster-objects";

export const NOW = 1_800_000_000;
export const MINUTE = 60;
export const DAY = 24 * 60 * MINUTE;
export const VERSION = "v1.34.2+k3s1";

/** A time as the API writes it. */
export const at = (seconds: number): string => new Date(1000 * (NOW + seconds)).toISOString().replace(".000Z", "Z");

/** A cluster that knows nothing but what is given. */
export function cluster(more: Partial<Cluster> = {}): Cluster {
  const nothing = { pods: [], services: [], jobs: [], pools: [], certificates: [], revisions: [] };
  return { now: NOW, nodes: [], allocationFailures: [], unanswered: [], ...nothing, ...more };
}

export function node(name: string, conditions: Record<string, boolean> = { Ready: true }): NodeObject {
  const list = Object.entries(conditions).map(([type, is]) => ({ type, status: is ? "True" : "False" }));
  return { metadata: { name }, status: { nodeInfo: { kubeletVersion: VERSION }, conditions: list } };
}

export function pool(name: string, ...addresses: readonly string[]): PoolObject {
  return {
    kind: "IPAddressPool",
    metadata: { namespace: "metallb-system", name },
    spec: { addresses, avoidBuggyIPs: true },
  };
}

/** A Service of type LoadBalancer of an hour ago; without addresses it waits. */
export function service(fullName: string, addresses: readonly string[], ...ipFamilies: string[]): ServiceObject {
  const [namespace = "", name = ""] = fullName.split("/");
  return {
    kind: "Service",
    metadata: { namespace, name, uid: `uid-of-${name}`, creationTimestamp: at(-60 * MINUTE) },
    spec: { type: "LoadBalancer", ipFamilies: ipFamilies.length === 0 ? ["IPv4"] : ipFamilies },
    status: { loadBalancer: addresses.length === 0 ? {} : { ingress: addresses.map((ip) => ({ ip })) } },
  };
}

/** MetalLB's event about a Service. */
export function failure(name: string, reason: string, seconds: number): EventObject {
  return {
    metadata: { name: `${name}.17a` },
    involvedObject: { namespace: "default", name, uid: `uid-of-${name}` },
    message: `Failed to allocate IP for "default/${name}": ${reason}`,
    lastTimestamp: at(seconds),
    eventTime: null,
  };
}

/** A Certificate with a life of 90 days, of which that many are left. */
export function certificate(daysLeft: number, ready = true, message = "Certificate is up to date"): CertificateObject {
  const ends = daysLeft * DAY;
  return {
    kind: "Certificate",
    metadata: { namespace: "traefik", name: "default", creationTimestamp: at(-200 * DAY) },
    status: {
      conditions: [{ type: "Ready", status: ready ? "True" : "False", message }],
      notBefore: at(ends - 90 * DAY),
      notAfter: at(ends),
      renewalTime: at(ends - 30 * DAY),
    },
  };
}

/** A Job of the updater that ended. */
export function job(name: string, failed: boolean, seconds: number): JobObject {
  const condition = failed
    ? { type: "Failed", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" }
    : { type: "Complete" };
  return {
    kind: "Job",
    metadata: {
      namespace: "dns",
      name,
      ownerReferences: [{ kind: "CronJob", name: "public-dns", uid: "cron" }],
    },
    status: { conditions: [{ ...condition, status: "True", lastTransitionTime: at(seconds) }] },
  };
}

interface PodState {
  readonly ready: boolean;
  /** Since when, in seconds. @default an hour ago */
  readonly since?: number;
  /** @default pi1 */
  readonly node?: string;
  /** Kind and uid of its owner. @default a ReplicaSet with the pod's name */
  readonly owner?: readonly [kind: string, uid: string];
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly phase?: string;
}

export function pod(fullName: string, state: PodState): PodObject {
  const [namespace = "", name = ""] = fullName.split("/");
  const { ready, since = -60 * MINUTE, waiting, phase = "Running" } = state;
  const [kind, uid] = state.owner ?? ["ReplicaSet", name];
  return {
    kind: "Pod",
    metadata: { namespace, name, creationTimestamp: at(since), ownerReferences: [{ kind, name: uid, uid }] },
    spec: { nodeName: state.node ?? "pi1" },
    status: {
      phase,
      conditions: [
        {
          type: "Ready",
          status: ready ? "True" : "False",
          lastTransitionTime: at(since),
          ...(ready ? {} : { reason: "ContainersNotReady", message: "containers with unready status: [main]" }),
        },
      ],
      containerStatuses: [{ name: "main", state: waiting ? { waiting } : {} }],
    },
  };
}
