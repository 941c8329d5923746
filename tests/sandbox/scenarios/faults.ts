/** A dead API server and a lost host: the API goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Silence } from "../capture";
import { until } from "../lab";
import { voters } from "../questions";
import { HOMELAB, SERVERS, lab } from "./shared";

test("the API's address moves away from a server whose k3s has stopped, and not back", async () => {
  const holder = String((await lab.status()).vipHolder);
  await lab.ssh(holder, "sudo systemctl stop k3s");
  const seconds = await until("the API answering on another server", 30, async () => {
    const { vipHolder } = await lab.status();
    return vipHolder !== null && vipHolder !== holder && (await lab.kubectl("get", "--raw", "/readyz")) === "ok";
  });
  console.error(`API at its address again after k3s stopped on its holder: ${seconds.toFixed(1)} s (polled)`);
  const next = (await lab.status()).vipHolder;
  await lab.ssh(holder, "sudo systemctl start k3s");
  await until("three voters", 90, async () => isDeepStrictEqual(await voters(lab), SERVERS));
  await sleep(5000);
  assert.equal((await lab.status()).vipHolder, next);
});

test("a host without power is silent, and the API goes on", async () => {
  const victim = String((await lab.status()).vipHolder);
  const [peer = ""] = SERVERS.filter((name) => name !== victim);
  const silence = await Silence.listenTo(victim);
  const startedAt = Date.now();
  await lab.expect(["power-off", victim]);
  const offAt = Date.now();
  await until(
    "the API answering without its holder",
    60,
    async () => (await lab.kubectl("get", "--raw", "/readyz")) === "ok",
  );
  console.error(
    `API at its address again after its holder lost power: ${((Date.now() - offAt) / 1000).toFixed(1)} s (polled)`,
  );
  await sleep(3000);
  const frames = await silence.framesSince(startedAt);
  assert.deepEqual(
    frames.filter((line) => Number.parseFloat(line) * 1000 > offAt),
    [],
    "nothing at all is sent once it is off",
  );
  // etcd's connections last: the only thing that could end one here is the end of the host.
  assert.deepEqual(
    frames.filter((line) => /\.2380\b/.test(line) && /Flags \[[^\]]*[FR]/.test(line)),
    [],
    "no connection is closed",
  );
  await lab.kubectl("create", "configmap", "written-while-one-is-off", "--from-literal=a=b");
  const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  assert.equal(doctor.status, 1);
  assert.match(doctor.output, new RegExp(`^error +${victim} .*\\n +-> `, "m"));
  await lab.expect(["power-on", victim]);
  await until("three voters", 180, async () => isDeepStrictEqual(await voters(lab, peer), SERVERS));
});
