import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Progress } from "../../../sandbox/progress";
import { type Recipe, cacheKey, ensureEntry, entryDirectory } from "../../../sandbox/toolchain/cache";

const progress = new Progress(new PassThrough() as unknown as NodeJS.WriteStream);
let directory: string;
let builds: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "homelab-cache-"));
  process.env.HOMELAB_CACHE = join(directory, "cache");
  process.env.HOMELAB_SANDBOX_DIR = join(directory, "state");
  builds = 0;
});

afterEach(() => {
  delete process.env.HOMELAB_CACHE;
  delete process.env.HOMELAB_SANDBOX_DIR;
  rmSync(directory, { recursive: true });
});

function recipe(inputs: Record<string, string> = { source: "1" }, fail = false): Recipe {
  return {
    name: "thing",
    title: "make the thing",
    inputs,
    build: async (to) => {
      builds += 1;
      writeFileSync(join(to, "program"), "content", { mode: 0o755 });
      symlinkSync("program", join(to, "link"));
      await Promise.resolve();
      if (fail) throw new Error("the compiler says no");
    },
  };
}

/** The cache as another process finds it: this one verifies an entry only once. */
async function inNewProcess(one: Recipe): Promise<string> {
  jest.resetModules();
  const fresh = await import("../../../sandbox/toolchain/cache");
  return fresh.ensureEntry(one, progress);
}

test("an entry is built once and found again by another process", async () => {
  const path = await ensureEntry(recipe(), progress);
  expect(readFileSync(join(path, "program"), "utf8")).toBe("content");
  expect(await inNewProcess(recipe())).toBe(path);
  expect(builds).toBe(1);
});

test("other inputs make another entry, the order of inputs does not", () => {
  expect(cacheKey(recipe({ source: "2" }))).not.toBe(cacheKey(recipe()));
  expect(cacheKey(recipe({ a: "1", b: "2" }))).toBe(cacheKey(recipe({ b: "2", a: "1" })));
});

const damages: [string, (path: string) => void][] = [
  ["changed content of the same length", (path) => writeFileSync(join(path, "program"), "CONTENT")],
  ["a missing file", (path) => rmSync(join(path, "program"))],
  ["a file too many", (path) => writeFileSync(join(path, "more"), "")],
  ["lost permissions", (path) => chmodSync(join(path, "program"), 0o644)],
  ["a half-written manifest", (path) => writeFileSync(join(path, ".manifest.json"), "0123\n[")],
  ["no manifest", (path) => rmSync(join(path, ".manifest.json"))],
];

test.each(damages)("an entry with %s is built anew", async (_, damage) => {
  const path = await ensureEntry(recipe(), progress);
  damage(path);
  expect(await inNewProcess(recipe())).toBe(path);
  expect(builds).toBe(2);
  expect(readFileSync(join(path, "program"), "utf8")).toBe("content");
  expect(existsSync(join(path, "more"))).toBe(false);
});

test("a build that fails leaves nothing that could be taken for an entry", async () => {
  await expect(ensureEntry(recipe({ source: "1" }, true), progress)).rejects.toThrow("the compiler says no");
  expect(existsSync(entryDirectory(recipe()))).toBe(false);
  expect(readdirSync(join(directory, "cache", "building"))).toEqual([]);
});

test("two that want the same entry at once build it once, and an entry can use another", async () => {
  const outer: Recipe = {
    ...recipe({ uses: cacheKey(recipe()) }),
    name: "outer",
    build: async (to, context) => {
      writeFileSync(join(to, "copy"), readFileSync(join(await context.use(recipe()), "program")));
    },
  };
  const [one, other] = await Promise.all([ensureEntry(outer, progress), ensureEntry(outer, progress)]);
  expect(one).toBe(other);
  expect(builds).toBe(1);
});
