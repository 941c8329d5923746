import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { releaseDisk } from "../host/disk";
import { namespaceOf, pluggedMembers } from "../lan/network";
import { killGroup, processesOf, removeGroup } from "../machine/cgroups";
import { endLockHolder } from "../machine/lock";
import { sandboxId, statePaths } from "../paths";
import { run, tryRun } from "../process";
import { UserError, type Progress } from "../progress";

/**
 * Ends exactly what this sandbox started, in whatever state it is, and removes its disks, keys and Pulumi state.
 *
 * Nothing is believed from files: processes are found by the sandbox's control groups and namespaces, mounts and loop
 * devices by the state directory's path. Logs and the cache stay.
 */
export async function down(progress: Progress): Promise<void> {
  if (processesOf("").includes(process.pid)) {
    throw new UserError(
      "This shell is one of the sandbox's own (npm run sandbox -- exec): down would end it half-way. Run it in another.",
    );
  }
  await endLockHolder();
  await progress.step("Ending hosts and LAN", async (logFile) => {
    await cutAllLinks();
    await killGroup("");
    await killByNamespace();
    await removeNamespaces(logFile);
    await removeMounts(logFile);
    await releaseDisks();
    await removeGroup("");
    removeNspawnLeftovers();
  });
  removeState();
  progress.note(existsSync(statePaths().logs) ? `Logs are kept in ${statePaths().logs}` : "Nothing is left.");
}

/** Silence first: no host says goodbye to another while they are ended one after the other. */
async function cutAllLinks(): Promise<void> {
  await tryRun("ip", ["-n", namespaceOf("router"), "link", "set", "lan", "down"]);
}

/** Processes that left their control group (none should) but are still in one of the sandbox's namespaces. */
async function killByNamespace(): Promise<void> {
  for (const member of pluggedMembers()) {
    const { stdout } = await tryRun("ip", ["netns", "pids", namespaceOf(member)]);
    for (const pid of stdout.split("\n").filter(Boolean)) await tryRun("kill", ["-KILL", pid]);
  }
}

async function removeNamespaces(logFile: string): Promise<void> {
  // The router goes last: with it go the bridge and the far ends of all cables.
  const members = [...pluggedMembers()].sort((one, other) => Number(one === "router") - Number(other === "router"));
  for (const member of members) await run("ip", ["netns", "delete", namespaceOf(member)], { logFile });
}

async function removeMounts(logFile: string): Promise<void> {
  const below = `${statePaths().root}/`;
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll("\\040", " "))
    .filter((point) => point.startsWith(below));
  for (const point of points.reverse()) await tryRun("umount", ["--lazy", point], { logFile });
}

async function releaseDisks(): Promise<void> {
  const { hosts } = statePaths();
  const names = existsSync(hosts) ? readdirSync(hosts) : [];
  for (const name of names) await releaseDisk(name);
}

/** Folders that systemd-nspawn removes at a clean end, which a host without power does not have. */
function removeNspawnLeftovers(): void {
  const machines = `homelab-${sandboxId()}-`;
  for (const folder of ["/run/systemd/nspawn/propagate", "/run/systemd/nspawn/unix-export"]) {
    if (!existsSync(folder)) continue;
    const names = readdirSync(folder).filter((name) => name.startsWith(machines));
    names.forEach((name) => rmSync(join(folder, name), { recursive: true, force: true }));
  }
}

/** Only what the sandbox made itself: someone may have pointed HOMELAB_SANDBOX_DIR at a folder that holds more. */
function removeState(): void {
  const paths = statePaths();
  const kept = [paths.root, paths.logs];
  const own = [
    ...Object.values(paths),
    dirname(paths.resolvConf),
    dirname(paths.initialStackFile),
    join(paths.root, "dns"),
  ];
  own.filter((path) => !kept.includes(path)).forEach((path) => rmSync(path, { recursive: true, force: true }));
}
