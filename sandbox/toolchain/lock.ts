import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Runs a function while this process alone holds a lock file.
 *
 * The kernel's lock is held by a `flock` child that lives as long as its standard input is open: however this process
 * ends, the lock goes with it, so that none is ever left over.
 *
 * @param path The lock file; made with its folder if it is missing, never removed.
 */
export async function withLock<T>(path: string, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => resolve());
    holder.once("error", reject);
    holder.once("close", (code) => reject(new Error(`the lock ${path} could not be taken: flock ended with ${code}`)));
  });
  try {
    return await body();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
