import { mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../paths";
import type { Progress } from "../progress";
import { type Recipe, ensureEntry, isCached, sha256 } from "./cache";
import { officialReachable, officialRecipe } from "./official";
import { k3sServerRecipe, kubernetesProviderRecipe, languageHostRecipe, pulumiRecipe } from "./recipes";

/** The programs that the sandbox runs on this machine. */
export interface Toolchain {
  /** Path of the Pulumi CLI. */
  readonly pulumi: string;
  /** Folder for PATH: the CLI, its language host, the provider plugins and kubectl. */
  readonly binDirectory: string;
  /** Path of kubectl, of the cluster's own version. */
  readonly kubectl: string;
  /**
   * `downloaded`: the official CLI and all official plugins, `command`, `random` and `tls` among them.
   * `built`: CLI, language host and Kubernetes provider from Go modules; the other three plugins are not in it.
   */
  readonly how: "downloaded" | "built";
}

/**
 * Makes sure that the toolchain is there: from the cache, else the official downloads, else built from Go modules.
 *
 * @param progress Shows each build and download.
 * @throws UserError when it must be built and there is no Go; CommandError when a build fails.
 */
export async function ensureToolchain(progress: Progress): Promise<Toolchain> {
  const official = officialRecipe();
  const builds = [await pulumiRecipe(), await languageHostRecipe(), await kubernetesProviderRecipe()];
  const how = await chooseWay(official, builds);
  const entries: string[] = [];
  for (const recipe of how === "downloaded" ? [official] : builds) entries.push(await ensureEntry(recipe, progress));
  const k3s = await ensureEntry(await k3sServerRecipe(), progress);
  const binDirectory = await linkPrograms(entries, join(k3s, "k3s"));
  return { pulumi: join(binDirectory, "pulumi"), binDirectory, kubectl: join(binDirectory, "kubectl"), how };
}

/** What is already cached decides, so that a warm start asks nobody. */
async function chooseWay(official: Recipe, builds: readonly Recipe[]): Promise<Toolchain["how"]> {
  if (await isCached(official)) return "downloaded";
  const cached = await Promise.all(builds.map((recipe) => isCached(recipe)));
  if (cached.every(Boolean)) return "built";
  return (await officialReachable()) ? "downloaded" : "built";
}

/** One folder of links, named after what it links to; renamed into place when it is complete. */
async function linkPrograms(entries: readonly string[], k3s: string): Promise<string> {
  const links = new Map<string, string>([["kubectl", k3s]]);
  for (const entry of entries) {
    for (const file of await readdir(entry)) if (!file.startsWith(".")) links.set(file, join(entry, file));
  }
  const directory = join(cacheDirectory(), "toolchains", sha256(JSON.stringify([...links])).slice(0, 16));
  if (await isLinked(directory, links)) return directory;
  const temporary = `${directory}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  for (const [name, target] of links) await symlink(target, join(temporary, name));
  await rm(directory, { recursive: true, force: true });
  await rename(temporary, directory);
  return directory;
}

async function isLinked(directory: string, links: ReadonlyMap<string, string>): Promise<boolean> {
  const right = [...links].map(([name, target]) =>
    readlink(join(directory, name)).then(
      (found) => found === target,
      () => false,
    ),
  );
  return (await Promise.all(right)).every(Boolean);
}
