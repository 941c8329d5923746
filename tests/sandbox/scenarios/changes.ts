/** What a changed config does, and what it is refused. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { voters } from "../questions";
import { PULUMI_UP, SERVERS, deleteHost, lab } from "./shared";

test("deleting a server's lines is refused in the preview", async () => {
  const saved = fs.readFileSync(lab.stackFile);
  deleteHost(2);
  lab.edit((document) => document.setIn(["config", "homelab:cluster", "highAvailability"], false));
  const { status, output } = await lab.sandbox([
    "exec",
    "--",
    "pulumi",
    "preview",
    "--non-interactive",
    "--stack",
    "sandbox",
  ]);
  fs.writeFileSync(lab.stackFile, saved);
  assert.notEqual(status, 0);
  assert.match(output, /pi3/);
  assert.match(output, /put its lines back/);
});

test("another host key than the pinned one is refused", async () => {
  const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC+Glqihc9b+lWQU86dH7XAtL8/ImcpHDIpakv6hbbqr";
  lab.edit((document) => document.setIn(["config", "homelab:hosts", 1, "hostKey"], other));
  const { status, output } = await lab.sandbox(PULUMI_UP);
  lab.edit((document) => void document.deleteIn(["config", "homelab:hosts", 1, "hostKey"]));
  assert.notEqual(status, 0);
  assert.match(output, /host key mismatch/);
  await lab.up();
});

test("changed settings restart k3s on one server after the other, and nothing else", async () => {
  const startedAt = async (host: string): Promise<number> =>
    Number(await lab.ssh(host, "systemctl show k3s --property ActiveEnterTimestampMonotonic --value"));
  const before = await Promise.all(SERVERS.map(startedAt));
  const mirrors = ["config", "homelab:artifacts", "registryMirrors", "registry.example"];
  lab.edit((document) => document.setIn(mirrors, ["http://mirror.sandbox.test:5000"]));
  const preview = await lab.exec("pulumi", "preview", "--stack", "sandbox", "--non-interactive", "--diff");
  assert.match(preview, /\+ +registry\.example:/);
  const changes = /Resources:\s+~ (\d+) to update/.exec(preview)?.[1];
  assert.equal(changes, "6", "three times files and rollout, and nothing else");
  await lab.up();
  const after = await Promise.all(SERVERS.map(startedAt));
  // One kernel, one clock: the order of the restarts is the order of the servers, with a join's time between them.
  assert.ok(after.every((time, index) => time > (before[index] ?? 0)));
  assert.deepEqual(
    [...after].sort((one, other) => one - other),
    after,
  );
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
});

test("a setting that k3s refuses stops the rollout at its first node, and taking it back mends that node", async () => {
  const starts = (): Promise<string[]> =>
    Promise.all(["pi2", "pi3"].map((host) => lab.ssh(host, "systemctl show k3s --property ActiveEnterTimestamp")));
  const before = await starts();
  const labels = ["config", "homelab:hosts", 0, "labels"];
  lab.edit((document) => {
    document.setIn(labels, { "node-role.kubernetes.io/forbidden": "yes" });
    document.setIn(["config", "homelab:cluster", "joinTimeoutSeconds"], 60);
  });
  const { status, output } = await lab.sandbox(PULUMI_UP);
  assert.notEqual(status, 0);
  assert.match(output, /pi1 did not come back within 60 s; it stays cordoned and no other node is touched/);
  assert.match(await lab.kubectl("get", "node", "pi1"), /SchedulingDisabled/);
  assert.deepEqual(await starts(), before);
  lab.edit((document) => void document.deleteIn(labels));
  await lab.up();
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
  assert.deepEqual(await starts(), before);
});

test("a join that cannot reach etcd ends in its limit and names the port", async () => {
  await lab.expect(["reimage", "pi1"], true);
  const block = (action: string): Promise<string[]> =>
    Promise.all(
      ["pi2", "pi3"].map((host) =>
        lab.ssh(host, `sudo iptables ${action} INPUT --source 192.0.2.11 --protocol tcp --dport 2380 --jump DROP`),
      ),
    );
  await block("--insert");
  const { status, output } = await lab.sandbox(PULUMI_UP);
  await block("--delete");
  lab.edit((document) => void document.deleteIn(["config", "homelab:cluster", "joinTimeoutSeconds"]));
  assert.notEqual(status, 0);
  assert.match(output, /likely cause: port 2380 of 192\.0\.2\.1[23] cannot be reached from here/);
  assert.match(output, /pi1 is not Ready or not an etcd voter after 60 s/);
  await lab.up();
  assert.deepEqual(await voters(lab), SERVERS);
});
