import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sandboxId } from "../paths";

/** One mounted tree of control groups. */
interface Hierarchy {
  readonly mountPoint: string;
  readonly unified: boolean;
}

/** The mounted hierarchies: several on a v1 or hybrid machine, one on a machine with cgroup v2 only. */
function hierarchies(): readonly Hierarchy[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [left, right] = line.split(" - ");
      const mountPoint = left?.split(" ")[4];
      const type = right?.split(" ")[0];
      if (mountPoint === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
      return [{ mountPoint, unified: type === "cgroup2" }];
    });
}

/** True when the machine offers any kind of cgroups. */
export function haveCgroups(): boolean {
  return hierarchies().length > 0;
}

/**
 * Directories of one group of this sandbox, one in each hierarchy.
 *
 * @param group Path below the sandbox's own directory, for example `hosts/pi1`; empty for all of the sandbox.
 */
export function cgroupDirectories(group: string): readonly string[] {
  return hierarchies().map(({ mountPoint }) => join(mountPoint, `homelab-${sandboxId()}`, group));
}

/**
 * A directory by which processes are found again and ended, whatever they do: that of the unified hierarchy where there
 * is one, else of the first. Created if it is missing.
 */
export function trackingDirectory(group: string): string {
  const all = hierarchies();
  // A v1 cpuset takes no process before it is set up, so any other hierarchy is better.
  const chosen =
    all.find((one) => one.unified) ?? all.find((one) => !existsSync(join(one.mountPoint, "cpuset.cpus"))) ?? all[0];
  if (chosen === undefined) throw new Error("no cgroup hierarchy is mounted");
  const directory = join(chosen.mountPoint, `homelab-${sandboxId()}`, group);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Puts this process, and so all that it starts, where `down` finds it. */
export function joinGroup(group: string): void {
  writeFileSync(join(trackingDirectory(group), "cgroup.procs"), String(process.pid));
}

/** All processes of a group and its subgroups, in any hierarchy. */
export function processesOf(group: string): readonly number[] {
  return [...new Set(cgroupDirectories(group).flatMap((directory) => tree(directory).flatMap(members)))];
}

/**
 * Ends all processes of a group by SIGKILL, at once where the kernel can (cgroup v2), and waits for their end.
 *
 * @throws when a process is still there after ten seconds.
 */
export async function killGroup(group: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    for (const directory of cgroupDirectories(group)) {
      const file = join(directory, "cgroup.kill");
      if (existsSync(file)) writeFileSync(file, "1");
    }
    const left = processesOf(group).filter((pid) => pid !== process.pid);
    if (left.length === 0) return;
    left.forEach(killProcess);
    if (Date.now() > deadline) throw new Error(`processes survive SIGKILL: ${left.join(", ")} (group ${group})`);
    await sleep(20);
  }
}

/** Removes a group's empty directories in every hierarchy; those still in use stay. */
export async function removeGroup(group: string): Promise<void> {
  // A directory is busy for a moment after its last process has ended.
  for (let attempt = 0; attempt < 50; attempt++) {
    const left = cgroupDirectories(group).flatMap(tree).reverse();
    if (left.length === 0) return;
    left.forEach((directory) => {
      try {
        rmdirSync(directory);
      } catch {
        // Tried again in the next round.
      }
    });
    await sleep(20);
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** A directory and all below it, parents first; empty when it does not exist. */
function tree(directory: string): readonly string[] {
  try {
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [directory, ...below.flatMap((entry) => tree(join(directory, entry.name)))];
  } catch {
    return [];
  }
}

function members(directory: string): readonly number[] {
  try {
    return readFileSync(join(directory, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
