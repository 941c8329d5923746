import * as fs from "node:fs";

const INTERVAL_MS = 100;

/** Watches the memory of the Node process that runs a Pulumi program, somewhere below a process. */
export class LanguageHostWatch {
  private readonly timer: NodeJS.Timeout;
  private host: number | undefined;
  private peakMB = 0;

  constructor(root: number | undefined) {
    this.timer = setInterval(() => {
      this.host ??= root === undefined ? undefined : descendants(root).find(isLanguageHost);
      // The kernel keeps the peak, so that nothing between two looks is missed but the process's last moments.
      if (this.host !== undefined) this.peakMB = Math.max(this.peakMB, peakMegabytes(read(this.host, "status")));
    }, INTERVAL_MS);
  }

  /** Ends it; returns the peak in megabytes (10^6 bytes), undefined if there was no such process. */
  stop(): number | undefined {
    clearInterval(this.timer);
    return this.peakMB === 0 ? undefined : this.peakMB;
  }
}

/** The greatest resident memory that the text of /proc/PID/status tells, in megabytes; 0 if it tells none. */
export function peakMegabytes(status: string): number {
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}

function isLanguageHost(pid: number): boolean {
  return /\/@pulumi\/pulumi\/cmd\/run(\/index\.js)?\0/.test(read(pid, "cmdline"));
}

function descendants(pid: number): number[] {
  // Each thread has children of its own, and a Go program starts them from any.
  const children = threads(pid).flatMap((thread) =>
    read(pid, `task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function threads(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function read(pid: number, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
