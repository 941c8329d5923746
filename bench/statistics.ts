/** What is said of a list of measured values. */
export interface Summary {
  readonly count: number;
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** The value in the middle; of an even number of values the mean of the two in the middle. @throws Error without values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (lower === undefined || upper === undefined) throw new Error("nothing was measured, so there is no median");
  return (lower + upper) / 2;
}

/** @throws Error without values */
export function summarise(values: readonly number[]): Summary {
  const middle = median(values);
  return { count: values.length, minimum: Math.min(...values), median: middle, maximum: Math.max(...values) };
}

/**
 * How many times as much the first is as the second, by their medians: one outlier on a shared machine says nothing.
 *
 * @throws Error if one of them has no values, or the second is nothing
 */
export function ratio(values: readonly number[], reference: readonly number[]): number {
  const divisor = median(reference);
  if (divisor <= 0) throw new Error(`nothing can be compared with ${divisor}`);
  return median(values) / divisor;
}
