import { createHash } from "node:crypto";
import { createWriteStream, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { projectDirectory } from "../paths";
import { run } from "../process";
import type { Recipe } from "./cache";

/** Where Pulumi publishes its releases. */
export const OFFICIAL_RELEASES = "https://get.pulumi.com/releases";

/** Provider plugins that the program uses, each in the version that its SDK in package.json asks for. */
const plugins = ["command", "kubernetes", "random", "tls"] as const;

/** How long the releases may take to answer before they count as out of reach. */
const PROBE_TIMEOUT_MS = 4000;

interface Archive {
  readonly path: string;
  /** Leading folders to drop: the CLI's archive has its programs in `pulumi/`. */
  readonly strip: number;
}

function installedVersion(name: string): string {
  const file = join(projectDirectory(), "package.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, string> };
  const version = dependencies[`@pulumi/${name}`];
  if (version === undefined) throw new Error(`${file}: no dependency on @pulumi/${name}`);
  return version;
}

function archives(): Archive[] {
  const arm = process.arch === "arm64";
  const cli = `sdk/pulumi-v${installedVersion("pulumi")}-linux-${arm ? "arm64" : "x64"}.tar.gz`;
  const providers = plugins.map(
    (name) => `plugins/pulumi-resource-${name}-v${installedVersion(name)}-linux-${arm ? "arm64" : "amd64"}.tar.gz`,
  );
  return [{ path: cli, strip: 1 }, ...providers.map((path) => ({ path, strip: 0 }))];
}

/** True when every archive that is needed can be had from the releases, told within a few seconds. */
export async function officialReachable(releases = OFFICIAL_RELEASES): Promise<boolean> {
  const answers = archives().map(async ({ path }) => {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const response = await fetch(`${releases}/${path}`, { method: "HEAD", signal });
    return response.ok;
  });
  return Promise.all(answers).then(
    (all) => all.every(Boolean),
    () => false,
  );
}

/** The official CLI with its language hosts, and the official provider plugins, in one folder. */
export function officialRecipe(releases = OFFICIAL_RELEASES): Recipe {
  return {
    name: "pulumi-official",
    title: `download the official Pulumi CLI ${installedVersion("pulumi")} and plugins`,
    inputs: { archives: JSON.stringify(archives()), releases },
    build: async (directory, { logFile, detail }) => {
      const scratch = join(directory, "download");
      await mkdir(scratch);
      for (const { path, strip } of archives()) {
        detail(path);
        const file = join(scratch, createHash("sha256").update(path).digest("hex"));
        const response = await fetch(`${releases}/${path}`);
        if (!response.ok || response.body === null) throw new Error(`${releases}/${path}: HTTP ${response.status}`);
        await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), createWriteStream(file));
        const args = ["-xzf", file, "-C", scratch, "--no-same-owner", `--strip-components=${strip}`];
        await run("tar", args, { logFile });
        await rm(file);
      }
      for (const file of await readdir(scratch)) {
        if (!file.startsWith("pulumi")) continue;
        await rename(join(scratch, file), join(directory, file));
        await chmod(join(directory, file), 0o755);
      }
      await rm(scratch, { recursive: true });
    },
  };
}
