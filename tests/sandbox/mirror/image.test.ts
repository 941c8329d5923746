import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Image, imageInputs, writeImage } from "../../../sandbox/mirror/image";
import type { BuildContext, Recipe } from "../../../sandbox/toolchain/cache";

const program = recipe("program");
const tree = recipe("tree");

const image: Image = {
  repository: "upstream/program",
  tag: "v1",
  parts: [
    { entry: tree, path: "root", to: "/" },
    { entry: program, path: "program", to: "/app/cmd/program" },
  ],
  entrypoint: ["/app/cmd/program"],
  user: "1000",
  environment: { LANG: "C.UTF-8" },
  ports: ["80/tcp"],
};

let directory: string;
let context: BuildContext;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "homelab-image-"));
  const entries = join(directory, "entries");
  mkdirSync(join(entries, "program"), { recursive: true });
  writeFileSync(join(entries, "program", "program"), "machine code", { mode: 0o700 });
  mkdirSync(join(entries, "tree", "root", "lib"), { recursive: true });
  writeFileSync(join(entries, "tree", "root", "lib", "libc.so.6"), "library", { mode: 0o644 });
  symlinkSync("/lib/libc.so.6", join(entries, "tree", "root", "lib", "libc.so"));
  context = {
    use: ({ name }) => Promise.resolve(join(entries, name)),
    logFile: join(directory, "log"),
    detail: () => undefined,
  };
});

afterEach(() => rmSync(directory, { recursive: true }));

function recipe(name: string, version = "1"): Recipe {
  return { name, title: name, inputs: { version }, build: () => Promise.resolve() };
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

interface Written {
  readonly manifest: { readonly config: Blob; readonly layers: readonly [Blob] };
  readonly text: string;
  readonly blob: (of: Blob) => Buffer;
}

async function write(to: string, what: Image = image): Promise<Written> {
  const registry = join(directory, to);
  mkdirSync(join(registry, "blobs"), { recursive: true });
  await writeImage(registry, what, context);
  const text = readFileSync(join(registry, what.repository, "manifests", what.tag), "utf8");
  const blob = ({ digest }: Blob) => readFileSync(join(registry, "blobs", digest));
  return { manifest: JSON.parse(text) as Written["manifest"], text, blob };
}

const sha256 = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

test("manifest, configuration and layer refer to each other by digest and size", async () => {
  const { manifest, text, blob } = await write("registry");
  for (const part of [manifest.config, ...manifest.layers]) {
    expect({ digest: sha256(blob(part)), size: blob(part).length }).toEqual({ digest: part.digest, size: part.size });
  }
  expect(readdirSync(join(directory, "registry", "upstream", "program", "manifests")).sort()).toEqual([
    sha256(text),
    "v1",
  ]);
  expect(readdirSync(join(directory, "registry")).sort()).toEqual(["blobs", "upstream"]);
});

test("the configuration says how the program is started", async () => {
  const { manifest, blob } = await write("registry");
  const layer = gunzipSync(blob(manifest.layers[0]));
  expect(JSON.parse(blob(manifest.config).toString())).toMatchObject({
    os: "linux",
    config: {
      User: "1000",
      Entrypoint: ["/app/cmd/program"],
      Env: ["PATH=/usr/local/bin:/usr/bin:/bin:/", "LANG=C.UTF-8"],
      ExposedPorts: { "80/tcp": {} },
    },
    rootfs: { type: "layers", diff_ids: [sha256(layer)] },
  });
});

test("the layer has each part at its place, readable by any user", async () => {
  const { manifest, blob } = await write("registry");
  const tarball = join(directory, "layer.tar");
  writeFileSync(tarball, gunzipSync(blob(manifest.layers[0])));
  const lines = execFileSync("tar", ["-tvf", tarball, "--numeric-owner"], { encoding: "utf8" }).split("\n");
  const found = lines.map((line) => line.replace(/^(\S+) (\S+) .*? (\.\/.*)$/, "$1 $2 $3"));
  expect(found).toEqual(
    expect.arrayContaining([
      "-rwxr-xr-x 0/0 ./app/cmd/program",
      "-rw-r--r-- 0/0 ./lib/libc.so.6",
      "lrwxrwxrwx 0/0 ./lib/libc.so -> /lib/libc.so.6",
      "-rw-r--r-- 0/0 ./etc/passwd",
      "drwxrwxrwt 0/0 ./tmp/",
    ]),
  );
});

test("the same files make the same image", async () => {
  const first = await write("one");
  expect((await write("other")).text).toBe(first.text);
});

test("another program, path or setting makes other inputs", () => {
  const others: Image[] = [
    { ...image, parts: [{ entry: recipe("program", "2"), path: "program", to: "/app/cmd/program" }] },
    { ...image, parts: image.parts.slice(1) },
    { ...image, user: "1001" },
  ];
  expect(new Set([image, ...others].map(imageInputs)).size).toBe(4);
});
