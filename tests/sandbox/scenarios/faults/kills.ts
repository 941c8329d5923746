/** `pulumi up` killed at ten random moments of ten changes: the next `up` finishes each of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { collect, killAll } from "../../lab";
import { voters } from "../../questions";
import { planned } from "../../questions-network";
import { PULUMI_UP, SERVERS, lab } from "../shared";
import { AGENT, allPods, secondsSince } from "./shared";

/** A failed run has printed it; set, it gives the same moments again. */
const seed = Number(process.env["HOMELAB_DRILL_SEED"] ?? Date.now() % 2 ** 31);

/** What is changed, and after how many seconds at the latest `up` is killed: a little less than it takes here. */
interface Change {
  readonly what: string;
  readonly longestSeconds: number;
  make(value: number): Promise<void> | void;
}

/** A quick step on every host. */
const settings: Change = {
  what: "a setting of all hosts",
  longestSeconds: 12,
  make: (value) =>
    lab.edit((document) => document.setIn(["config", "homelab:hostSettings", "journalMaxMiB"], 190 - value)),
};

/** k3s on one node is drained and restarted. */
const label = (host: string): Change => ({
  what: `a label of ${host}`,
  longestSeconds: host === AGENT ? 12 : 35,
  make: (value) => {
    const index = [...SERVERS, AGENT].indexOf(host);
    lab.edit((document) => document.setIn(["config", "homelab:hosts", index, "labels"], { drill: String(value) }));
  },
});

/** Everything, on a host that comes back empty. */
const reimaged: Change = {
  what: `${AGENT} with an empty disk`,
  longestSeconds: 30,
  make: async () => void (await lab.expect(["reimage", AGENT])),
};

const [one = "", two = "", three = ""] = SERVERS;
const CHANGES = [settings, label(one), label(AGENT), settings, label(two), reimaged, settings, label(three)];
// What is tried twice is begun where the first try of it had left off.
const ROUNDS = [...CHANGES, label(AGENT), settings];

/** After how many milliseconds each round is killed. */
const delays = ROUNDS.map(({ longestSeconds }) => fc.noBias(fc.integer({ min: 2000, max: longestSeconds * 1000 })));
const [moments = []] = fc.sample(fc.tuple(...delays), { seed, numRuns: 1 });

/** Makes the change and kills its `up` at that moment; at half of it, of another value, if the `up` had ended by then. */
async function killed(change: Change, index: number, moment: number): Promise<string> {
  for (let attempt = 0; attempt < 4; attempt++) {
    const milliseconds = moment / 2 ** attempt;
    await change.make(index + attempt * ROUNDS.length);
    const first = lab.start(PULUMI_UP);
    const ended = collect(first);
    const early = await Promise.race([ended.then(() => true), sleep(milliseconds, false)]);
    killAll(first);
    const { output } = await ended;
    const done = (output.match(/ (created|updated) \(/g) ?? []).length;
    if (!early) return `killed after ${(milliseconds / 1000).toFixed(1)} s, ${done} resources done`;
  }
  throw new Error(`no \`up\` of ${change.what} could be killed: each had ended before`);
}

ROUNDS.forEach((change, index) => {
  const moment = moments[index] ?? 0;
  test(`\`up\` killed, ${index + 1} of ${ROUNDS.length}: ${change.what}`, async () => {
    const done = await killed(change, index, moment);
    const started = Date.now();
    await lab.up();
    console.error(`seed ${seed}, ${change.what}: ${done}; the next one took ${secondsSince(started)} s`);
    assert.deepEqual(await planned(lab), []);
    assert.deepEqual(await voters(lab), SERVERS);
    assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled|NotReady/);
  });
});

test("after ten killed runs all pods are there", async () => {
  await allPods();
});
