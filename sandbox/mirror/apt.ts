import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DebianSources, hostUri } from "../image/sources";
import { run } from "../process";
import type { BuildContext } from "../toolchain/cache";

const APT_HELPER = "/usr/lib/apt/apt-helper";

/** Files that one run of apt-helper downloads. */
const BATCH = 16;

/** A file of the archive as apt names it: where it lies, and the checksum that a signed index gives it. */
export interface ArchiveFile {
  readonly uri: string;
  /** `SHA256:HEX`. */
  readonly sum: string;
}

/**
 * Options that make apt work on the sources and the installed packages of a host, in a folder of its own. The machine's
 * other settings stay in force, for example a proxy.
 */
export async function privateApt(directory: string, sources: DebianSources, status: string): Promise<string[]> {
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
export function mirrorPath(directory: string, uri: string): string {
  const { hostname, pathname } = new URL(hostUri(uri));
  return join(directory, hostname, decodeURIComponent(pathname));
}

/** The packages that apt would fetch for a command, such as `install NAME` or `download NAME`. */
export async function archiveFiles(
  apt: readonly string[],
  command: readonly string[],
  { logFile }: BuildContext,
): Promise<ArchiveFile[]> {
  const text = await run("apt-get", [...apt, "--yes", "--print-uris", ...command], { logFile });
  const lines = text.matchAll(/^'([^']+\.deb)' \S+ \d+ (SHA256:[0-9a-f]{64})$/gm);
  return [...lines].map(([, uri = "", sum = ""]) => ({ uri, sum }));
}

/** Downloads files to their places by apt's own means, which checks each. */
export async function download(directory: string, files: readonly ArchiveFile[], context: BuildContext): Promise<void> {
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
