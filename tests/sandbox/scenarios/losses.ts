/** A wiped server, an interrupted run, a house without power. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { collect, killAll, until } from "../lab";
import { voters } from "../questions";
import { PULUMI_UP, SERVERS, hostsOf, lab } from "./shared";

test("the first server wiped and the list reordered, `up` killed in the middle of its join: one cluster, three voters", async () => {
  const uid = await lab.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
  await lab.expect(["reimage", "pi1"], true);
  lab.edit((document) => {
    const hosts = hostsOf(document);
    hosts.items = [hosts.items[0], hosts.items[2], hosts.items[1]];
  });
  const first = lab.start(PULUMI_UP);
  const ended = collect(first);
  await until(
    "pi1 joining",
    240,
    async () =>
      (await lab.ssh("pi1", "cat /run/homelab.lock; systemctl is-active k3s || true")).match(
        /k3s-install[^]*activating/,
      ) !== null,
  );
  killAll(first);
  await ended;
  assert.match(
    await lab.ssh("pi1", "pgrep --full '[b]ash -s create' >/dev/null && echo running"),
    /running/,
    "the remote script outlives pulumi",
  );
  const output = await lab.up();
  assert.match(output, /lock of process \d+, which is dead/);
  assert.deepEqual(await voters(lab), SERVERS);
  assert.equal(await lab.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"), uid);
});

test("power lost in the whole house and back: the cluster comes back by itself", async () => {
  await lab.kubectl("create", "configmap", "written-before", "--from-literal=a=b");
  for (const host of SERVERS) await lab.expect(["power-off", host]);
  await Promise.all(SERVERS.map((host) => lab.expect(["power-on", host])));
  const seconds = await until("three voters, and what was written before", 240, async () => {
    for (const host of SERVERS) if (!isDeepStrictEqual(await voters(lab, host), SERVERS)) return false;
    return (await lab.kubectl("get", "configmap", "written-before", "-o", "name")) !== "";
  });
  console.error(`three voters after the whole house lost power: ${seconds.toFixed(0)} s`);
});
