/** The mirror's folder of k3s releases: the sandbox's own, and one that it can be upgraded to. */
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { k3sRecipe, releaseFiles } from "../../../sandbox/mirror/k3s";
import { projectDirectory } from "../../../sandbox/paths";
import { type Recipe, cacheKey } from "../../../sandbox/toolchain/cache";
import type { GoProgram } from "../../../sandbox/toolchain/go";
import { versions } from "../../../sandbox/toolchain/recipes";

// Keys that differ as the real ones do, without Go on the machine.
jest.mock("../../../sandbox/toolchain/go", () => ({
  goInputs: (program: GoProgram) => Promise.resolve({ program: JSON.stringify(program) }),
}));

const uri = "http://archive.example/debian/";
const recipe = (): Promise<Recipe> =>
  k3sRecipe({ architecture: "amd64", suites: [{ uri, hostUri: uri, release: "bookworm" }] });

test("the first release is the one that the sandbox's stack asks for, and the next is newer in nothing but its number", () => {
  const stack = parse(readFileSync(join(projectDirectory(), "Pulumi.sandbox.yaml"), "utf8")) as {
    config: { "homelab:cluster": { k3sVersion: string } };
  };
  const { k3sVersion } = stack.config["homelab:cluster"];
  expect(versions.k3s).toBe(k3sVersion);
  const [kubernetes, number] = k3sVersion.split("+k3s");
  expect(versions.k3sNext).toBe(`${kubernetes}+k3s${Number(number) + 1}`);
});

test("each release is built on its own, and none is taken for the other", async () => {
  const { inputs } = await recipe();
  expect(Object.keys(inputs)).toEqual([versions.k3s, versions.k3sNext]);
  expect(inputs[versions.k3s]).not.toBe(inputs[versions.k3sNext]);
});

test("the folder holds program and checksums of both, as files that the mirror serves", async () => {
  const directory = mkdtempSync(join(tmpdir(), "homelab-releases-"));
  try {
    const releases = await recipe();
    const versionOf = new Map(Object.entries(releases.inputs).map(([version, key]) => [key, version]));
    const { program, sums } = releaseFiles();
    const use = (part: Recipe): Promise<string> => {
      const version = versionOf.get(cacheKey(part)) ?? "";
      const entry = join(directory, "entries", version);
      mkdirSync(join(entry, version), { recursive: true });
      for (const name of [program, sums]) writeFileSync(join(entry, version, name), `${name} of ${version}`);
      return Promise.resolve(entry);
    };
    const folder = join(directory, "releases");
    mkdirSync(folder);
    await releases.build(folder, { use, logFile: join(directory, "log"), detail: () => undefined });
    expect(readdirSync(folder)).toEqual([versions.k3s, versions.k3sNext]);
    for (const version of [versions.k3s, versions.k3sNext]) {
      expect(readdirSync(join(folder, version)).sort()).toEqual([program, sums]);
      expect(lstatSync(join(folder, version, program)).isFile()).toBe(true);
      expect(readFileSync(join(folder, version, program), "utf8")).toBe(`${program} of ${version}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
