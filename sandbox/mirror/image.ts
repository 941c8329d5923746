import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { run } from "../process";
import { type BuildContext, type Recipe, cacheKey } from "../toolchain/cache";

/** A file or a folder of a cache entry, and where it is in an image. */
export interface ImagePart {
  readonly entry: Recipe;
  /** Path in the entry. */
  readonly path: string;
  /** Absolute path in the image. */
  readonly to: string;
}

/** A container image: what is in it, and how its program is started. */
export interface Image {
  /** Repository under which hosts ask for it, without a registry: `rancher/mirrored-pause`. */
  readonly repository: string;
  readonly tag: string;
  readonly parts: readonly ImagePart[];
  /** Program and arguments. @default none: whoever runs the image says what it starts */
  readonly entrypoint?: readonly string[];
  /** User as upstream's image has it, by name or number. @default root */
  readonly user?: string;
  /** @default only PATH */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default [] */
  readonly ports?: readonly string[];
}

/** The users that images name, and name service by files and DNS. */
const systemFiles: Readonly<Record<string, string>> = {
  "etc/passwd":
    "root:x:0:0:root:/root:/sbin/nologin\nnode:x:1000:1000:node:/tmp:/sbin/nologin\n" +
    "nobody:x:65534:65534:nobody:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n",
  "etc/group": "root:x:0:\nnode:x:1000:\nnogroup:x:65534:\nnonroot:x:65532:\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

/** Fast rather than small: layers only cross a virtual LAN. */
const GZIP_LEVEL = 1;

const compress = promisify(gzip);

/** All that an image depends on, as text for a cache key. */
export function imageInputs({ parts, ...image }: Image): string {
  const files = parts.map(({ entry, ...part }) => ({ ...part, entry: cacheKey(entry) }));
  return JSON.stringify([image, files, systemFiles, GZIP_LEVEL]);
}

/**
 * Writes an image of one layer into a registry's folder: blobs by digest, the manifest by tag and by digest.
 * Follows https://github.com/opencontainers/image-spec.
 */
export async function writeImage(directory: string, image: Image, context: BuildContext): Promise<void> {
  const layer = await readLayer(directory, image, context);
  const environment = { PATH: "/usr/local/bin:/usr/bin:/bin:/", ...image.environment };
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: {
      User: image.user ?? "",
      WorkingDir: "/",
      Entrypoint: image.entrypoint ?? null,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ExposedPorts: Object.fromEntries((image.ports ?? []).map((port) => [port, {}])),
    },
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
  };
  const packed = await compress(layer, { level: GZIP_LEVEL });
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: await blob(directory, "application/vnd.oci.image.config.v1+json", Buffer.from(JSON.stringify(config))),
    layers: [await blob(directory, "application/vnd.oci.image.layer.v1.tar+gzip", packed)],
  };
  const text = JSON.stringify(manifest);
  for (const reference of [image.tag, digest(Buffer.from(text))]) {
    const path = join(directory, image.repository, "manifests", reference);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** The image's files as a tar that is the same for the same files. */
async function readLayer(directory: string, { repository, tag, parts }: Image, context: BuildContext): Promise<Buffer> {
  const scratch = join(directory, "scratch");
  const root = join(scratch, "root");
  for (const [path, text] of Object.entries(systemFiles)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  for (const { entry, path, to } of parts) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await cp(join(await context.use(entry), path), join(root, to), { recursive: true, verbatimSymlinks: true });
  }
  context.detail(`${repository}:${tag}`);
  await mkdir(join(root, "tmp"));
  await run("chmod", ["-R", "u=rwX,go=rX", root]);
  await chmod(join(root, "tmp"), 0o1777);
  const tarball = join(scratch, "layer.tar");
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
  await run("tar", ["-cf", tarball, ...owner, "-C", root, "."], context);
  const layer = await readFile(tarball);
  await rm(scratch, { recursive: true });
  return layer;
}

async function blob(directory: string, mediaType: string, content: Buffer): Promise<Record<string, unknown>> {
  await writeFile(join(directory, "blobs", digest(content)), content);
  return { mediaType, digest: digest(content), size: content.length };
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
