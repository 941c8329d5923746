/** Dialling with repetition. Follows dialWithRetry of pulumi-command and the Pulumi SDK's retry.Until. */
import { setTimeout as sleep } from "node:timers/promises";
import { Operation } from "../operation";

const FIRST_DELAY_MILLISECONDS = 100;
const BACKOFF = 1.5;
const LONGEST_DELAY_MILLISECONDS = 5000;

/**
 * Repeats `dial` until it succeeds, its errors exceed the limit, or the operation is aborted.
 * @param what begins the status messages: `Dial 1/10 failed: retrying`.
 * @param limit errors that are forgiven: with 10, the eleventh is final. -1 (or less) forgives all.
 */
export async function dialWithRetry<T>(
  what: string,
  limit: number,
  operation: Operation,
  dial: () => Promise<T>,
): Promise<T> {
  let delay = FIRST_DELAY_MILLISECONDS;
  for (let failures = 1; ; failures++) {
    try {
      return await dial();
    } catch (error) {
      if (limit > -1 && failures > limit) {
        throw new Error(`after ${failures - 1} failed attempts: ${(error as Error).message}`);
      }
    }
    await operation.log("info", `${what} ${failures}/${limit === -1 ? "inf" : limit} failed: retrying`, true);
    await sleep(delay, undefined, { signal: operation.signal }).catch(() => undefined);
    if (operation.signal.aborted) {
      throw operation.signal.reason as Error;
    }
    delay = Math.min(delay * BACKOFF, LONGEST_DELAY_MILLISECONDS);
  }
}
