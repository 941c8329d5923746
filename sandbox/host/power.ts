import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inClient } from "../lan/client";
import { cableOf, cutLink, unplug } from "../lan/network";
import { cgroupDirectories, killGroup, processesOf, removeGroup } from "../machine/cgroups";
import { projectDirectory, sandboxId } from "../paths";
import { openLog, tryRun } from "../process";
import { UserError } from "../progress";
import type { SandboxHost } from "../stack/read";
import { needDisk, releaseDisk } from "./disk";
import { hostDirectory } from "./keys";

/** Control group of a host, below the sandbox's. */
export function hostGroup(name: string): string {
  return join("hosts", name);
}

/** The file with all that a host printed on its console. */
export function consoleLog(name: string): string {
  return join(hostDirectory(name), "console.log");
}

/** True while the host has power: its supervisor or anything of the guest is alive. */
export function isPowered(name: string): boolean {
  return processesOf(hostGroup(name)).length > 0;
}

/**
 * Gives a host power unless it has it. Does not wait for the guest; `waitForSsh` tells when it is up.
 *
 * @throws UserError when the host has no disk yet, or its supervisor does not start.
 */
export async function powerOn(name: string): Promise<void> {
  if (isPowered(name)) return;
  needDisk(name);
  const cable = cableOf(name);
  const output = openLog(consoleLog(name));
  const scripts = join(projectDirectory(), "sandbox");
  const child = spawn("bash", [join(scripts, "host", "supervise.sh")], {
    detached: true,
    stdio: ["ignore", output, output],
    cwd: "/",
    env: {
      PATH: process.env.PATH,
      HOST_DIR: hostDirectory(name),
      NETNS: cable.netns,
      ROUTER_NETNS: cable.routerNetns,
      PORT: cable.port,
      MAC: cable.mac,
      MACHINE: `homelab-${sandboxId()}-${name}`,
      CGROUPS: cgroupDirectories(hostGroup(name)).join(":"),
      SCRIPTS: scripts,
    },
  });
  child.unref();
  closeSync(output);
  for (let attempt = 0; attempt < 100; attempt++) {
    if (isPowered(name)) return;
    await sleep(50);
  }
  throw new UserError(`${name} cannot be switched on; see ${consoleLog(name)}`);
}

/**
 * Takes a host's power away, silently: link down first, then SIGKILL of all it runs, then its namespace is removed.
 * No process gets a chance to say goodbye, and no FIN, RST or ARP answer leaves the host.
 */
export async function powerOff(name: string): Promise<void> {
  await cutLink(name);
  await killGroup(hostGroup(name));
  await unplug(name);
  await removeGroup(hostGroup(name));
  await releaseDisk(name);
}

/**
 * Waits until a host's sshd answers in the LAN.
 *
 * @param limitSeconds After that the host is said not to have come up. Default 120.
 * @throws UserError that names the console log.
 */
export async function waitForSsh(host: SandboxHost, limitSeconds = 120): Promise<void> {
  const deadline = Date.now() + limitSeconds * 1000;
  const probe = `exec 3<>/dev/tcp/${host.address}/22 && read -r -t 2 banner <&3 && [[ $banner == SSH-* ]]`;
  const line = inClient("timeout", ["3", "bash", "-c", probe]);
  while ((await tryRun(line.command, line.args)).exitCode !== 0) {
    if (!isPowered(host.name))
      throw new UserError(`${host.name} went off while it started; see ${consoleLog(host.name)}`);
    if (Date.now() > deadline) {
      const seen = `its sshd does not answer on ${host.address} after ${limitSeconds} s`;
      throw new UserError(`${host.name} does not come up: ${seen}; see ${consoleLog(host.name)}`);
    }
    await sleep(300);
  }
}
