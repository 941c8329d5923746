/** What the load generator asks, and what it writes down. */

/** Nothing that takes longer counts as an answer, in milliseconds. */
export const LIMIT_MS = 5000;
/** A person would call it a failure before that: what takes longer is counted apart, in milliseconds. */
export const PATIENCE_MS = 1000;

interface Asked {
  /** Under which its outcomes are found. */
  readonly name: string;
  /** Address that is asked; no name server is needed on the way. */
  readonly address: string;
  readonly perSecond: number;
}

/** A site that answers with this status over a connection whose chain ends in the given root. */
export interface HttpsTarget extends Asked {
  readonly kind: "https";
  /** The site's name. */
  readonly host: string;
  /** @default 443 */
  readonly port?: number;
  /** @default "/" */
  readonly path?: string;
  readonly status: number;
  /**
   * `accepted` where nodes lose power: the sandbox's certificates live for minutes, less than it takes Kubernetes to give
   * up and replace a controller that was on such a node; at home they live for months. @default an expired one fails
   */
  readonly expired?: "accepted";
}

/** A name server that has this address among its answers for a name. */
export interface DnsTarget extends Asked {
  readonly kind: "dns";
  /** The name in the question. */
  readonly host: string;
  readonly answer: string;
}

/** Anything that answers with status 200 over plain HTTP, for example a service at a node's port. */
export interface HttpTarget extends Asked {
  readonly kind: "http";
  readonly port: number;
}

/** The Kubernetes API, asked as the administrator for one object, or told to change it: then etcd's members have to agree. */
export interface ApiTarget extends Asked {
  readonly kind: "api";
  readonly verb: "read" | "write";
}

/** The ConfigMap in the namespace `default` that an {@link ApiTarget} reads and writes. It must be there. */
export const API_OBJECT = "pulse";

export type Target = HttpsTarget | DnsTarget | HttpTarget | ApiTarget;

/** One request and what became of it. */
export interface Outcome {
  readonly target: string;
  /** When it was sent, milliseconds since 1970, and how long it took, in milliseconds. */
  readonly at: number;
  readonly took: number;
  /** Whether the answer was the right one. */
  readonly ok: boolean;
  readonly detail: string;
  /** Serial number of the certificate that was shown. */
  readonly serial?: string | undefined;
}
