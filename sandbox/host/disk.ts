import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LanAddresses } from "../lan/addresses";
import { ensureDirectory, projectDirectory } from "../paths";
import { run, tryRun } from "../process";
import { UserError } from "../progress";
import type { SandboxHost } from "../stack/read";
import { ensureLoginKey, hostDirectory, hostKeyDirectory, makeHostKeys } from "./keys";

/** Size of a host's disk unless `$HOMELAB_SANDBOX_DISK_GIB` says otherwise. */
const DEFAULT_DISK_GIB = 6;

/** The disk of a host; it does not exist before `ensureDisk`. */
export function diskOf(name: string): string {
  return join(hostDirectory(name), "disk.img");
}

/** The disk of a host while it is being imaged. */
function partialDiskOf(name: string): string {
  return `${diskOf(name)}.partial`;
}

/** @throws UserError when a host has no disk, because it is new in the config or `up` was not run. */
export function needDisk(name: string): void {
  if (!existsSync(diskOf(name))) throw new UserError(`${name} has no disk yet: run npm run sandbox first.`);
}

/**
 * Images a host's disk unless it has one: a sparse copy of the base disk, enlarged, with host keys of its own.
 *
 * @param baseDisk Raw ext4 image of a bare Debian host.
 * @throws UserError when the wanted size is no number of GiB; CommandError when a tool fails.
 */
export async function ensureDisk(
  host: SandboxHost,
  lan: LanAddresses,
  baseDisk: string,
  logFile?: string,
): Promise<void> {
  writeNetwork(host, lan);
  if (existsSync(diskOf(host.name))) return;
  const partial = partialDiskOf(host.name);
  rmSync(partial, { force: true });
  rmSync(hostKeyDirectory(host.name), { recursive: true, force: true });
  await makeHostKeys(host.name, logFile);
  const login = await ensureLoginKey(logFile);
  await run("cp", ["--sparse=always", "--reflink=auto", baseDisk, partial], { logFile });
  await run("truncate", ["--size", `${diskSizeGiB()}G`, partial], { logFile });
  await run("resize2fs", ["-f", partial], { logFile });
  const script = join(projectDirectory(), "sandbox", "host", "image.sh");
  await run("unshare", ["--mount", "--propagation", "private", "bash", script], {
    logFile,
    env: {
      ...process.env,
      DISK: partial,
      MOUNT_POINT: join(hostDirectory(host.name), "root"),
      KEYS: hostKeyDirectory(host.name),
      AUTHORIZED_KEY: login.publicFile,
      NAME_SERVER: lan.router.ipv4,
    },
  });
  renameSync(partial, diskOf(host.name));
}

/**
 * Waits until nothing holds a host's disk: the kernel writes a file system back after the last process that used it is
 * gone, and only then may it be used again.
 *
 * @throws UserError after 15 s.
 */
export async function releaseDisk(name: string): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt++) {
    const devices = await devicesOf(name);
    if (devices.length === 0) return;
    for (const device of devices) await tryRun("losetup", ["--detach", device]);
    await sleep(100);
  }
  throw new UserError(`The disk of ${name} is still in use after 15 s: ${diskOf(name)}. Try npm run sandbox -- down.`);
}

/**
 * Loop devices with a host's disk. Asked for by the file, since the path that the kernel shows is that of the mount
 * namespace where it was opened, and after its end begins at whatever file system the state directory lies on.
 */
async function devicesOf(name: string): Promise<string[]> {
  const lists = [diskOf(name), partialDiskOf(name)].map((file) =>
    run("losetup", ["--list", "--associated", file, "--noheadings", "--raw", "--output", "NAME"]),
  );
  return (await Promise.all(lists)).join("\n").split("\n").filter(Boolean);
}

/** Throws a host's disk and keys away, like a card that is taken out. The host must be off. */
export function discardDisk(name: string): void {
  rmSync(diskOf(name), { force: true });
  rmSync(hostKeyDirectory(name), { recursive: true, force: true });
}

/** Writes the host's static addresses as systemd-networkd reads them; they reach the disk at the next power-on. */
function writeNetwork(host: SandboxHost, lan: LanAddresses): void {
  const lines = ["[Match]", "Name=eth0", "", "[Network]", `Address=${host.address}/${lan.ipv4Prefix}`];
  lines.push(`Gateway=${lan.router.ipv4}`, `DNS=${lan.router.ipv4}`);
  if (host.ipv6 !== undefined && lan.router.ipv6 !== undefined) {
    lines.push(`Address=${host.ipv6}/${lan.ipv6Prefix}`, `Gateway=${lan.router.ipv6}`);
  }
  lines.push("IPv6AcceptRA=no", "LinkLocalAddressing=ipv6", "");
  writeFileSync(join(ensureDirectory(hostDirectory(host.name)), "eth0.network"), lines.join("\n"));
}

function diskSizeGiB(): number {
  const text = process.env.HOMELAB_SANDBOX_DISK_GIB;
  if (text === undefined || text === "") return DEFAULT_DISK_GIB;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 3 && size <= 1000) return size;
  throw new UserError(`HOMELAB_SANDBOX_DISK_GIB: ${JSON.stringify(text)} is no whole number of GiB from 3 to 1000.`);
}
