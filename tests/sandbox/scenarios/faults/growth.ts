/** A home of one server, which grows to three by adding lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, over } from "../../load/load";
import { voters } from "../../questions";
import { planned } from "../../questions-network";
import { SERVERS, hostsOf, lab, startOfK3s } from "../shared";
import { API, LIMITS, allPods, clusterDns, deployWorkload, secondsSince, serviceAt, underLoad } from "./shared";

const [FIRST = "", ...ADDED] = SERVERS;
const HIGH_AVAILABILITY = ["config", "homelab:cluster", "highAvailability"];

const uid = (): Promise<string> => lab.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");

test("a single server is a home: a voter of one, pods, a service and the cluster's DNS", async () => {
  lab.edit((document) => {
    const hosts = hostsOf(document);
    hosts.items = hosts.items.slice(0, 1);
    document.setIn(HIGH_AVAILABILITY, false);
  });
  const started = Date.now();
  await lab.up();
  console.error(`a home of one server: ${secondsSince(started)} s`);
  assert.deepEqual(await voters(lab, FIRST), [FIRST]);
  await deployWorkload();
  await allPods();
  await clusterDns([FIRST]);
});

test("two more servers by adding lines: the first is not restarted, and API and service go on", async () => {
  const before = [await uid(), await startOfK3s(FIRST)];
  await underLoad([FIRST], async (load) => {
    lab.edit((document) => {
      for (const name of ADDED) {
        const number = 10 + Number(name.replace("pi", ""));
        const server = { name, role: "server", address: `192.0.2.${number}`, ipv6: `fd00:c0:ffee::${number}` };
        hostsOf(document).add(document.createNode(server));
      }
      document.deleteIn(HIGH_AVAILABILITY);
    });
    const from = Date.now();
    await lab.up();
    const to = Date.now();
    console.error(`from one server to three: ${((to - from) / 1000).toFixed(0)} s`);
    await over(to);
    judge(load, "one server grows to three", { names: API, from, to }, LIMITS.api);
    judge(load, "one server grows to three", { names: [serviceAt(FIRST)], from, to }, LIMITS.service);
  });
  assert.deepEqual(await voters(lab, FIRST), SERVERS);
  assert.deepEqual([await uid(), await startOfK3s(FIRST)], before, "the same cluster, and no restart");
  await allPods();
  await clusterDns(SERVERS);
  assert.deepEqual(await planned(lab), []);
});
