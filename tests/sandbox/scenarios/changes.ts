/** What a changed config does, and what it is refused. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { voters } from "../questions";
import { PULUMI_UP, SERVERS, deleteHost, lab, startOfK3s } from "./shared";

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
  const before = await Promise.all(SERVERS.map(startOfK3s));
  const mirrors = ["config", "homelab:artifacts", "registryMirrors", "registry.example"];
  const flags = ["config", "homelab:cluster", "extraFlags", "server"];
  lab.edit((document) => {
    document.setIn(mirrors, ["http://mirror.sandbox.test:5000"]);
    document.setIn(flags, { "kubelet-arg": ["max-pods=120"] });
  });
  const preview = await lab.exec("pulumi", "preview", "--stack", "sandbox", "--non-interactive", "--diff");
  assert.match(preview, /\+ +registry\.example:/);
  assert.match(preview, /\+ +- max-pods=120/);
  const changes = /Resources:\s+~ (\d+) to update/.exec(preview)?.[1];
  assert.equal(changes, "6", "three times files and rollout, and nothing else");
  await lab.up();
  const after = await Promise.all(SERVERS.map(startOfK3s));
  // One kernel, one clock: the order of the restarts is the order of the servers, with a join's time between them.
  assert.ok(after.every((time, index) => time > (before[index] ?? 0)));
  assert.deepEqual(
    [...after].sort((one, other) => one - other),
    after,
  );
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
  const mostPods = await lab.kubectl("get", "nodes", "--output", "jsonpath={.items[*].status.capacity.pods}");
  assert.deepEqual(mostPods.split(" "), ["120", "120", "120"]);
});
