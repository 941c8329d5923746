/**
 * Puts the plugins where the Pulumi engine finds them. Each is bundled into one file once, because the engine starts
 * every plugin in every preview and Node's start-up is most of that time.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Names of the plugins; each has an entry file beside this one. */
export const PLUGIN_NAMES = ["command", "random", "tls"] as const;

/** Optional native parts of the SSH library: without them it uses node:crypto and plain JavaScript. */
const NATIVE_MODULES = ["cpu-features", "*.node"];

async function bundle(name: string): Promise<string> {
  // Comes with tsx; loaded late so that nothing else pays for it.
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: [join(__dirname, `${name}.ts`)],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: NATIVE_MODULES,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  const code = result.outputFiles[0]?.text;
  if (code === undefined) {
    throw new Error(`sandbox plugin ${name}: the bundler gave no output; run npm ci and try again`);
  }
  return code;
}

/** The bundle lies beside the launcher, so that a directory that is moved or copied as a whole still works. */
function launcher(file: string): string {
  return `#!/bin/sh\nexec node "$(dirname "$(readlink -f "$0")")/${file}" "$@"\n`;
}

/** Writes by way of a file that nobody runs, so that a plugin started meanwhile never sees half of it. */
async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode });
  await chmod(draft, mode);
  await rename(draft, path);
}

async function installPlugin(name: string, directory: string): Promise<void> {
  const code = await bundle(name);
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const executable = `pulumi-resource-${name}`;
  const file = `.${executable}.${hash}.js`;
  const present = await readFile(join(directory, file), "utf8").catch(() => undefined);
  if (present !== code) {
    await writeAtomically(join(directory, file), code, 0o644);
  }
  await writeAtomically(join(directory, executable), launcher(file), 0o755);
  const stale = (await readdir(directory)).filter(
    (entry) => entry.startsWith(`.${executable}.`) && entry.endsWith(".js") && entry !== file,
  );
  await Promise.all(stale.map((entry) => rm(join(directory, entry), { force: true })));
}

/**
 * Installs `pulumi-resource-command`, `-random` and `-tls` into a directory that is to be on PATH. Safe to repeat; what
 * is up to date stays.
 * @throws Error if a plugin's source cannot be bundled.
 */
export async function installPlugins(binDir: string): Promise<void> {
  await mkdir(binDir, { recursive: true });
  for (const name of PLUGIN_NAMES) {
    await installPlugin(name, binDir);
  }
}

if (require.main === module) {
  const directory = process.argv[2];
  if (directory === undefined) {
    process.stderr.write("usage: install.ts DIRECTORY\n");
    process.exitCode = 2;
  } else {
    void installPlugins(directory);
  }
}
