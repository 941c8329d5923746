/** A dead API server and a lost host: the API goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Silence } from "../capture";
import { collect, until } from "../lab";
import { apiDuring } from "../load/api";
import { voters } from "../questions";
import { worksSince } from "../questions-network";
import { HOMELAB, SERVERS, lab } from "./shared";

/** Longest time without an answer of the API at its address, in seconds. */
const LIMITS = { powerLost: 5, k3sKilled: 10 };

test("the API's address moves away from a server whose k3s was killed, and not back", async () => {
  const holder = String((await lab.status()).vipHolder);
  const { silenceSeconds } = await apiDuring(lab, "k3s killed on its holder", async () => {
    await lab.ssh(holder, "sudo systemctl kill --kill-who=main --signal=SIGKILL k3s");
    await until("the API answering on another server", 30, async () => {
      const { vipHolder } = await lab.status();
      return vipHolder !== null && vipHolder !== holder && (await lab.kubectl("get", "--raw", "/readyz")) === "ok";
    });
  });
  const next = (await lab.status()).vipHolder;
  assert.notEqual(next, holder);
  // systemd starts it again.
  await until("three voters", 90, async () => isDeepStrictEqual(await voters(lab, holder), SERVERS));
  await sleep(5000);
  assert.equal((await lab.status()).vipHolder, next);
  assert.ok(silenceSeconds <= LIMITS.k3sKilled, `${silenceSeconds} s without an answer`);
});

test("a host without power is silent, and the API goes on", async () => {
  const victim = String((await lab.status()).vipHolder);
  const silence = await Silence.listenTo(victim);
  const connection = await openConnection(victim);
  let offAt = 0;
  const { silenceSeconds } = await apiDuring(lab, "its holder without power", async () => {
    await lab.expect(["power-off", victim]);
    offAt = Date.now();
    await until(
      "the API answering without its holder",
      60,
      async () => (await lab.kubectl("get", "--raw", "/readyz")) === "ok",
    );
  });
  const frames = await silence.frames();
  await connection.ended;
  assert.deepEqual(
    frames.filter((line) => Number.parseFloat(line) * 1000 > offAt),
    [],
    "nothing at all is sent once it is off",
  );
  // Only the end of the host could close this connection: sshd grants two minutes for a login.
  const ours = frames.filter((line) => connection.isIn(line));
  assert.ok(ours.length > 0, "the connection was seen");
  assert.deepEqual(
    ours.filter((line) => /Flags \[[^\]]*[FR]/.test(line)),
    [],
    "no connection is closed",
  );
  await lab.kubectl("create", "configmap", "written-while-one-is-off", "--from-literal=a=b");
  const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  assert.equal(doctor.status, 1);
  assert.match(doctor.output, new RegExp(`^error +${victim} .*\\n +-> `, "m"));
  const onAt = Date.now();
  await lab.expect(["power-on", victim]);
  await until("three voters", 180, async () => {
    return (await worksSince(lab, victim, onAt)) && isDeepStrictEqual(await voters(lab, victim), SERVERS);
  });
  assert.ok(silenceSeconds <= LIMITS.powerLost, `${silenceSeconds} s without an answer`);
});

/** A connection from the LAN's client to a host's sshd that says nothing, until the client itself gives up. */
async function openConnection(host: string): Promise<{ isIn(frame: string): boolean; ended: Promise<unknown> }> {
  const address = `192.0.2.${10 + SERVERS.indexOf(host) + 1}`;
  const hold = `exec 3<>/dev/tcp/${address}/22; ss -Htn -o state established dst ${address} dport = :22; exec sleep 30`;
  const child = lab.start(["exec", "--", "bash", "-c", hold]);
  const ended = collect(child);
  let text = "";
  child.stdout?.on("data", (data: Buffer) => (text += data.toString()));
  await until("a connection to sshd", 20, () => Promise.resolve(/:\d+\s/.test(text)));
  const port = /192\.0\.2\.2:(\d+)/.exec(text)?.[1] ?? "";
  assert.notEqual(port, "");
  return { isIn: (frame) => frame.includes(`${address}.22 > 192.0.2.2.${port}:`), ended };
}
