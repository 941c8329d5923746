import { readFile } from "node:fs/promises";
import { run } from "../process";
import { UserError } from "../progress";

/** One suite of the Debian archive that this machine installs from and the simulated hosts shall too. */
export interface DebianSuite {
  /** Where this machine gets it: the repository's URI with a slash at its end. */
  readonly uri: string;
  /** The same repository as the hosts name it: plain HTTP on port 80, for the LAN's mirror to answer. */
  readonly hostUri: string;
  /** Name of the release as in sources.list: `bookworm`, `bookworm-updates`. */
  readonly release: string;
}

/** The suites that hosts use, the main one first. */
export interface DebianSources {
  readonly suites: readonly DebianSuite[];
  /** Debian's name of the architecture: `amd64`, `arm64`. */
  readonly architecture: string;
}

/** Name for a repository that this machine reaches by an address or by a port, which hosts can't be given as it is. */
const STAND_IN_NAME = "debian.mirror.sandbox.test";

/**
 * Reads the Debian suites from this machine's apt configuration: component main of the release and of its updates.
 * Third parties' repositories, security and backports are left out.
 *
 * @throws UserError when apt knows no signed Debian release here.
 */
export async function debianSources(logFile?: string): Promise<DebianSources> {
  let suites = await readSuites();
  if (suites.length === 0) {
    // A fresh machine's lists are empty, and only the lists tell a repository's origin.
    await run("apt-get", ["update"], { logFile });
    suites = await readSuites();
  }
  if (suites.length === 0) {
    throw new UserError(
      "apt has no Debian release with component main among its sources: add one to /etc/apt/sources.list.d and run apt-get update",
    );
  }
  return { suites, architecture: (await run("dpkg", ["--print-architecture"])).trim() };
}

async function readSuites(): Promise<DebianSuite[]> {
  const fields = ["ORIGIN", "LABEL", "COMPONENT", "TRUSTED", "REPO_URI", "RELEASE", "CODENAME"];
  const format = fields.map((field) => `$(${field})`).join("|");
  const text = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const found = new Map<string, DebianSuite>();
  for (const line of text.split("\n")) {
    const [origin, label, component, trusted, written = "", release = "", codename = ""] = line.split("|");
    const uri = await plainUri(written);
    if (origin !== "Debian" || label !== "Debian" || component !== "main" || trusted !== "yes") continue;
    if (!/^https?:/.test(uri) || !/^[a-z]+(-updates)?$/.test(codename)) continue;
    if (!found.has(release)) found.set(release, { uri, hostUri: hostUri(uri), release });
  }
  return [...found.values()].sort((one, other) => one.release.length - other.release.length);
}

/** Debian's cloud images name the archive by a file with mirrors: the first of them is as good as any. */
async function plainUri(uri: string): Promise<string> {
  const list = /^mirror\+file:(?:\/\/)?(\/.+?)\/?$/.exec(uri)?.[1];
  if (list === undefined) return uri;
  const lines = (await readFile(list, "utf8")).split("\n");
  const first = lines
    .find((line) => /^https?:/.test(line))
    ?.trim()
    .split(/\s/)[0];
  return first === undefined ? uri : first.replace(/\/?$/, "/");
}

/** The URI by which hosts reach the mirror's copy of a repository. */
export function hostUri(uri: string): string {
  const { hostname, port, pathname } = new URL(uri);
  const named = /[a-z]/i.test(hostname) && hostname.includes(".") && port === "";
  return `http://${named ? hostname : STAND_IN_NAME}${pathname}`;
}

/** sources.list of the simulated hosts. */
export function hostSourcesList(sources: DebianSources): string {
  return sources.suites.map(({ hostUri: uri, release }) => `deb ${uri} ${release} main\n`).join("");
}
