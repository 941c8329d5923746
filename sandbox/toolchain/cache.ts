import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, lstat, mkdir, readFile, readdir, readlink, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cacheDirectory } from "../paths";
import type { Progress } from "../progress";
import { withLock } from "./lock";

/** What a build may use: other entries (built first if they are missing), its step's log file, a word on what it does. */
export interface BuildContext {
  /** Path of another entry's folder. */
  readonly use: (recipe: Recipe) => Promise<string>;
  readonly logFile: string;
  readonly detail: (text: string) => void;
}

/** How one folder of the cache is made. */
export interface Recipe {
  /** Short name, part of the folder's name: `pulumi`, `base-disk`. */
  readonly name: string;
  /** Title of the step that builds it. */
  readonly title: string;
  /** All that the result depends on, as texts: sources, flags, versions, and `cacheKey` of the recipes it uses. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Fills an empty folder. Whatever it throws leaves no entry behind. */
  build(directory: string, context: BuildContext): Promise<void>;
}

interface ManifestFile {
  readonly path: string;
  /** `sha256:HEX` of the content, or `link:TARGET` of a symbolic link. */
  readonly content: string;
  /** Permission bits; 0 for a symbolic link. */
  readonly mode: number;
}

const MANIFEST = ".manifest.json";

/** Entries that this process has verified; each is read through once in a run. */
const verified = new Map<string, Promise<boolean>>();

/** Key of a recipe: a hash of its inputs. Two recipes with the same key make the same entry. */
export function cacheKey(recipe: Recipe): string {
  const inputs = Object.entries(recipe.inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([recipe.name, inputs]))
    .digest("hex")
    .slice(0, 16);
}

/** Folder of a recipe's entry, whether it exists or not. */
export function entryDirectory(recipe: Recipe): string {
  return join(cacheDirectory(), "entries", `${recipe.name}-${cacheKey(recipe)}`);
}

/** True when the recipe's entry exists and every file in it has the content that was built. */
export async function isCached(recipe: Recipe): Promise<boolean> {
  const directory = entryDirectory(recipe);
  let answer = verified.get(directory);
  if (answer === undefined) {
    answer = verify(directory);
    verified.set(directory, answer);
  }
  return answer;
}

/**
 * Returns the folder of a recipe's entry, building it if it is missing or was damaged.
 *
 * An entry is built in a folder beside its place, gets a manifest with the checksum of each file and is then renamed, so
 * that a half-written one is never taken for whole. One build runs at a time on a machine.
 *
 * @throws what the recipe's build throws.
 */
export async function ensureEntry(recipe: Recipe, progress: Progress): Promise<string> {
  if (await isCached(recipe)) return entryDirectory(recipe);
  return progress.step(recipe.title, async (logFile, detail) => {
    detail("waiting for another build on this machine");
    return withLock(join(cacheDirectory(), "build.lock"), async () => {
      // Whoever holds the lock is the only builder: what lies here is left over from one that was killed.
      await rm(join(cacheDirectory(), "building"), { recursive: true, force: true });
      detail("");
      return buildEntry(recipe, { logFile, detail });
    });
  });
}

async function buildEntry(recipe: Recipe, step: Pick<BuildContext, "logFile" | "detail">): Promise<string> {
  const directory = entryDirectory(recipe);
  verified.delete(directory);
  if (await isCached(recipe)) return directory;
  const temporary = join(cacheDirectory(), "building", `${recipe.name}-${randomBytes(4).toString("hex")}`);
  await mkdir(temporary, { recursive: true });
  const context: BuildContext = {
    ...step,
    use: async (other) => {
      step.detail(other.title);
      return buildEntry(other, step);
    },
  };
  try {
    await recipe.build(temporary, context);
    await seal(temporary);
    await rm(directory, { recursive: true, force: true });
    await mkdir(join(cacheDirectory(), "entries"), { recursive: true });
    await rename(temporary, directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  verified.set(directory, Promise.resolve(true));
  return directory;
}

async function seal(directory: string): Promise<void> {
  const files = await listFiles(directory);
  const body = JSON.stringify(files, undefined, 1);
  await writeFile(join(directory, MANIFEST), `${sha256(body)}\n${body}\n`);
  await chmod(directory, 0o755);
}

async function verify(directory: string): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(join(directory, MANIFEST), "utf8");
  } catch {
    return false;
  }
  const [sum, ...rest] = text.split("\n");
  const body = rest.join("\n").replace(/\n$/, "");
  if (sha256(body) !== sum) return false;
  try {
    return JSON.stringify(await listFiles(directory), undefined, 1) === body;
  } catch {
    return false;
  }
}

async function listFiles(directory: string): Promise<ManifestFile[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => path !== MANIFEST)
    .sort();
  const files: ManifestFile[] = [];
  for (const path of paths) files.push(await describe(directory, path));
  return files;
}

async function describe(directory: string, path: string): Promise<ManifestFile> {
  const absolute = join(directory, path);
  const status = await lstat(absolute);
  if (status.isSymbolicLink()) return { path, content: `link:${await readlink(absolute)}`, mode: 0 };
  return { path, content: `sha256:${await hashFile(absolute)}`, mode: status.mode & 0o777 };
}

/** SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** SHA-256 of a text in hexadecimal. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
