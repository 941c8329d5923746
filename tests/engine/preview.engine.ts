import * as fs from "node:fs";
import { Engine, project } from "./engine";

const stacks = fs.readdirSync(project).flatMap((file) => /^Pulumi\.([a-z0-9-]+)\.yaml$/.exec(file)?.[1] ?? []);

interface Plan {
  readonly steps: readonly {
    readonly op: string;
    readonly urn: string;
    readonly newState?: {
      readonly inputs?: Record<string, unknown>;
      readonly provider?: string;
      readonly parent?: string;
      readonly dependencies?: readonly string[];
    };
  }[];
}

/** What the first preview shows of each layer (of `one+other`: if the stack has both): type and name in the cluster. */
const layers: Readonly<Record<string, readonly (readonly [type: string, name: string])[]>> = {
  loadBalancer: [
    ["kubernetes:core/v1:Namespace", "metallb-system"],
    ["kubernetes:helm.sh/v3:Release", "metallb"],
    ["kubernetes:metallb.io/v1beta1:IPAddressPool", "default"],
    ["kubernetes:metallb.io/v1beta1:IPAddressPool", "fixed"],
    ["kubernetes:metallb.io/v1beta1:L2Advertisement", "homelab"],
  ],
  certificates: [
    ["kubernetes:core/v1:Namespace", "cert-manager"],
    ["kubernetes:helm.sh/v3:Release", "cert-manager"],
    ["kubernetes:cert-manager.io/v1:ClusterIssuer", "internal"],
  ],
  ingress: [
    ["kubernetes:core/v1:Namespace", "traefik"],
    ["kubernetes:helm.sh/v3:Release", "traefik"],
    ["kubernetes:traefik.io/v1alpha1:TLSStore", "default"],
  ],
  "ingress+certificates": [["kubernetes:cert-manager.io/v1:Certificate", "default"]],
  lanDns: [["kubernetes:apps/v1:DaemonSet", "lan-dns"]],
  publicDns: [["kubernetes:batch/v1:CronJob", "public-dns"]],
  apps: [
    ["kubernetes:core/v1:Namespace", "apps"],
    ["kubernetes:apps/v1:Deployment", "whoami"],
    ["kubernetes:networking.k8s.io/v1:Ingress", "whoami"],
  ],
};

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

  const steps = (type: string): Plan["steps"] =>
    plan.steps.filter(({ urn }) => urn.split("::")[2]?.split("$").at(-1) === type);
  const names = (type: string): string[] => steps(type).map(({ urn }) => urn.split("::")[3] ?? "");
  /** Names in the cluster of the objects of a type. */
  const objects = (type: string): unknown[] =>
    steps(type).map(({ newState }) => {
      const { name, metadata } = (newState?.inputs ?? {}) as { name?: string; metadata?: { name?: string } };
      return metadata?.name ?? name;
    });
  /** Titles of a host's steps, without the host's name. */
  const stepsOf = (host: string): string[] =>
    names("command:remote:Command")
      .filter((name) => name.startsWith(`${host}-`))
      .map((name) => name.slice(host.length + 1))
      .sort();

  test("creates every step of every host, and nothing else happens", () => {
    const others = plan.steps.filter(({ op }) => op !== "create").map(({ op, urn }) => [op, urn.split("::")[2]]);
    expect(others).toEqual([["read", "pulumi:pulumi:StackReference"]]);
  });

  test("does the same for each server, and for each agent what it takes to be one", () => {
    const [firstServer = "", ...otherServers] = engine.servers;
    const [firstAgent, ...otherAgents] = engine.agents;
    expect(stepsOf(firstServer)).toEqual(
      expect.arrayContaining(["ready", "k3s-install", "api-vip", "k3s-rollout", "membership"]),
    );
    expect(otherServers.map(stepsOf)).toEqual(otherServers.map(() => stepsOf(firstServer)));
    if (firstAgent === undefined) return;
    expect(stepsOf(firstAgent)).toEqual(expect.arrayContaining(["ready", "k3s-install", "k3s-rollout"]));
    expect(otherAgents.map(stepsOf)).toEqual(otherAgents.map(() => stepsOf(firstAgent)));
  });

  test("shows the objects in the cluster although its address is not known yet", () => {
    expect(names("kubernetes:apps/v1:DeploymentPatch")).toHaveLength(1);
    expect(names("pulumi:providers:kubernetes")).toHaveLength(1);
  });

  test.each(Object.entries(layers))("shows the objects of the layer %s, if the stack has it", (layer, expected) => {
    const isOn = layer.split("+").every((section) => engine.sections.includes(section));
    const found = expected.map(([type, name]) => [type, objects(type).includes(name) && name]);
    expect(found).toEqual(isOn ? expected : expected.map(([type]) => [type, false]));
  });

  test("tries the token before anything that gets it", () => {
    const [preflight] = steps("command:remote:Command").filter(({ urn }) => urn.endsWith("::cloudflare-preflight"));
    expect(preflight).toBeDefined();
    const getting = steps("kubernetes:core/v1:Secret").filter(({ urn }) =>
      ["certificates-cloudflare", "public-dns"].includes(urn.split("::")[3] ?? ""),
    );
    expect(getting).toHaveLength(engine.sections.includes("publicDns") ? 2 : 1);
    // What a component waits for, all of its children do.
    const waits = ({ newState }: Plan["steps"][number]): boolean =>
      (newState?.dependencies?.includes(preflight?.urn ?? "") ?? false) ||
      plan.steps.some((one) => one.urn === newState?.parent && waits(one));
    expect(getting.filter((one) => !waits(one)).map(({ urn }) => urn)).toEqual([]);
    const lanDns = plan.steps.filter(({ urn }) => urn.endsWith("::lan-dns"));
    expect(lanDns.length > 0).toBe(engine.sections.includes("lanDns"));
    expect(lanDns.filter(waits)).toEqual([]);
  });

  test("does upkeep last: a failed step of it must keep nothing away", () => {
    const ofType = (type: string): Plan["steps"] =>
      plan.steps.filter(({ urn }) => urn.split("::")[2]?.split("$").at(-1) === `homelab:host:${type}`);
    const [upkeep, ...others] = ofType("Upkeep");
    expect(others).toEqual([]);
    // What a component waits for, all of its children do.
    const parents = ofType("HostUpkeep").map(({ newState }) => newState?.parent);
    expect(parents).toEqual([...engine.servers, ...engine.agents].map(() => upkeep?.urn));
    const isUpkeep = (urn: string): boolean => urn.includes("homelab:host:Upkeep");
    const isPreparation = (urn: string): boolean => urn.includes("homelab:host:PiHost");
    // All that runs on hosts or is made in the cluster, but for what the cluster itself waits for.
    const needed = plan.steps
      .map(({ urn }) => urn)
      .filter((urn) => /\$(command|kubernetes):[^$]*$/.test(urn.split("::")[2] ?? ""))
      .filter((urn) => !isUpkeep(urn) && !isPreparation(urn));
    expect(needed.length).toBeGreaterThan(20);
    expect(needed.filter((urn) => upkeep?.newState?.dependencies?.includes(urn) !== true)).toEqual([]);
  });

  test("sends each object through the one provider that knows the cluster", () => {
    const [provider] = names("pulumi:providers:kubernetes");
    const others = plan.steps
      .filter(({ urn }) => urn.split("::")[2]?.split("$").at(-1)?.startsWith("kubernetes:"))
      .filter(({ newState }) => !newState?.provider?.includes(`::${provider}::`))
      .map(({ urn }) => urn);
    expect(others).toEqual([]);
  });

  test("shows the text of the files that will be written", () => {
    const files = plan.steps.find(({ urn }) => urn.endsWith(`::${engine.servers[0]}-k3s-files`));
    expect(String(files?.newState?.inputs?.["stdin"])).toContain("secrets-encryption: true");
  });

  test("shows no secret", () => {
    const body = engine.privateKey.split("\n")[2] ?? "";
    expect(body.length).toBeGreaterThan(20);
    expect(text).not.toContain(body);
    expect(text).not.toContain(engine.cloudflareApiToken);
    expect(text).not.toContain(Buffer.from(engine.cloudflareApiToken).toString("base64"));
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
