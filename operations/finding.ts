/** An error is a loss now or soon; a warning can wait for daylight. */
export type Severity = "error" | "warning";

/** One thing that is not as it should be. */
export interface Finding {
  readonly severity: Severity;
  /** Name of the host, or `cluster`. */
  readonly where: string;
  readonly what: string;
  /** Why it matters: what it leads to. */
  readonly why: string;
  readonly remedy: string;
}

/** From where on a value is a warning and an error: above for what grows, below for what runs out. */
export interface Limit {
  readonly warning: number;
  readonly error: number;
}
