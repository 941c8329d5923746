/** Each node in turn loses its power, and is drained: sites and names go on answering. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { until } from "../../lab";
import { describe } from "../../load/load";
import { voters } from "../../questions";
import { announcer, unsettled } from "../../questions-network";
import { nextUpdaterNode } from "../../updater";
import { SERVERS, lab } from "../shared";
import { FOLLOW_LIMIT_SECONDS, INGRESS, LAN_DNS, WHOAMI, published, runningLoad, startLoad } from "./shared";

/** Longest time without an answer after a node has lost its power, and while one is drained, in seconds. */
const LIMITS = { loss: 15, drain: 2 };
/** Address of the home from the first loss on. */
const NEW_ADDRESS = "203.0.113.30";

/** Waits until all that runs has its pods, and etcd its members; `asked` is a server that has power. */
async function healthy(asked: string): Promise<void> {
  await until("three voters and all pods", 240, async () => {
    return isDeepStrictEqual(await voters(lab, asked), SERVERS) && (await unsettled(lab)).length === 0;
  });
}

/** Prints and judges what the load has seen in a span. */
function judge(what: string, from: number, to: number, limitSeconds: number): void {
  const load = runningLoad();
  const found = load.names.map((name) => ({ name, figures: load.figures(name, from, to) }));
  for (const { name, figures } of found) console.error(`${what}: ${name}: ${describe(figures)}`);
  for (const { name, figures } of found) {
    assert.ok(figures.silenceSeconds <= limitSeconds, `${what}: ${name}: ${describe(figures)}`);
  }
}

/** Time for requests under way to be over, so that they count. */
const over = (moment: number): Promise<number> =>
  until("the end of all requests", 10, () => Promise.resolve(Date.now() > moment + 5000));

const announcers = new Set<string>();
const remaining = new Set(SERVERS);

async function lose(victim: string, meanwhile: () => Promise<void>): Promise<void> {
  const load = runningLoad();
  const [peer = ""] = SERVERS.filter((name) => name !== victim);
  const sites = await announcer(lab, INGRESS.ipv4, 443, SERVERS);
  const names = await announcer(lab, LAN_DNS.ipv4, 53, SERVERS);
  if (sites === victim) announcers.add(victim);
  const title = `${victim} lost power (sites announced by ${sites}, LAN DNS by ${names})`;
  const offAt = Date.now();
  await lab.expect(["power-off", victim]);
  await Promise.all([
    meanwhile(),
    until(`answers without ${victim}`, 120, () => Promise.resolve(Date.now() > offAt + 15_000 && load.calmFor(5))),
  ]);
  const onAt = Date.now();
  await lab.expect(["power-on", victim]);
  await healthy(peer);
  const healthyAt = Date.now();
  await over(healthyAt);
  judge(title, offAt, onAt, LIMITS.loss);
  judge(`${victim} came back`, onAt, healthyAt, LIMITS.loss);
  remaining.delete(victim);
}

test("the updater's node loses power in its run: all goes on, and a new public address is followed", async () => {
  await startLoad("accepted");
  assert.notDeepEqual(await published(WHOAMI, "A"), [NEW_ADDRESS]);
  const victim = await nextUpdaterNode(lab);
  await lose(victim, async () => {
    await lab.expect(["public-address", NEW_ADDRESS]);
    const follows = async (): Promise<boolean> => (await published(WHOAMI, "A"))[0] === NEW_ADDRESS;
    const seconds = await until("the record of the new address", FOLLOW_LIMIT_SECONDS + 60, follows);
    console.error(`public record followed after ${seconds.toFixed(0)} s, the updater's node without power (polled)`);
  });
});

for (const nth of ["second", "third"]) {
  test(`the ${nth} node loses power: sites and names answer again within ${LIMITS.loss} s`, async () => {
    const [victim] = remaining;
    assert.ok(victim !== undefined);
    await lose(victim, () => Promise.resolve());
  });
}

test("among the nodes that lost power were those that announced the sites", () => {
  assert.deepEqual([...remaining], []);
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
