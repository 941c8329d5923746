import * as pulumi from "@pulumi/pulumi";
import { K3sCluster } from "../../../components/cluster/k3s-cluster";
import { PiHost } from "../../../components/host/pi-host";
import { home, host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

const COMMAND = "command:remote:Command";

/** What index.ts does. */
function program(): void {
  const config = home(host(1), host(2), host(3), host(4, "agent"));
  const sshPrivateKey = pulumi.secret("the-private-key");
  const prepared = Object.fromEntries(
    config.hosts.map((one) => [one.name, new PiHost(one.name, { host: one, settings: config, sshPrivateKey })]),
  );
  new K3sCluster("home", { settings: config, hosts: config.hosts, prepared, sshPrivateKey });
}

let all: Registration[];
beforeAll(async () => {
  all = await recordProgram(program);
});

const named = (name: string): Registration => {
  const found = all.filter((one) => one.name === name && one.type !== "homelab:host:PiHost");
  expect(found).toHaveLength(1);
  return found[0] as Registration;
};
const names = (type: string): string[] => all.filter((one) => one.type === type).map(({ name }) => name);

/** All resources that `name` waits for, by what it depends on and what its ancestors depend on. */
function waitsFor(name: string): Set<string> {
  const byUrn = (urn: string): Registration[] => all.filter((one) => urn.endsWith(`${one.type}::${one.name}`));
  const seen = new Set<Registration>();
  const visit = (one: Registration): void => {
    for (const next of [...one.dependencies, one.parent].flatMap(byUrn)) {
      if (seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(named(name));
  return new Set([...seen].map((one) => one.name));
}

const HOST_STEPS = [
  ...[
    "login",
    "ready",
    "facts",
    "time",
    "hostname",
    "packages",
    "trusted-cas",
    "kernel",
    "swap",
    "memory-cgroup",
    "verified",
  ],
];
const FILE_STEPS = ["k3s-artifact", "k3s-files", "k3s-token", "certificate-renewal"];

test("registers exactly the steps of each host and of the cluster", () => {
  const server = [
    ...HOST_STEPS,
    "disk-latency",
    ...FILE_STEPS,
    "etcd-presence",
    "k3s-install",
    "api-vip",
    "k3s-rollout",
    "membership",
  ];
  const agent = [...HOST_STEPS, ...FILE_STEPS, "k3s-install", "k3s-rollout", "membership"];
  expect(names(COMMAND).sort()).toEqual(
    [
      ...["pi1", "pi2", "pi3"].flatMap((name) => server.map((step) => `${name}-${step}`)),
      ...agent.map((step) => `pi4-${step}`),
      "home-kubeconfig",
      "home-version-gate",
    ].sort(),
  );
  expect(names("random:index/randomPassword:RandomPassword")).toEqual(["home-token"]);
  expect(names("pulumi:providers:kubernetes")).toEqual(["home"]);
  expect(names("kubernetes:apps/v1:DeploymentPatch")).toEqual(["home-coredns"]);
  const other = new Set(all.map(({ type }) => type).filter((type) => !type.startsWith("homelab:")));
  expect(other.size).toBe(4);
});

test("servers join one after the other, agents wait for servers only", () => {
  expect(waitsFor("pi2-k3s-install")).toContain("pi1-k3s-install");
  expect(waitsFor("pi3-k3s-install")).toContain("pi2-k3s-install");
  expect(waitsFor("pi4-k3s-install")).toContain("pi3-k3s-install");
  expect(waitsFor("pi1-k3s-install")).not.toContain("pi2-k3s-install");
});

test("the first server to be installed can ask every other one for etcd data", () => {
  expect([...waitsFor("pi1-k3s-install")]).toEqual(
    expect.arrayContaining(["pi1-etcd-presence", "pi2-etcd-presence", "pi3-etcd-presence"]),
  );
});

test("rollout is one chain over all hosts, servers first, behind the version gate", () => {
  const chain = ["home-version-gate", "pi1-k3s-rollout", "pi2-k3s-rollout", "pi3-k3s-rollout", "pi4-k3s-rollout"];
  for (const [index, name] of chain.entries()) {
    const before = [...waitsFor(name)].filter((one) => chain.includes(one));
    expect(before.sort()).toEqual(chain.slice(0, index).sort());
  }
});

test("a rollout tells create from update; no other step does", () => {
  for (const one of all.filter(({ type }) => type === COMMAND)) {
    expect([one.name, one.inputs["update"] !== undefined]).toEqual([one.name, one.name.endsWith("-rollout")]);
  }
});

test("only an agent's membership undoes something; a server's is protected", () => {
  const deleting = all.filter((one) => one.inputs["delete"] !== undefined).map(({ name }) => name);
  expect(deleting).toEqual(["pi4-membership"]);
  const protectedOnes = all.filter((one) => one.protect).map(({ name }) => name);
  expect(protectedOnes.sort()).toEqual(["home-token", "pi1-membership", "pi2-membership", "pi3-membership"]);
});

test("private key, token and kubeconfig stay secret on every path", () => {
  for (const one of all.filter(({ type }) => type === COMMAND)) {
    expect(one.secretInputs).toContain("connection");
    expect(JSON.stringify({ ...one.inputs, connection: null })).not.toContain("the-private-key");
    expect(one.inputs["addPreviousOutputInEnv"]).toBe(false);
    expect(one.inputs["environment"]).toBeUndefined();
    for (const call of ["create", "update", "delete"]) {
      expect(String(one.inputs[call])).not.toContain("the-token");
      expect(String(one.inputs[call])).not.toContain("stdout of home-kubeconfig");
    }
  }
  expect(named("pi1-k3s-token").inputs["stdin"]).toBe("the-token");
  expect(named("pi1-k3s-token").secretInputs).toContain("stdin");
  expect(named("pi4-membership").inputs["stdin"]).toBe("stdout of home-kubeconfig");
  expect(named("pi4-membership").secretInputs).toContain("stdin");
  expect(named("home-kubeconfig").additionalSecretOutputs).toEqual(expect.arrayContaining(["stdout", "stderr"]));
  expect(named("home-kubeconfig").inputs["logging"]).toBe("none");
});

test("every Kubernetes object has the cluster's own provider, which nothing but its name identifies", () => {
  const provider = all.find(({ type }) => type === "pulumi:providers:kubernetes") as Registration;
  expect(provider.inputs["clusterIdentifier"]).toBe("home");
  expect(provider.secretInputs).toContain("kubeconfig");
  for (const one of all.filter(({ type }) => type.startsWith("kubernetes:"))) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
  }
});

test("the host's key is pinned in every connection", () => {
  for (const one of all.filter(({ type }) => type === COMMAND)) {
    expect(one.inputs["connection"]).toEqual(
      expect.objectContaining({ hostKey: expect.stringMatching(/^ssh-ed25519 /), user: "pi", port: 22 }),
    );
  }
});

test("the order of hosts in the config changes no input of any step", async () => {
  const reordered = await recordProgram(() => {
    const config = home(host(3), host(1), host(2), host(4, "agent"));
    const sshPrivateKey = pulumi.secret("the-private-key");
    new K3sCluster("home", { settings: config, hosts: config.hosts, prepared: {}, sshPrivateKey });
  });
  for (const one of reordered.filter(({ type }) => type === COMMAND)) {
    expect(one.inputs).toEqual(all.find(({ name, type }) => name === one.name && type === COMMAND)?.inputs);
  }
});
