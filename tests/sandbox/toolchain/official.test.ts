import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { officialReachable, officialRecipe } from "../../../sandbox/toolchain/official";

let directory: string;
let server: Server;
let releases: string;
let missing: string;

/** An archive as the releases have it: the CLI's in a folder `pulumi`, a plugin's beside its README. */
function archive(name: string): Buffer {
  const folder = mkdtempSync(join(directory, "archive-"));
  const cli = name.startsWith("pulumi-v");
  const inner = cli ? "pulumi" : ".";
  mkdirSync(join(folder, inner), { recursive: true });
  const programs = cli ? ["pulumi", "pulumi-language-nodejs"] : [name.replace(/-v\d.*$/, ""), "README.md"];
  for (const program of programs) writeFileSync(join(folder, inner, program), name);
  return execFileSync("tar", ["-czf", "-", "-C", folder, ...(cli ? ["pulumi"] : programs)]);
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "homelab-official-"));
  missing = "nothing";
  server = createServer((request, response) => {
    const name = basename(request.url ?? "");
    if (name.includes(missing)) return void response.writeHead(404).end();
    response.writeHead(200).end(request.method === "HEAD" ? undefined : archive(name));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

test("CLI, language host and the four plugins of the SDK's versions come into one folder", async () => {
  expect(await officialReachable(releases)).toBe(true);
  const to = join(directory, "entry");
  mkdirSync(to);
  const logFile = join(directory, "log");
  const context = { use: () => Promise.reject(new Error("unused")), logFile, detail: () => undefined };
  await officialRecipe(releases).build(to, context);
  const plugins = ["command", "kubernetes", "random", "tls"].map((name) => `pulumi-resource-${name}`);
  expect(readdirSync(to).sort()).toEqual(["pulumi", "pulumi-language-nodejs", ...plugins]);
  for (const file of readdirSync(to)) expect(statSync(join(to, file)).mode & 0o777).toBe(0o755);
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  const version = dependencies["@pulumi/kubernetes"];
  expect(readFileSync(join(to, "pulumi-resource-kubernetes"), "utf8")).toContain(`kubernetes-v${version}-linux-`);
});

test("one plugin that can't be had, or no answer at all, means that they are built", async () => {
  missing = "resource-tls";
  expect(await officialReachable(releases)).toBe(false);
  expect(await officialReachable("http://127.0.0.1:1")).toBe(false);
});
