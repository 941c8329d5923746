/** What the cluster is once it is up: etcd, what k3s and sshd have taken up, pods and services, its DNS, `homelab`. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { cableOf, namespaceOf } from "../../../sandbox/lan/network";
import { until } from "../lab";
import { answering, voters } from "../questions";
import { HOMELAB, SERVERS, lab } from "./shared";

const WHOAMI = path.join(__dirname, "../whoami.yaml");

test("the LAN's router has kept its hardware address while the hosts rebooted", () => {
  // A host whose neighbour entry for the router is wrong has no name server until the entry is old.
  const link = spawnSync("ip", ["-n", namespaceOf("router"), "link", "show", "lan"], { encoding: "utf8" });
  assert.equal(link.status, 0, link.stderr);
  assert.ok(link.stdout.includes(`link/ether ${cableOf("router").mac} `), link.stdout);
});

test("all three servers are voters of one etcd", async () => {
  assert.deepEqual(await voters(lab), SERVERS);
});

test("sshd's settings have outlived their trial, and every kubelet has taken up its file", async () => {
  for (const host of SERVERS) {
    const state = await lab.ssh(
      host,
      "sudo sshd -T | grep ^passwordauthentication; systemctl is-active homelab-ssh-revert.timer || true",
    );
    assert.match(state, /^passwordauthentication no\s+inactive$/m, host);
    const configz = await lab.kubectl("get", "--raw", `/api/v1/nodes/${host}/proxy/configz`);
    const { kubeletconfig } = JSON.parse(configz) as { kubeletconfig: Record<string, unknown> };
    assert.equal(kubeletconfig["shutdownGracePeriod"], "30s", host);
    assert.equal(kubeletconfig["imageGCHighThresholdPercent"], 80, host);
  }
});

test("a pod runs on every node and a service reaches all of them from one", async () => {
  await lab.kubectl("apply", "-f", WHOAMI);
  await lab.kubectl("rollout", "status", "daemonset/whoami", "--timeout=120s");
  const port = await lab.kubectl("get", "service", "whoami", "-o", "jsonpath={.spec.ports[0].nodePort}");
  const pods = await lab.kubectl(
    "get",
    "pods",
    "--selector=app=whoami",
    "-o",
    'jsonpath={range .items[*]}{.spec.nodeName} {.metadata.name}{"\\n"}{end}',
  );
  const byNode = new Map(
    pods
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
  assert.deepEqual([...byNode.keys()].sort(), SERVERS);
  // A pod that is ready is known to each node's kube-proxy a little later.
  await until("answers of each pod at one node", 60, async () =>
    isDeepStrictEqual(await answering(lab, port), new Set(byNode.values())),
  );
});

test("the cluster's DNS runs twice, on two nodes", async () => {
  await lab.kubectl("rollout", "status", "deployment/coredns", "--namespace=kube-system", "--timeout=120s");
  const list = await lab.kubectl(
    "get",
    "pods",
    "--namespace=kube-system",
    "--selector=k8s-app=kube-dns",
    "-o",
    "jsonpath={.items[*].spec.nodeName}",
  );
  const nodes = list.split(" ");
  assert.equal(nodes.length, 2);
  assert.equal(new Set(nodes).size, 2);
});

test("`homelab status` sees what kubectl sees, and `homelab kubeconfig` writes a kubeconfig", async () => {
  const text = await lab.exec(...HOMELAB, "status", "--stack", "sandbox");
  for (const host of SERVERS) assert.match(text, new RegExp(host));
  const file = path.join(lab.directory, "written-kubeconfig");
  fs.rmSync(file, { force: true });
  await lab.exec(...HOMELAB, "kubeconfig", "--stack", "sandbox", "--output", file);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.match(await lab.exec("kubectl", "--kubeconfig", file, "get", "nodes"), /pi3/);
  const keys = await lab.exec(...HOMELAB, "scan", "--stack", "sandbox");
  assert.match(keys, /ssh-ed25519 AAAA/);
  assert.match(keys, /SHA256:/);
});
