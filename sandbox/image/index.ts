import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process";
import type { Progress } from "../progress";
import { type Recipe, ensureEntry } from "../toolchain/cache";
import { type DebianSources, debianSources, hostSourcesList } from "./sources";

/**
 * What a bare Raspberry Pi OS Lite has and the program relies on, by Debian package.
 *
 * The last four are inside upstream's k3s file on a real board; the sandbox's takes them from the host.
 */
const packages = [
  "ca-certificates",
  "curl",
  "dbus",
  "iproute2",
  "iputils-ping",
  "kmod",
  "less",
  "openssh-server",
  "openssl",
  "procps",
  "sudo",
  "systemd",
  "systemd-sysv",
  "conntrack",
  "ipset",
  "iptables",
  "socat",
] as const;

/** Size of the disk as built; each host's copy is enlarged. */
const DISK_MIB = 1024;

/** Recipe of the bare disk: `disk.img`, and `dpkg-status` with what is installed on it. */
export async function baseDiskRecipe(sources: DebianSources): Promise<Recipe> {
  const script = join(__dirname, "build.sh");
  const [main] = sources.suites;
  if (main === undefined) throw new Error("no Debian suite");
  return {
    name: "base-disk",
    title: "install the hosts' base disk",
    inputs: {
      script: await readFile(script, "utf8"),
      packages: packages.join(","),
      sources: JSON.stringify(sources),
      size: String(DISK_MIB),
    },
    build: async (directory, { logFile }) => {
      await run("unshare", ["--mount", "--propagation", "private", "bash", script], {
        logFile,
        env: {
          ...process.env,
          TARGET: directory,
          SUITE: main.release,
          MIRROR: main.uri,
          PACKAGES: packages.join(","),
          SOURCES_LIST: hostSourcesList(sources),
          SIZE_MIB: String(DISK_MIB),
        },
      });
    },
  };
}

/**
 * Makes sure that the bare disk is there which all simulated hosts are copied from.
 *
 * @returns Path of a raw ext4 image: Debian with systemd, sshd and systemd-networkd; user `pi` with password-less sudo
 *   and no password; no host keys, host name, machine id or network. Never to be written to.
 * @throws UserError when apt knows no Debian release; CommandError when a tool fails.
 */
export async function ensureBaseDisk(progress: Progress): Promise<string> {
  return join(await ensureEntry(await baseDiskRecipe(await debianSources()), progress), "disk.img");
}
