import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type Server, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type MirrorContent, byteRange, fileServer, registryServer } from "../../../sandbox/mirror/server";

let directory: string;
let servers: Server[];
let [files, registry] = [0, 0];

beforeAll(async () => {
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  directory = mkdtempSync(join(tmpdir(), "homelab-mirror-"));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  put("secret", "not to be seen");
  put("k3s/v1.25.4+k3s1/k3s", "0123456789");
  put("debian/archive.example/debian/pool/a_1+2_amd64.deb", "package");
  put("charts/index.yaml", "entries: {}");
  put("images/rancher/mirrored-pause/manifests/3.6", "{}");
  put("images/blobs/sha256:aa", "layer");
  symlinkSync(join(directory, "secret"), join(directory, "k3s", "link"));
  const content: MirrorContent = {
    k3s: join(directory, "k3s"),
    charts: join(directory, "charts"),
    debian: join(directory, "debian"),
    images: join(directory, "images"),
  };
  servers = [fileServer(content), registryServer(content)];
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
      }),
  );
  [files = 0, registry = 0] = await Promise.all(ports);
});

afterAll(() => {
  servers.forEach((server) => server.close());
  rmSync(directory, { recursive: true });
  jest.restoreAllMocks();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function ask(port: number, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers, method, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });
}

test.each(["/k3s/v1.25.4+k3s1/k3s", "/k3s/v1.25.4%2Bk3s1/k3s"])("a release is served as %s", async (path) => {
  expect(await ask(files, path)).toMatchObject({ status: 200, body: "0123456789" });
});

test("the chart repository is served to whoever asks, and its folder's name is no way into another one", async () => {
  expect(await ask(files, "/charts/index.yaml")).toMatchObject({ status: 200, body: "entries: {}" });
  expect((await ask(files, "/charts/../k3s/v1.25.4+k3s1/k3s")).status).toBe(404);
  expect((await ask(files, "/chartsindex.yaml")).status).toBe(404);
});

test("HEAD tells the size and sends nothing", async () => {
  const answer = await ask(files, "/k3s/v1.25.4+k3s1/k3s", {}, "HEAD");
  expect(answer).toMatchObject({ status: 200, body: "", headers: { "content-length": "10" } });
});

test("a download can be continued", async () => {
  const answer = await ask(files, "/k3s/v1.25.4+k3s1/k3s", { Range: "bytes=7-" });
  expect(answer).toMatchObject({ status: 206, body: "789", headers: { "content-range": "bytes 7-9/10" } });
  expect((await ask(files, "/k3s/v1.25.4+k3s1/k3s", { Range: "bytes=10-" })).status).toBe(416);
});

test("the Debian archive answers under its own host name only", async () => {
  const path = "/debian/pool/a_1%2b2_amd64.deb";
  expect(await ask(files, path, { Host: "archive.example" })).toMatchObject({ status: 200, body: "package" });
  expect((await ask(files, path, { Host: "other.example" })).status).toBe(404);
});

test.each([
  "/k3s/../secret",
  "/k3s/%2e%2e/secret",
  "/k3s/..%2fsecret",
  "/k3s/link",
  "/../secret",
  "/k3s/v1.25.4+k3s1",
  "/k3s/%00",
])("%s is not served", async (path) => {
  expect((await ask(files, path, { Host: "archive.example" })).status).toBeGreaterThanOrEqual(400);
});

test("a host named like a way out of the folder is not served", async () => {
  expect((await ask(files, "/secret", { Host: ".." })).status).toBe(404);
});

test("writing is refused", async () => {
  expect((await ask(files, "/k3s/v1.25.4+k3s1/k3s", {}, "PUT")).status).toBe(405);
});

test("the registry answers as containerd asks", async () => {
  expect((await ask(registry, "/v2/")).status).toBe(200);
  const manifest = await ask(registry, "/v2/rancher/mirrored-pause/manifests/3.6?ns=docker.io");
  expect(manifest).toMatchObject({ status: 200, body: "{}" });
  expect(manifest.headers["content-type"]).toBe("application/vnd.oci.image.manifest.v1+json");
  expect(await ask(registry, "/v2/any/name/blobs/sha256:aa")).toMatchObject({ status: 200, body: "layer" });
  expect((await ask(registry, "/v2/rancher/mirrored-pause/manifests/3.7")).status).toBe(404);
});

test.each([
  [undefined, undefined],
  ["bytes=0-4", { start: 0, end: 4 }],
  ["bytes=5-", { start: 5, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-30", { start: 0, end: 9 }],
  ["bytes=8-100", { start: 8, end: 9 }],
  ["bytes=12-", "unsatisfiable"],
  ["bytes=0-1,4-5", undefined],
])("range %s of ten bytes", (header, expected) => {
  expect(byteRange(header, 10)).toEqual(expected);
});
