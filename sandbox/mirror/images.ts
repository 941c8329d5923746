import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../process";
import { type Recipe, cacheKey } from "../toolchain/cache";
import { corednsRecipe, ownProgramRecipe } from "../toolchain/recipes";

/** An image with one static program in it. */
interface ProgramImage {
  /** Repository under which hosts ask for it, without a registry: `rancher/mirrored-pause`. */
  readonly repository: string;
  readonly tag: string;
  /** Entry of the cache with the program. */
  readonly program: Recipe;
  /** Name of the program in its entry; it becomes `/NAME` in the image, and the image's entry point. */
  readonly executable: string;
  readonly ports: readonly string[];
}

/**
 * The images that the registry has, under upstream's names and tags.
 *
 * Pause is a program of ours. CoreDNS 1.9.4 can't be built from modules any more (a dependency is gone), so the tag
 * that k3s 1.25 asks for holds 1.11.3.
 */
async function images(): Promise<readonly ProgramImage[]> {
  const pause = { program: await ownProgramRecipe("pause"), executable: "pause", ports: [] };
  const coredns = { program: await corednsRecipe(), executable: "coredns", ports: ["53/udp", "53/tcp"] };
  const whoami = { program: await ownProgramRecipe("whoami"), executable: "whoami", ports: ["80/tcp"] };
  return [
    { repository: "rancher/mirrored-pause", tag: "3.6", ...pause },
    { repository: "rancher/mirrored-coredns-coredns", tag: "1.9.4", ...coredns },
    { repository: "homelab/whoami", tag: "1", ...whoami },
  ];
}

/**
 * Recipe of the registry's content: `blobs/sha256:HEX`, and for each repository `REPOSITORY/manifests/REFERENCE` by tag
 * and by digest. Follows https://github.com/opencontainers/image-spec.
 */
export async function imagesRecipe(): Promise<Recipe> {
  const all = await images();
  return {
    name: "images",
    title: "make the container images",
    inputs: {
      layout: "1",
      images: JSON.stringify(all.map(({ program, ...image }) => ({ ...image, program: cacheKey(program) }))),
    },
    build: async (directory, context) => {
      await mkdir(join(directory, "blobs"));
      for (const image of all) {
        const program = join(await context.use(image.program), image.executable);
        context.detail(`image ${image.repository}:${image.tag}`);
        await writeImage(directory, image, program, context.logFile);
      }
    },
  };
}

async function writeImage(directory: string, image: ProgramImage, program: string, logFile: string): Promise<void> {
  const scratch = join(directory, "scratch");
  await mkdir(join(scratch, "root", "tmp"), { recursive: true });
  await copyFile(program, join(scratch, "root", image.executable));
  await chmod(join(scratch, "root"), 0o755);
  await chmod(join(scratch, "root", "tmp"), 0o1777);
  const tarball = join(scratch, "layer.tar");
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
  await run("tar", ["-cf", tarball, ...owner, "-C", join(scratch, "root"), "."], { logFile });
  const layer = await readFile(tarball);
  await rm(scratch, { recursive: true });

  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: {
      Entrypoint: [`/${image.executable}`],
      Env: ["PATH=/"],
      ExposedPorts: Object.fromEntries(image.ports.map((port) => [port, {}])),
    },
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: await blob(directory, "application/vnd.oci.image.config.v1+json", Buffer.from(JSON.stringify(config))),
    layers: [await blob(directory, "application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(layer, { level: 6 }))],
  };
  const text = JSON.stringify(manifest);
  for (const reference of [image.tag, digest(Buffer.from(text))]) {
    const path = join(directory, image.repository, "manifests", reference);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

async function blob(directory: string, mediaType: string, content: Buffer): Promise<Record<string, unknown>> {
  await writeFile(join(directory, "blobs", digest(content)), content);
  return { mediaType, digest: digest(content), size: content.length };
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
