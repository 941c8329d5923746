import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPlugins, PLUGIN_NAMES } from "../../../sandbox/plugins/install";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plugins-"));
  await installPlugins(folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test.each(PLUGIN_NAMES)("%s starts and prints its port", async (name) => {
  const child = spawn(join(folder, `pulumi-resource-${name}`), [], { stdio: ["ignore", "pipe", "inherit"] });
  const printed = await new Promise<string>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  expect(printed).toMatch(/^\d+\n$/);
  expect(await ended).toBe(0);
});

test("a second installation changes nothing", async () => {
  const before = readdirSync(folder);
  await installPlugins(folder);
  expect(readdirSync(folder)).toEqual(before);
}, 60_000);
