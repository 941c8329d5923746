/** `pulumi up` killed at ten random moments of ten changes: the next `up` finishes each of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { collect, killAll } from "../../lab";
import { voters } from "../../questions";
import { planned } from "../../questions-network";
import { PULUMI_UP, SERVERS, lab } from "../shared";
import { AGENT, allPods, secondsSince } from "./shared";

/** The seed that a failed run has printed, to have its moments again; 0: from the clock. */
const REPLAY = Number("0");

/** What is changed, and after how many seconds at the latest `up` is killed. */
interface Change {
  readonly what: string;
  readonly longestSeconds: number;
  make(round: number): Promise<void> | void;
}

/** A quick step on every host. */
const settings: Change = {
  what: "a setting of all hosts",
  longestSeconds: 15,
  make: (round) =>
    lab.edit((document) => document.setIn(["config", "homelab:hostSettings", "journalMaxMiB"], 190 - round)),
};

/** k3s on one node is drained and restarted. */
const label = (host: string): Change => ({
  what: `a label of ${host}`,
  longestSeconds: 40,
  make: (round) => {
    const index = [...SERVERS, AGENT].indexOf(host);
    lab.edit((document) => document.setIn(["config", "homelab:hosts", index, "labels"], { drill: String(round) }));
  },
});

/** Everything, on a host that comes back empty. */
const reimaged: Change = {
  what: `${AGENT} with an empty disk`,
  longestSeconds: 60,
  make: async () => void (await lab.expect(["reimage", AGENT])),
};

const [one = "", two = "", three = ""] = SERVERS;
const CHANGES = [settings, label(one), label(AGENT), settings, label(two), reimaged, settings, label(three)];
// What is tried twice is begun where the first try of it had left off.
const ROUNDS = [...CHANGES, label(AGENT), settings];

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seed = REPLAY === 0 ? Date.now() % 2 ** 31 : REPLAY;
const random = randomNumbers(seed);
const moments = ROUNDS.map(({ longestSeconds }) => 2 + random() * (longestSeconds - 2));

ROUNDS.forEach((change, index) => {
  const moment = moments[index] ?? 0;
  test(`\`up\` killed, ${index + 1} of ${ROUNDS.length}: ${change.what}`, async () => {
    await change.make(index);
    const first = lab.start(PULUMI_UP);
    const ended = collect(first);
    const early = await Promise.race([ended.then(() => true), sleep(moment * 1000, false)]);
    killAll(first);
    const { output } = await ended;
    const done = (output.match(/ (created|updated) \(/g) ?? []).length;
    const started = Date.now();
    await lab.up();
    const how = early
      ? "ended before it could be killed"
      : `killed after ${moment.toFixed(1)} s, ${done} resources done`;
    console.error(`seed ${seed}, ${change.what}: ${how}; the next one took ${secondsSince(started)} s`);
    assert.deepEqual(await planned(lab), []);
    assert.deepEqual(await voters(lab), SERVERS);
    assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled|NotReady/);
  });
});

test("after ten killed runs all pods are there", async () => {
  await allPods();
});
