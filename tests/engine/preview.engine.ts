import * as fs from "node:fs";
import { Engine, project } from "./engine";

const stacks = fs.readdirSync(project).flatMap((file) => /^Pulumi\.([a-z0-9-]+)\.yaml$/.exec(file)?.[1] ?? []);

interface Plan {
  readonly steps: readonly {
    readonly op: string;
    readonly urn: string;
    readonly newState?: { readonly inputs?: Record<string, unknown> };
  }[];
}

test("there is a stack file for a home and one for the sandbox", () => {
  expect(stacks).toEqual(expect.arrayContaining(["home", "sandbox"]));
});

describe.each(stacks)("the very first preview of the stack %s, with no host in reach", (stack) => {
  let engine: Engine;
  let plan: Plan;
  let text: string;
  beforeAll(() => {
    engine = new Engine(stack);
    text = engine.expect(["preview", "--stack", stack, "--json"]);
    plan = JSON.parse(text) as Plan;
  });
  afterAll(() => engine.remove());

  const names = (type: string): string[] =>
    plan.steps
      .filter(({ urn }) => urn.split("::")[2]?.split("$").at(-1) === type)
      .map(({ urn }) => urn.split("::")[3] ?? "");

  test("creates every step of every host, and nothing else happens", () => {
    const others = plan.steps.filter(({ op }) => op !== "create").map(({ op, urn }) => [op, urn.split("::")[2]]);
    expect(others).toEqual([["read", "pulumi:pulumi:StackReference"]]);
    for (const host of engine.servers) {
      expect(names("command:remote:Command")).toEqual(
        expect.arrayContaining([
          `${host}-ready`,
          `${host}-k3s-install`,
          `${host}-api-vip`,
          `${host}-k3s-rollout`,
          `${host}-membership`,
        ]),
      );
    }
    expect(names("command:remote:Command")).toHaveLength(engine.servers.length * 14 + engine.agents.length * 12 + 2);
  });

  test("shows the objects in the cluster although its address is not known yet", () => {
    expect(names("kubernetes:apps/v1:DeploymentPatch")).toHaveLength(1);
    expect(names("pulumi:providers:kubernetes")).toHaveLength(1);
  });

  test("shows the text of the files that will be written", () => {
    const files = plan.steps.find(({ urn }) => urn.endsWith(`::${engine.servers[0]}-k3s-files`));
    expect(String(files?.newState?.inputs?.["stdin"])).toContain("secrets-encryption: true");
  });

  test("shows no secret", () => {
    const body = engine.privateKey.split("\n")[2] ?? "";
    expect(body.length).toBeGreaterThan(20);
    expect(text).not.toContain(body);
  });
});

describe("a mistake in the config", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = new Engine("home");
    const file = fs.readFileSync(engine.stackFile, "utf8");
    fs.writeFileSync(
      engine.stackFile,
      file.replace("role: server", "role: boss").replace("192.168.1.12", "192.168.1.11"),
    );
  });
  afterAll(() => engine.remove());

  test("fails the preview, with every problem named and no stack trace", () => {
    const { status, stdout, stderr } = engine.pulumi(["preview", "--stack", "home", "--non-interactive"]);
    expect(status).not.toBe(0);
    const output = stdout + stderr;
    expect(output).toContain("hosts[0].role");
    expect(output).toContain("hosts[1].address");
    expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
  });
});
