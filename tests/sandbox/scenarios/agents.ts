/** An agent comes and goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PULUMI_UP, SERVERS, addAgent, deleteHost, lab, withoutLogin } from "./shared";

test("an agent joins by one line of config, and no other host is touched", async () => {
  addAgent("pi4", 14);
  await withoutLogin(SERVERS, () => lab.up());
  assert.match(await lab.kubectl("get", "node", "pi4"), / Ready /);
  await lab.kubectl("rollout", "status", "daemonset/whoami", "--timeout=120s");
});

test("an agent leaves by deleting its lines: node, password and k3s are gone", async () => {
  deleteHost(3);
  await lab.expect(PULUMI_UP);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /pi4/);
  assert.doesNotMatch(await lab.kubectl("get", "secrets", "--namespace=kube-system"), /pi4\.node-password/);
  // Only its lines say where to log in.
  addAgent("pi4", 14);
  const rest = await lab.ssh(
    "pi4",
    "ls -d /var/lib/rancher /etc/rancher /usr/local/bin/k3s /etc/systemd/system/k3s-agent.service 2>/dev/null; pgrep --count k3s || true",
  );
  deleteHost(3);
  assert.equal(rest, "0");
});
