import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LoadBalancer } from "../../../components/network/load-balancer";
import type { AddressPoolConfig } from "../../../config/layers";
import { host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const POOL = "kubernetes:metallb.io/v1beta1:IPAddressPool";

const standard: AddressPoolConfig = {
  name: "default",
  addresses: ["192.0.2.200-192.0.2.219"],
  autoAssign: true,
  namespaces: [],
};
const games: AddressPoolConfig = {
  name: "games",
  addresses: ["192.0.2.220/30"],
  autoAssign: true,
  namespaces: ["games"],
};

function record(pools: readonly AddressPoolConfig[], version = "0.16.1"): Promise<Registration[]> {
  return recordProgram(() => {
    const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
    new LoadBalancer(
      "load-balancer",
      {
        settings: { pools, interfaces: ["eth0"], nodeSelector: {} },
        chart: { repository: "https://charts.example", version },
        gatekeeper: { host: host(1), sshPrivateKey: pulumi.secret("the-private-key") },
      },
      { provider },
    );
  });
}

let all: Registration[];
beforeAll(async () => {
  all = await record([standard, games]);
});

const only = (type: string): Registration => {
  const found = all.filter((one) => one.type === type);
  expect(found).toHaveLength(1);
  return found[0] as Registration;
};

/** Names of the resources that `one` names in its own `dependsOn`. */
const after = (one: Registration): string[] => one.dependencies.map((urn) => urn.split("::").pop() ?? "").sort();

test("is a namespace, the operator, a gate, a pool for each of the config's and one announcement", () => {
  expect(all.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    "command:remote:Command metallb-webhook",
    "homelab:network:LoadBalancer load-balancer",
    "kubernetes:core/v1:Namespace load-balancer-namespace",
    "kubernetes:helm.sh/v3:Release metallb",
    "kubernetes:metallb.io/v1beta1:IPAddressPool load-balancer-pool-default",
    "kubernetes:metallb.io/v1beta1:IPAddressPool load-balancer-pool-games",
    "kubernetes:metallb.io/v1beta1:L2Advertisement load-balancer-homelab",
    "pulumi:providers:kubernetes home",
  ]);
});

test("every Kubernetes object has the explicit provider", () => {
  for (const one of all.filter(({ type }) => type.startsWith("kubernetes:"))) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
  }
});

test("pools wait for a webhook that answers, which is tried when MetalLB is ready", () => {
  expect(after(only(RELEASE))).toEqual(["load-balancer-namespace"]);
  expect(after(only("command:remote:Command"))).toEqual(["metallb"]);
  for (const pool of all.filter(({ type }) => type === POOL)) expect(after(pool)).toEqual(["metallb-webhook"]);
  expect(after(only("kubernetes:metallb.io/v1beta1:L2Advertisement"))).toEqual([
    "load-balancer-pool-default",
    "load-balancer-pool-games",
  ]);
});

test("the speakers' namespace lets them use the host's network", () => {
  expect(only("kubernetes:core/v1:Namespace").inputs["metadata"]).toMatchObject({
    name: "metallb-system",
    labels: { "pod-security.kubernetes.io/enforce": "privileged" },
  });
});

test("objects have the names of the config in MetalLB's namespace", () => {
  expect(all.filter(({ type }) => type === POOL).map(({ inputs }) => inputs)).toEqual([
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: {
        namespace: "metallb-system",
        name: "default",
        labels: { "app.kubernetes.io/part-of": "homelab" },
      },
      spec: { addresses: ["192.0.2.200-192.0.2.219"], autoAssign: true, avoidBuggyIPs: true },
    },
    expect.objectContaining({ metadata: expect.objectContaining({ name: "games" }) }),
  ]);
});

/** Names of the resources whose inputs differ, and of those that are new or gone. */
function changed(before: readonly Registration[], now: readonly Registration[]): string[] {
  const text = (list: readonly Registration[], name: string): string =>
    JSON.stringify(list.find((one) => one.name === name)?.inputs);
  const names = new Set([...before, ...now].map(({ name }) => name));
  return [...names].filter((name) => text(before, name) !== text(now, name));
}

test("a changed pool changes that object, a new pool is one object, a new version is the operator and its gate", async () => {
  const moved = { ...games, addresses: ["192.0.2.224/30"] };
  expect(changed(all, await record([standard, moved]))).toEqual(["load-balancer-pool-games"]);
  expect(changed(all, await record([standard]))).toEqual(["load-balancer-pool-games"]);
  expect(changed(all, await record([standard, games], "0.16.2")).sort()).toEqual(["metallb", "metallb-webhook"]);
});

test("only the connection of the gate holds a secret", () => {
  const secrets = all.flatMap(({ name, secretInputs }) => secretInputs.map((input) => `${name} ${input}`));
  expect(secrets.filter((one) => !one.startsWith("home "))).toEqual(["metallb-webhook connection"]);
});
