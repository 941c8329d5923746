import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { baseDiskRecipe } from "../image";
import { type DebianSources, type DebianSuite, hostUri } from "../image/sources";
import { run } from "../process";
import { type BuildContext, type Recipe, cacheKey } from "../toolchain/cache";

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

const APT_HELPER = "/usr/lib/apt/apt-helper";

/** Files that one run of apt-helper downloads. */
const BATCH = 16;

/** A file of the archive as apt names it: where it lies, and the checksum that a signed index gives it. */
interface ArchiveFile {
  readonly uri: string;
  /** `SHA256:HEX`. */
  readonly sum: string;
}

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

/**
 * Options that make apt work on the sources and the installed packages of a host, in a folder of its own. The machine's
 * other settings stay in force, for example a proxy.
 */
async function privateApt(directory: string, sources: DebianSources, status: string): Promise<string[]> {
  const root = join(directory, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial", "empty"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  const lines = sources.suites.map(({ uri, release }) => `deb ${uri} ${release} main\n`);
  await writeFile(join(root, "sources.list"), lines.join(""));
  const options: Record<string, string> = {
    "Dir::Etc::SourceList": join(root, "sources.list"),
    "Dir::Etc::SourceParts": join(root, "empty"),
    "Dir::Etc::Preferences": join(root, "preferences"),
    "Dir::Etc::PreferencesParts": join(root, "empty"),
    "Dir::State": root,
    "Dir::State::Lists": join(root, "lists"),
    "Dir::State::status": status,
    "Dir::Cache": join(root, "cache"),
    "Acquire::Languages": "none",
    "Acquire::ForceHash": "SHA256",
    "APT::Sandbox::User": "root",
    "APT::Default-Release": "",
  };
  return Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** Where the mirror keeps what a host fetches from the repository's URI. */
function mirrorPath(directory: string, uri: string): string {
  const { hostname, pathname } = new URL(hostUri(uri));
  return join(directory, hostname, decodeURIComponent(pathname));
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
    const text = await run("apt-get", [...apt, "--yes", "--print-uris", ...wish], { logFile: context.logFile });
    for (const [, uri = "", sum = ""] of text.matchAll(/^'([^']+\.deb)' \S+ \d+ (SHA256:[0-9a-f]{64})$/gm)) {
      found.set(uri, { uri, sum });
    }
  }
  if (found.size === 0) throw new Error("apt names no package to download; see the step's log");
  return [...found.values()];
}

/** Downloads files to their places by apt's own means, which checks each. */
async function download(directory: string, files: readonly ArchiveFile[], context: BuildContext): Promise<void> {
  for (let next = 0; next < files.length; next += BATCH) {
    context.detail(`${next} of ${files.length} files`);
    const wanted: string[] = [];
    for (const { uri, sum } of files.slice(next, next + BATCH)) {
      const place = mirrorPath(directory, uri);
      await mkdir(dirname(place), { recursive: true });
      wanted.push(uri, place, sum);
    }
    const options = ["-o", "APT::Sandbox::User=root"];
    await run(APT_HELPER, [...options, "download-file", ...wanted], { logFile: context.logFile });
  }
}
