import { existsSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { ensureDirectory, statePaths } from "../paths";
import { tryRun } from "../process";
import { UserError, type Progress } from "../progress";
import { haveCgroups } from "./cgroups";

/**
 * Settings that the kubelet and twenty systemds want and that no namespace has: hosts see the machine's, so the sandbox
 * sets them before it starts and no host ever writes them. `least`: a larger value is as good.
 * The first three are those of the kubelet's protectKernelDefaults.
 */
const SYSCTLS: readonly { readonly key: string; readonly value: number; readonly least?: boolean }[] = [
  { key: "vm.overcommit_memory", value: 1 },
  { key: "kernel.panic", value: 10 },
  { key: "kernel.panic_on_oops", value: 1 },
  { key: "kernel.keys.root_maxkeys", value: 1_000_000, least: true },
  { key: "kernel.keys.root_maxbytes", value: 25_000_000, least: true },
  { key: "kernel.keys.maxkeys", value: 20_000, least: true },
  { key: "fs.inotify.max_user_instances", value: 8192, least: true },
  { key: "fs.inotify.max_user_watches", value: 524_288, least: true },
  { key: "fs.file-max", value: 1_000_000, least: true },
];

/** Kernel parts that are either built in, loaded, or can be loaded, and how to see that they are there. */
const KERNEL_PARTS: readonly { readonly module: string; readonly present: () => boolean; readonly purpose: string }[] =
  [
    { module: "loop", present: () => existsSync("/dev/loop-control"), purpose: "the hosts' disks" },
    {
      module: "overlay",
      present: () => readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n"),
      purpose: "containers' file systems",
    },
    { module: "br_netfilter", present: () => existsSync("/proc/sys/net/bridge"), purpose: "Kubernetes services" },
  ];

/** Memory and disk that one host takes when k3s runs on it; measured 0.7 GiB and 1.5 GiB. */
const HOST_MEMORY_GIB = 1;
const HOST_DISK_GIB = 2;

/**
 * Checks that the machine can simulate hosts, and sets what can be set.
 *
 * @throws UserError that lists all that is wrong with it, each with a remedy.
 */
export async function checkMachine(progress: Progress, hostCount: number): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new UserError("The sandbox makes namespaces, mounts and cgroups: run it as root (sudo npm run sandbox).");
  }
  const problems: string[] = [];
  if (!haveCgroups()) problems.push("No cgroups are mounted: mount -t cgroup2 none /sys/fs/cgroup.");
  const swaps = readFileSync("/proc/swaps", "utf8").trim().split("\n").slice(1);
  if (swaps.length > 0) {
    problems.push(`Swap is on (${swaps.map((line) => line.split(" ")[0]).join(", ")}), and hosts can't: swapoff -a.`);
  }
  for (const part of KERNEL_PARTS) {
    if (part.present()) continue;
    await tryRun("modprobe", [part.module]);
    if (!part.present()) problems.push(`The kernel lacks ${part.module} (${part.purpose}): modprobe ${part.module}.`);
  }
  problems.push(...spaceProblems(hostCount), ...setSysctls(progress));
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  const memoryGiB = totalmem() / 2 ** 30;
  if (memoryGiB < hostCount * HOST_MEMORY_GIB + 2) {
    progress.note(
      `Little memory for ${hostCount} hosts: ${memoryGiB.toFixed(1)} GiB, about ${hostCount + 2} are wanted.`,
    );
  }
  if (availableParallelism() < 2)
    progress.note("One processor only: etcd may lose its leader while images are unpacked.");
}

function spaceProblems(hostCount: number): readonly string[] {
  const root = ensureDirectory(statePaths().root);
  const { bavail, bsize } = statfsSync(root);
  const freeGiB = (bavail * bsize) / 2 ** 30;
  const wanted = hostCount * HOST_DISK_GIB;
  if (freeGiB >= wanted) return [];
  const found = `${freeGiB.toFixed(1)} GiB free, ${wanted} wanted for ${hostCount} hosts`;
  return [`${root}: ${found}: free some, or set HOMELAB_SANDBOX_DIR to another disk.`];
}

function setSysctls(progress: Progress): readonly string[] {
  const problems: string[] = [];
  for (const { key, value, least } of SYSCTLS) {
    const file = `/proc/sys/${key.replaceAll(".", "/")}`;
    if (!existsSync(file)) continue;
    const found = Number(readFileSync(file, "utf8"));
    if (found === value || (least === true && found > value)) continue;
    try {
      writeFileSync(file, String(value));
      progress.note(`Set ${key} from ${found} to ${value} on this machine: all hosts share it.`);
    } catch {
      problems.push(
        `${key} is ${found}, the hosts need ${value}, and it cannot be set here: sysctl -w ${key}=${value}.`,
      );
    }
  }
  return problems;
}
