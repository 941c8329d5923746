import * as pulumi from "@pulumi/pulumi";
import { K3sCluster } from "../../../components/cluster/k3s-cluster";
import { Upkeep } from "../../../components/host/host-upkeep";
import { PiHost } from "../../../components/host/pi-host";
import type { HomelabConfig } from "../../../config/types";
import { home, host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

const COMMAND = "command:remote:Command";

/** What index.ts does with hosts. */
async function record(config: HomelabConfig): Promise<Registration[]> {
  return recordProgram(() => {
    const sshPrivateKey = pulumi.secret("the-private-key");
    const prepared = Object.fromEntries(
      config.hosts.map((one) => {
        return [one.name, new PiHost(one.name, { host: one, settings: config, sshPrivateKey })];
      }),
    );
    const cluster = new K3sCluster("home", { settings: config, hosts: config.hosts, prepared, sshPrivateKey });
    const upkeep = { hosts: config.hosts, settings: config.hostSettings, sshPrivateKey };
    new Upkeep("upkeep", upkeep, { dependsOn: cluster });
  });
}

const plain = home(host(1), host(2), host(3), host(4, "agent"));
const commandsOf = (all: readonly Registration[], component: string, name: string): Registration[] =>
  all.filter(({ type, parent }) => type === COMMAND && parent.endsWith(`${component}::${name}`));

let all: Registration[];
beforeAll(async () => {
  all = await record(plain);
});

test("each step of a host waits for the one before, what may refuse the host first", () => {
  const steps = commandsOf(all, "homelab:host:PiHost", "pi1");
  const titles = ["login", "ready", "facts", "disk-latency", "time", "hostname", "packages", "trusted-cas", "kernel"];
  expect(steps.map(({ name }) => name)).toEqual(
    [...titles, "swap", "memory-cgroup", "verified"].map((title) => `pi1-${title}`),
  );
  for (const [index, step] of steps.entries()) {
    expect(step.dependencies.map((urn) => urn.split("::").at(-1))).toEqual(
      steps.slice(index - 1, index).map(({ name }) => name),
    );
  }
});

test("only a server's disk is measured", () => {
  expect(commandsOf(all, "homelab:host:PiHost", "pi4").map(({ name }) => name)).not.toContain("pi4-disk-latency");
});

test("upkeep begins when the cluster is there, and nothing waits for it", () => {
  const upkeep = commandsOf(all, "homelab:host:HostUpkeep", "pi1");
  expect(upkeep.map(({ name }) => name)).toEqual(
    ["journal", "trim", "watchdog", "ssh", "ssh-kept", "security-updates"].map((title) => `pi1-${title}`),
  );
  const names = new Set(
    all.filter(({ parent }) => parent.includes("homelab:host:HostUpkeep::")).map(({ name }) => name),
  );
  expect(names.size).toBe(4 * 6);
  const waiting = all.filter(
    ({ name, dependencies }) =>
      !names.has(name) &&
      dependencies.some((urn) => urn.includes("homelab:host:HostUpkeep") || names.has(urn.split("::").at(-1) ?? "")),
  );
  expect(waiting.map(({ name }) => name)).toEqual([]);
});

test("one component waits for all of the cluster, and the hosts' upkeep only for it", () => {
  const waiting = all.filter(({ name, type }) => name === "upkeep" || type === "homelab:host:HostUpkeep");
  const counts = waiting.map(({ type, dependencies }) => [type, dependencies.length > 20]);
  const host = ["homelab:host:HostUpkeep", false];
  expect(counts).toEqual([["homelab:host:Upkeep", true], host, host, host, host]);
});

test("a time zone is one more step", async () => {
  const zoned = { ...plain, hostSettings: { ...plain.hostSettings, timezone: "Europe/Berlin" } };
  const names = commandsOf(await record(zoned), "homelab:host:HostUpkeep", "pi1").map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["pi1-timezone", "pi1-ssh-kept"]));
  expect(names).toHaveLength(7);
});

test("whatever changes sshd's settings is followed by a fresh connection that keeps them", async () => {
  const soft = await record({ ...plain, hostSettings: { ...plain.hostSettings, sshHardening: false } });
  for (const title of ["pi1-ssh", "pi1-ssh-kept"]) {
    const stdin = (one: readonly Registration[]): unknown => one.find(({ name }) => name === title)?.inputs["stdin"];
    expect(stdin(soft)).not.toBe(stdin(all));
  }
});
