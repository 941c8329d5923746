import * as os from "node:os";
import { tryRun } from "../sandbox/process";

/** What the figures were measured on. */
export interface Machine {
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryMiB: number;
  readonly kernel: string;
  readonly node: string;
}

export function machine(): Machine {
  const cpus = os.cpus();
  return {
    cpus: cpus.length,
    cpuModel: cpus[0]?.model ?? "unknown",
    memoryMiB: Math.round(os.totalmem() / 1048576),
    kernel: os.release(),
    node: process.version,
  };
}

/** The commit that is measured, with `-dirty` behind it if the tree holds something else. */
export async function commit(): Promise<string> {
  const { stdout } = await tryRun("git", ["describe", "--always", "--dirty"]);
  return stdout.trim() || "unknown";
}
