/** A server that does not come up: the rollout stops at it and it goes back, a join says why, and what was wrong is all that is to be mended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { voters } from "../../questions";
import { HOMELAB, PULUMI_UP, SERVERS, lab, startOfK3s } from "../shared";

/** Asks for auditing by a policy: k3s does not start on a server that lacks the file. */
const POLICY = "/etc/rancher/audit.yaml";
const AUDIT = ["config", "homelab:cluster", "extraFlags"];

test("a setting that the second server's k3s refuses stops the rollout there, which goes back; then it is taken back", async () => {
  lab.edit((document) => document.setIn(["config", "homelab:cluster", "joinTimeoutSeconds"], 60));
  await lab.up();
  const starts = (...hosts: string[]): Promise<number[]> => Promise.all(hosts.map(startOfK3s));
  const settings = (host: string): Promise<string> => lab.ssh(host, "sudo cat /etc/rancher/k3s/config.yaml");
  const [before, untouched] = [await settings("pi2"), await starts("pi3")];
  const policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: None }]\n";
  await lab.ssh("pi1", `sudo tee ${POLICY}`, policy);
  lab.edit((document) => document.setIn(AUDIT, { server: { "kube-apiserver-arg": [`audit-policy-file=${POLICY}`] } }));

  const { status, output } = await lab.sandbox(PULUMI_UP);
  assert.notEqual(status, 0);
  assert.match(output, /pi2 did not come back within 60 s; it runs with its former settings again/);
  assert.match(await settings("pi1"), /audit-policy-file/);
  assert.equal(await settings("pi2"), before);
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
  const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  assert.match(doctor.output, /^warning +pi2 +k3s runs with other settings/m);

  const went = await starts("pi2");
  lab.edit((document) => void document.deleteIn(AUDIT));
  await lab.up();
  assert.equal(
    await settings("pi1"),
    before.replaceAll("pi2", "pi1").replaceAll("192.0.2.12", "192.0.2.11").replaceAll("::12", "::11"),
  );
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
  assert.deepEqual(await starts("pi2"), went, "pi2 had its settings already");
  assert.deepEqual(await starts("pi3"), untouched);
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
