import { readFileSync } from "node:fs";

/** A process that can be told from a later one with the same number. */
export interface ProcessRecord {
  readonly pid: number;
  /** Start time in clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

/** The record of a process; undefined when there is none with that number. Default: this process. */
export function recordOf(pid: number = process.pid): ProcessRecord | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name comes second and may hold spaces and parentheses: count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const startTime = fields[19];
    return startTime === undefined || fields[0] === "Z" ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

/** True while the recorded process itself, and not another one that got its number, is alive. */
export function isAlive(record: ProcessRecord): boolean {
  return recordOf(record.pid)?.startTime === record.startTime;
}
