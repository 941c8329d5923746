/** Nodes go away and come back: cut off, two of three, all, and one for ten minutes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cableOf } from "../../../../sandbox/lan/network";
import { until } from "../../lab";
import { judge, over } from "../../load/load";
import { announcer, planned } from "../../questions-network";
import { SERVERS, lab } from "../shared";
import * as faults from "./shared";

const { AGENT, API, API_VIP, LIMITS, others, secondsSince, serviceAt, underLoad } = faults;

const isReady = async (node: string): Promise<boolean> => / Ready /.test(await lab.kubectl("get", "node", node));

/** What a pod has come to; a failed one, such as an evicted one, has been replaced and is only a record. */
const FINAL_PHASES = ["Running", "Succeeded", "Failed"];

/** What is done to a host's end of the bridge, and how it is taken back. */
const CUTS = {
  "its cable pulled": { cut: ["down"], mend: ["up"] },
  // Its link stays up: nothing tells it that nobody hears it.
  "the switch before it dead": { cut: ["nomaster"], mend: ["master", "lan"] },
};

function setPort(host: string, change: readonly string[]): void {
  const { port, routerNetns } = cableOf(host);
  const { status, stderr } = spawnSync("ip", ["-n", routerNetns, "link", "set", port, ...change], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

for (const [how, { cut, mend }] of Object.entries(CUTS)) {
  test(`the server with the API's address is cut off, ${how}: writes go on, and one holds the address at the end`, async () => {
    const victim = await faults.holder();
    const peers = others(victim);
    const [peer = ""] = peers;
    await underLoad(peers, async (load) => {
      const from = Date.now();
      setPort(victim, cut);
      try {
        await until("the API at its address", 60, async () => {
          return (
            (await announcer(lab, API_VIP, 6443, SERVERS)) !== victim &&
            (await lab.kubectl("get", "--raw", "/readyz")) === "ok"
          );
        });
        console.error(`${victim} cut off, ${how}: API at its address after ${secondsSince(from)} s (polled)`);
        await until(`${victim} NotReady`, 90, async () => !(await isReady(victim)));
        console.error(`${victim} cut off, ${how}: NotReady after ${secondsSince(from)} s (polled)`);
        const holders = await faults.holders();
        assert.equal(holders.filter((name) => name !== victim).length, 1, `held by ${holders.join(", ")}`);
        console.error(`${victim} cut off, ${how}: the API's address is on ${holders.join(" and ")}`);
        // Long enough to be sure that what is seen stays.
        await sleep(15_000);
      } finally {
        setPort(victim, mend);
      }
      const mended = Date.now();
      await faults.holder();
      console.error(`${victim} back in the LAN: one holder after ${secondsSince(mended)} s (polled)`);
      await faults.threeVoters(peer);
      console.error(`${victim} back in the LAN: Ready and a voter after ${secondsSince(mended)} s`);
      const to = Date.now();
      await over(to);
      const last = await faults.writtenAt(victim);
      assert.ok(last > to, "its own API has what was written last");
      assert.equal((await faults.holders()).length, 1);
      judge(load, `${victim} cut off, ${how}`, { names: API, from, to: mended }, LIMITS.api);
      judge(load, `${victim} cut off, ${how}`, { names: peers.map(serviceAt), from, to: mended }, LIMITS.service);
      judge(
        load,
        `${victim} back in the LAN`,
        { names: [...API, ...peers.map(serviceAt)], from: mended, to },
        LIMITS.api,
      );
    });
  });
}

test("two of three servers off: reads and writes stop, pods go on, and the second brings all back", async () => {
  const [survivor = "", second = "", third = ""] = SERVERS;
  await underLoad([survivor], async (load) => {
    const from = Date.now();
    await Promise.all([second, third].map((host) => lab.expect(["power-off", host])));
    const off = Date.now();
    await sleep(60_000);
    const to = off + 55_000;
    for (const name of API) {
      const { asked, failed } = load.figures(name, off + 20_000, to);
      console.error(`two of three off: ${name}: ${failed} of ${asked} failed`);
      assert.equal(failed, asked, `${name} without a majority`);
    }
    judge(load, "two of three off", { names: [serviceAt(survivor)], from, to }, LIMITS.service);
    const on = Date.now();
    await lab.expect(["power-on", second]);
    await until("the API with two of three", 180, () => Promise.resolve(load.calmFor(5)));
    console.error(`two of three off: API reads and writes again ${secondsSince(on)} s after the second got its power`);
    await lab.expect(["power-on", third]);
    await faults.threeVoters(survivor);
    console.error(`two of three off: three voters ${secondsSince(on)} s after the second got its power`);
  });
  await faults.allPods();
});

test("all off at once and on: pods, services and the cluster's DNS come back by themselves", async () => {
  const hosts = [...SERVERS, AGENT];
  await Promise.all(hosts.map((host) => lab.expect(["power-off", host])));
  const on = Date.now();
  await Promise.all(hosts.map((host) => lab.expect(["power-on", host])));
  await faults.threeVoters();
  console.error(`all off and on: three voters after ${secondsSince(on)} s`);
  await faults.clusterDns(hosts, 240);
  console.error(`all off and on: the service by the cluster's DNS in pods of every node after ${secondsSince(on)} s`);
  await faults.allPods();
  console.error(`all off and on: all pods after ${secondsSince(on)} s`);
});

test("a server off for ten minutes: writes go on, its pods run elsewhere, and it catches up", async () => {
  const victim = await faults.holder();
  const peers = others(victim);
  const [peer = ""] = peers;
  await underLoad(peers, async (load) => {
    const from = Date.now();
    await lab.expect(["power-off", victim]);
    await sleep(from + 600_000 - Date.now());
    const deployments = await lab.kubectl(
      ...["get", "deployments", "--all-namespaces", "--no-headers"],
      ...["-o", "custom-columns=NAME:.metadata.name,WANTED:.spec.replicas,AVAILABLE:.status.availableReplicas"],
    );
    for (const line of deployments.trim().split("\n"))
      assert.match(line, /^\S+ +(\d+) +\1$/, "all replicas run elsewhere");
    const on = Date.now();
    await lab.expect(["power-on", victim]);
    await faults.threeVoters(peer);
    console.error(`${victim} off for ten minutes: Ready and a voter ${secondsSince(on)} s after its power was back`);
    await faults.allPods();
    console.error(`${victim} off for ten minutes: all pods ${secondsSince(on)} s after its power was back`);
    const to = Date.now();
    await over(to);
    assert.ok((await faults.writtenAt(victim)) > to, "its own API has what was written last");
    judge(load, `${victim} off for ten minutes`, { names: API, from, to: on }, LIMITS.api);
    judge(load, `${victim} off for ten minutes`, { names: peers.map(serviceAt), from, to: on }, LIMITS.service);
    judge(load, `${victim} back`, { names: [...API, ...peers.map(serviceAt)], from: on, to }, LIMITS.api);
  });
  const stuck = (): Promise<string> =>
    lab.kubectl(
      "get",
      "pods",
      "--all-namespaces",
      "--no-headers",
      `--field-selector=${FINAL_PHASES.map((phase) => `status.phase!=${phase}`).join(",")}`,
    );
  await until("no pod that waits", 120, async () => (await stuck()) === "");
  await faults.clusterDns([...SERVERS, AGENT]);
  assert.deepEqual(await planned(lab), [], "nothing is left to mend");
});
