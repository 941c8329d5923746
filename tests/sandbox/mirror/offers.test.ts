/** What the sandbox's registry and chart repository offer is what the program asks for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { traefikValues } from "../../../components/network/traefik-values";
import { versions } from "../../../config/versions";
import { traefikChart } from "../../../sandbox/mirror/charts";
import { images } from "../../../sandbox/mirror/images";
import { projectDirectory } from "../../../sandbox/paths";
import { controllerVersions } from "../../../sandbox/toolchain/controllers";

// A check of names needs no Go on the machine.
jest.mock("../../../sandbox/toolchain/go", () => ({ goInputs: () => Promise.resolve({}) }));

interface Overrides {
  readonly charts?: Readonly<Record<string, string>>;
  readonly images?: Readonly<Record<string, string>>;
}

interface Schema {
  readonly $ref?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const read = (...path: string[]) => parse(readFileSync(join(...path), "utf8")) as Record<string, unknown>;
const stack = read(projectDirectory(), "Pulumi.sandbox.yaml").config as Record<string, unknown>;
const overrides = (stack["homelab:versions"] ?? {}) as Overrides;
const chart = read(traefikChart(), "Chart.yaml");

async function offered(): Promise<string[]> {
  const all = await images({ architecture: "amd64", suites: [] });
  return all.map(({ repository, tag }) => `${repository}:${tag}`);
}

test("no two images have the same name", async () => {
  const names = await offered();
  expect(new Set(names).size).toBe(names.length);
});

test.each(Object.entries(versions.images))("the registry has the sandbox's %s", async (name, reference) => {
  const wanted = overrides.images?.[name] ?? reference;
  expect(await offered()).toContain(wanted.replace(/^[^/]+\.[^/]+\//, ""));
});

test("the stand-in for Traefik's chart is of the version that is asked for, and its image is there", async () => {
  expect(chart.version).toBe(overrides.charts?.traefik ?? versions.charts.traefik.version);
  expect(chart.appVersion).toBe(controllerVersions.traefik);
  expect(await offered()).toContain(`library/traefik:${chart.appVersion as string}`);
});

describe("the stand-in for Traefik's chart", () => {
  const root = read(traefikChart(), "values.schema.json") as Schema;

  /** Paths of values that the schema has no property for, though it closes the object they are in. */
  function unknown(values: unknown, schema: Schema, path = ""): string[] {
    const own = schema.$ref === undefined ? schema : root.definitions?.[schema.$ref.replace("#/definitions/", "")];
    if (own?.additionalProperties !== false) return [];
    return Object.entries(values as Record<string, unknown>).flatMap(([key, value]) => {
      const property = own.properties?.[key];
      return property === undefined ? [`${path}/${key}`] : unknown(value, property, `${path}/${key}`);
    });
  }

  test.each([true, false])("knows every value that is set with dashboard: %s", (dashboard) => {
    const values = traefikValues({ address: { ipv4: "192.0.2.200", ipv6: "fd00::200" }, dashboard });
    expect(unknown(values, root)).toEqual([]);
  });

  test("would show one that it does not know", () => {
    expect(unknown({ ports: { web: { port: 1, hostPort: 80 } }, hub: {} }, root)).toEqual([
      "/ports/web/hostPort",
      "/hub",
    ]);
  });
});
