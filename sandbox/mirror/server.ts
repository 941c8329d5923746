import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { join, sep } from "node:path";
import { pipeline } from "node:stream";
import { parseArgs } from "node:util";

/** Folders that the mirror serves. */
export interface MirrorContent {
  /** k3s releases: `VERSION/FILE`, served as `/k3s/VERSION/FILE`. */
  readonly k3s: string;
  /** Debian archive: `HOST/PATH`, served to whoever asks for that host. */
  readonly debian: string;
  /** Helm repository: `index.yaml` and the charts, served as `/charts/FILE`. */
  readonly charts: string;
  /** Images: `blobs/DIGEST` and `REPOSITORY/manifests/REFERENCE`. */
  readonly images: string;
}

/**
 * Web server with the k3s releases, the charts, and with the Debian archive under the host names that hosts know it by.
 * Answers GET and HEAD, one byte range, and nothing outside of its folders.
 */
export function fileServer(content: MirrorContent): Server {
  return server(async (request, response) => {
    const path = requestPath(request);
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const folder = (["k3s", "charts"] as const).find((name) => path.startsWith(`/${name}/`));
    const [root, file] =
      folder === undefined ? [content.debian, `${host}${path}`] : [content[folder], path.slice(folder.length + 2)];
    await sendFile(request, response, root, file, "application/octet-stream");
  });
}

/**
 * Container registry to pull from, after https://github.com/opencontainers/distribution-spec: manifests by tag or
 * digest, and blobs. Pushing is not part of it.
 */
export function registryServer(content: MirrorContent): Server {
  return server(async (request, response) => {
    response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
    const path = requestPath(request);
    if (path === "/v2/" || path === "/v2") return void response.writeHead(200).end();
    const [, repository, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    if (repository === undefined || reference === undefined) return fail(response, 404, "no such page");
    if (reference.startsWith("sha256:")) response.setHeader("Docker-Content-Digest", reference);
    const manifest = kind === "manifests";
    const file = manifest ? join(repository, "manifests", reference) : join("blobs", reference);
    const type = manifest ? "application/vnd.oci.image.manifest.v1+json" : "application/octet-stream";
    await sendFile(request, response, content.images, file, type);
  });
}

function server(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Server {
  return createServer((request, response) => {
    response.once("close", () => {
      process.stdout.write(`${request.method} ${request.headers.host}${request.url} ${response.statusCode}\n`);
    });
    if (request.method !== "GET" && request.method !== "HEAD") return fail(response, 405, "only GET and HEAD");
    handle(request, response).catch((error: unknown) => fail(response, 400, String(error)));
  });
}

function requestPath(request: IncomingMessage): string {
  // A proxy's absolute form is accepted too; the query, such as containerd's `?ns=`, does not matter.
  return decodeURIComponent((request.url ?? "/").replace(/^http:\/\/[^/]*/, "").replace(/\?.*$/, ""));
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  root: string,
  file: string,
  contentType: string,
): Promise<void> {
  const path = await realpath(join(root, file)).catch(() => undefined);
  const status = path === undefined ? undefined : await stat(path);
  const inside = path?.startsWith((await realpath(root)) + sep) === true;
  if (path === undefined || !inside || status?.isFile() !== true) return fail(response, 404, `no file ${file}`);
  response.setHeader("Content-Type", contentType);
  response.setHeader("Accept-Ranges", "bytes");
  response.setHeader("Last-Modified", status.mtime.toUTCString());
  const range = byteRange(request.headers.range, status.size);
  if (range === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${status.size}`);
    return fail(response, 416, "no such range");
  }
  const { start, end } = range ?? { start: 0, end: status.size - 1 };
  response.setHeader("Content-Length", end - start + 1);
  if (range !== undefined) response.setHeader("Content-Range", `bytes ${start}-${end}/${status.size}`);
  response.writeHead(range === undefined ? 200 : 206);
  if (request.method === "HEAD" || status.size === 0) return void response.end();
  // A client that goes away in the middle is its own business.
  pipeline(createReadStream(path, { start, end }), response, () => undefined);
}

/** One range of a `Range` header; undefined when the whole file is to be sent. */
export function byteRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? "unsatisfiable" : { start, end };
}

function fail(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "Content-Type": "text/plain" }).end(`${text}\n`);
}

function main(): void {
  const text = { type: "string", default: "" } as const;
  const { values } = parseArgs({ options: { k3s: text, charts: text, debian: text, images: text } });
  fileServer(values).listen(80, "::");
  registryServer(values).listen(5000, "::");
}

if (require.main === module) main();
