import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDirectory, statePaths } from "../paths";
import { UserError } from "../progress";
import { isAlive, recordOf, type ProcessRecord } from "./records";

/** Who changes the sandbox at the moment. */
interface LockHolder extends ProcessRecord {
  readonly command: string;
}

/**
 * Runs `body` while no other command changes this sandbox. The lock of a process that has died counts for nothing.
 *
 * @throws UserError that names the holder when another command is at work.
 */
export async function withLock<T>(command: string, body: () => Promise<T>): Promise<T> {
  const path = statePaths().lock;
  ensureDirectory(statePaths().root);
  const own: LockHolder = { ...currentRecord(), command };
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(own), { mode: 0o600 });
  try {
    while (!tryLink(partial, path)) {
      const holder = lockHolder();
      if (holder !== undefined) {
        throw new UserError(
          `npm run sandbox -- ${holder.command} is at work (process ${holder.pid}): wait for its end.`,
        );
      }
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(partial, { force: true });
  }
  try {
    return await body();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Ends the command that holds the lock, so that `down` works at any time: SIGTERM, after five seconds SIGKILL. */
export async function endLockHolder(): Promise<void> {
  const holder = lockHolder();
  if (holder === undefined || holder.pid === process.pid) return;
  process.kill(holder.pid, "SIGTERM");
  for (let attempt = 0; attempt < 50 && isAlive(holder); attempt++) await sleep(100);
  if (isAlive(holder)) process.kill(holder.pid, "SIGKILL");
  rmSync(statePaths().lock, { force: true });
}

function lockHolder(): LockHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(statePaths().lock, "utf8")) as LockHolder;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** A link appears with its whole content or not at all. */
function tryLink(file: string, path: string): boolean {
  try {
    linkSync(file, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function currentRecord(): ProcessRecord {
  const record = recordOf();
  if (record === undefined) throw new Error("/proc does not show this process: is it mounted?");
  return record;
}
