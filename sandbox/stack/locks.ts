import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { statePaths } from "../paths";
import { UserError } from "../progress";

/** What Pulumi's file backend writes into a lock. */
interface StackLock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/**
 * Cancels the stack's locks whose pulumi has died; a killed one leaves its lock in the file backend for ever.
 *
 * @returns The process numbers of the dead holders.
 * @throws UserError that names the holder when it is alive and `refuseLive` is set.
 */
export function releaseStaleLocks(refuseLive: boolean): readonly number[] {
  const directory = join(statePaths().pulumiState, ".pulumi", "locks");
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => {
    const file = join(directory, name);
    const lock = readLock(file);
    if (lock === undefined || lock.hostname !== hostname()) return [];
    if (!isPulumi(lock)) {
      rmSync(file, { force: true });
      return [lock.pid];
    }
    if (!refuseLive) return [];
    throw new UserError(
      `pulumi is at work on this stack (process ${lock.pid}, since ${lock.timestamp}): wait for its end.`,
    );
  });
}

function readLock(file: string): StackLock | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StackLock;
  } catch {
    return undefined;
  }
}

/** The number may have gone to another process since: then it has another name. */
function isPulumi({ pid }: StackLock): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("pulumi");
  } catch {
    return false;
  }
}
