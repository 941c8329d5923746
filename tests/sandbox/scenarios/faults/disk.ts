/** One server's disk runs full: it is named, the others go on, and it heals by itself when there is room again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../lab";
import { judge, over } from "../../load/load";
import { addressOf } from "../../questions";
import { HOMELAB, lab } from "../shared";
import {
  API,
  LIMITS,
  allPods,
  fillDisk,
  freeDisk,
  holder,
  others,
  secondsSince,
  serviceAt,
  threeVoters,
  underLoad,
} from "./shared";

/** More than etcd's files have room for without growing, in objects of nearly a mebibyte. */
const HEAVY_OBJECTS = 60;
/** The kubelet calls its disk full for five minutes after it no longer is. */
const PRESSURE_SECONDS = 300;

let victim = "";
let freedAt = 0;

/** Writes so much that no member can take it without a larger file. */
async function writeMuch(server: string): Promise<void> {
  const script = `text=$(head -c 900000 /dev/zero | tr '\\0' x)
    for number in $(seq "$1"); do
      printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: heavy-%s, labels: {heavy: "yes"}}\\ndata: {text: %s}\\n---\\n' "$number" "$text"
    done | kubectl --server "https://$2:6443" create -f - >/dev/null || true`;
  // What is written when the leader is lost may fail.
  await lab.exec("bash", "-c", script, "write-much", String(HEAVY_OBJECTS), addressOf(server));
}

test("the disk of the server with the API's address runs full: doctor names it, all others go on", async () => {
  victim = await holder();
  const peers = others(victim);
  await underLoad(peers, async (load) => {
    const from = Date.now();
    await fillDisk(victim);
    await writeMuch(peers[0] ?? "");
    const restarts = async (): Promise<number> =>
      Number(await lab.ssh(victim, "systemctl show k3s --property NRestarts --value"));
    await until("etcd ending on the full disk", 120, async () => {
      // The kubelet gives images up to make room.
      await fillDisk(victim);
      return (await restarts()) > 0;
    });
    console.error(`k3s on a full disk ended after ${secondsSince(from)} s`);
    const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
    assert.equal(doctor.status, 1);
    const named = new RegExp(`^error +${victim} +/\\S* is (9[3-9]|100) % full: .*\\n +-> .*`, "m").exec(doctor.output);
    assert.ok(named !== null, doctor.output);
    console.error(named[0]);
    assert.doesNotMatch(doctor.output, new RegExp(`^error +(${peers.join("|")}) `, "m"));
    await until("a minute with a full disk", 60, () => Promise.resolve(Date.now() > from + 60_000));
    const to = Date.now();
    await over(to);
    judge(load, `disk of ${victim} full`, { names: API, from, to }, LIMITS.api);
    judge(load, `disk of ${victim} full`, { names: peers.map(serviceAt), from, to }, LIMITS.service);
  });
});

test("with room again it is Ready and a voter by itself", async () => {
  const [peer = ""] = others(victim);
  await freeDisk(victim);
  freedAt = Date.now();
  const seconds = await threeVoters(peer);
  console.error(`disk of ${victim} freed: Ready and a voter after ${seconds.toFixed(0)} s`);
  await lab.kubectl("delete", "configmap", "--selector=heavy=yes", "--wait=false");
});

/** Called when something else was tried meanwhile: for five minutes there is nothing to see. */
export const takesPodsAgain = (): void => {
  test("the server whose disk was full takes pods again", async () => {
    await allPods(PRESSURE_SECONDS + 120);
    console.error(`all pods are back at the latest ${secondsSince(freedAt)} s after the disk was freed`);
  });
};
