/** From nothing to a cluster that works, and a second run that does nothing. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { until } from "../lab";
import { answering, voters } from "../questions";
import { HOMELAB, SERVERS, lab } from "./shared";

const WHOAMI = path.join(__dirname, "../whoami.yaml");

test("a fresh `up` ends with three Ready servers and a table", async () => {
  const output = await lab.up();
  for (const host of SERVERS) assert.match(output, new RegExp(`${host}\\b`));
  assert.match(output, /192\.0\.2\.10/);
  const { hosts, vip, vipHolder } = await lab.status();
  assert.deepEqual(
    hosts.map(({ name, power, ready }) => ({ name, power, ready })),
    SERVERS.map((name) => ({ name, power: "on", ready: true })),
  );
  assert.equal(vip, "192.0.2.10");
  assert.ok(SERVERS.includes(String(vipHolder)), `the API's address is on ${vipHolder}`);
  for (const address of ["192.0.2.10", "[fd00:c0:ffee::10]"]) {
    const answer = await lab.exec(
      "curl",
      "--silent",
      "--insecure",
      "--max-time",
      "5",
      `https://${address}:6443/cacerts`,
    );
    assert.match(answer, /BEGIN CERTIFICATE/, `the API at ${address}`);
  }
});

test("all three servers are voters of one etcd", async () => {
  assert.deepEqual(await voters(lab), SERVERS);
});

test("a second `up` runs no command on any host and a preview shows no change", async () => {
  const before = await lab.logins(SERVERS);
  const started = Date.now();
  await lab.up();
  console.error(`second up: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  const counted = await lab.logins(SERVERS);
  assert.deepEqual(
    counted.map((count, index) => count - (before[index] ?? 0) - 1),
    [0, 0, 0],
  );
  await lab.exec("pulumi", "preview", "--stack", "sandbox", "--expect-no-changes", "--non-interactive");
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
