import { copyFile, mkdir, readFile, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { baseDiskRecipe } from "../image";
import type { DebianSources, DebianSuite } from "../image/sources";
import { run } from "../process";
import { type BuildContext, type Recipe, cacheKey } from "../toolchain/cache";
import { type ArchiveFile, archiveFiles, download, mirrorPath, privateApt } from "./apt";

/**
 * Packages that hosts may install, beside all that these depend on or recommend. The last three go into the k3s
 * artifact and are only downloaded by the same way.
 */
const packages = [
  "chrony",
  "cryptsetup-bin",
  "dnsutils",
  "ethtool",
  "gdisk",
  "ipset",
  "ipvsadm",
  "jq",
  "keepalived",
  "libpam-systemd",
  "logrotate",
  "lvm2",
  "nfs-common",
  "nftables",
  "open-iscsi",
  "parted",
  "rsync",
  "smartmontools",
  "systemd-timesyncd",
  "tcpdump",
  "unattended-upgrades",
  "wireguard-tools",
  "xfsprogs",
  "zstd",
  "containerd",
  "containernetworking-plugins",
  "runc",
] as const;

/**
 * Recipe of the Debian mirror: `HOST/PATH…` with the genuine signed indexes of one day and the packages that hosts may
 * install. Which packages that are is found by apt itself, on what the base disk has installed.
 */
export async function debianRecipe(sources: DebianSources): Promise<Recipe> {
  const baseDisk = await baseDiskRecipe(sources);
  return {
    name: "debian-mirror",
    title: "download the hosts' Debian packages",
    inputs: { layout: "1", packages: packages.join(" "), sources: JSON.stringify(sources), disk: cacheKey(baseDisk) },
    build: async (directory, context) => {
      const apt = await privateApt(directory, sources, join(await context.use(baseDisk), "dpkg-status"));
      await run("apt-get", [...apt, "update"], { logFile: context.logFile });
      for (const suite of sources.suites) await mirrorIndexes(directory, suite, sources.architecture, context);
      const files = await neededPackages(apt, context);
      await download(directory, files, context);
      await rm(join(directory, "apt"), { recursive: true });
    },
  };
}

/** Puts a suite's signed InRelease, which apt has verified, and the package index that it vouches for in their places. */
async function mirrorIndexes(
  directory: string,
  { uri, release }: DebianSuite,
  architecture: string,
  context: BuildContext,
): Promise<void> {
  const lists = join(directory, "apt", "lists");
  const name = (await readdir(lists)).find((file) => file.endsWith(`_dists_${release}_InRelease`));
  if (name === undefined) throw new Error(`apt-get update brought no InRelease of ${release}`);
  const suite = `${uri}dists/${release}`;
  const place = mirrorPath(directory, suite);
  await mkdir(place, { recursive: true });
  await copyFile(join(lists, name), join(place, "InRelease"));

  const index = `main/binary-${architecture}/Packages.xz`;
  const sums = (await readFile(join(lists, name), "utf8")).split("\nSHA256:\n")[1] ?? "";
  const sum = sums.split("\n").find((line) => line.endsWith(` ${index}`));
  const hash = sum?.trim().split(/\s+/)[0];
  if (hash === undefined) throw new Error(`${name} lists no ${index}`);
  const byHash = `${suite}/${dirname(index)}/by-hash/SHA256/${hash}`;
  await download(directory, [{ uri: byHash, sum: `SHA256:${hash}` }], context);
  await copyFile(mirrorPath(directory, byHash), join(place, index));
}

/** All packages that apt would fetch for a host: each of the list with what it recommends, and upgrades. */
async function neededPackages(apt: readonly string[], context: BuildContext): Promise<ArchiveFile[]> {
  const wishes = packages.map((name) => ["--install-recommends", "install", name]);
  const found = new Map<string, ArchiveFile>();
  for (const wish of [...wishes, ["dist-upgrade"]]) {
    for (const file of await archiveFiles(apt, wish, context)) found.set(file.uri, file);
  }
  if (found.size === 0) throw new Error("apt names no package to download; see the step's log");
  return [...found.values()];
}
