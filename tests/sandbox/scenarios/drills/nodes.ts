/** Each node in turn loses its power, and is drained: sites and names go on answering. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../lab";
import { unsettled } from "../../questions-network";
import { over } from "../../load/load";
import { LIMITS, judge, lose } from "../network/power";
import { startLoad } from "../network/shared";
import { SERVERS, lab } from "../shared";

const announcers = new Set<string>();

for (const victim of SERVERS) {
  test(`${victim} loses power: sites and names answer again within ${LIMITS.loss} s`, async () => {
    if (victim === SERVERS[0]) await startLoad("accepted");
    if (await lose(victim)) announcers.add(victim);
  });
}

test("among the nodes that lost power were those that announced the sites", () => {
  assert.ok(announcers.size > 0);
});

for (const node of SERVERS) {
  test(`${node} drained and taken back: at most ${LIMITS.drain} s without answers`, async () => {
    const from = Date.now();
    const options = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s"];
    await lab.exec("kubectl", "drain", node, ...options);
    const left = await lab.kubectl(
      "get",
      "pods",
      "--namespace=apps",
      `--field-selector=spec.nodeName=${node}`,
      "-o",
      "name",
    );
    await until("all pods elsewhere", 120, async () => (await unsettled(lab)).length === 0);
    await lab.kubectl("uncordon", node);
    const to = Date.now();
    await over(to);
    assert.equal(left, "", "the app has left the node");
    judge(`${node} drained`, from, to, LIMITS.drain);
  });
}
