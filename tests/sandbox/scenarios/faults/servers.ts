/** A server that does not come up: the rollout stops at it, a join says why, and what was wrong is all that is to be mended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { voters } from "../../questions";
import { PULUMI_UP, SERVERS, lab, startOfK3s } from "../shared";

test("a setting that k3s refuses stops the rollout at its first node, and taking it back mends that node", async () => {
  const starts = (): Promise<number[]> => Promise.all(["pi2", "pi3"].map(startOfK3s));
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
