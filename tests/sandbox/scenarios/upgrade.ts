/** Another k3s release: seen in advance, and rolled out node by node through an interruption. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { versions } from "../../../sandbox/toolchain/recipes";
import { collect, killAll, until } from "../lab";
import { apiAndOthersDuring } from "../load/api";
import { describe } from "../load/load";
import { addressOf, voters } from "../questions";
import { planned } from "../questions-network";
import { NODES, askNodes, parseNodes, setVersion, type Nodes } from "./releases";
import { PULUMI_UP, SERVERS, lab, withoutLogin } from "./shared";

/**
 * Longest time without an answer, in seconds: of the API at its address, which is handed over before a server restarts; and
 * of a service that nothing touches.
 */
const LIMITS = { api: 5, whoami: 3 };

/** Asks the API at its own address for the nodes again and again, at most two seconds each time. */
class Watch {
  private readonly process: ChildProcess;
  private readonly answers: Nodes[] = [];

  constructor() {
    const script = 'while :; do kubectl --request-timeout=2s get nodes -o "$1" 2>/dev/null; echo; sleep 0.5; done';
    this.process = lab.start(["exec", "--", "bash", "-c", script, "watch", NODES]);
    assert.ok(this.process.stdout !== null);
    createInterface(this.process.stdout).on("line", (line) => {
      if (line !== "") this.answers.push(parseNodes(line));
    });
  }

  async started(): Promise<void> {
    await until("an answer of the API", 60, () => Promise.resolve(this.answers.length > 0));
  }

  stop(): void {
    killAll(this.process);
  }

  /** Nodes as the API has said, oldest first. */
  nodes(): readonly Nodes[] {
    return this.answers;
  }
}

test("another release: the preview names its files, the gate and each node's rollout, and asks no host", async () => {
  setVersion(versions.k3sNext);
  const steps = ["k3s-artifact", "k3s-files", "k3s-rollout"].flatMap((step) =>
    SERVERS.map((host) => `${host}-${step}`),
  );
  await withoutLogin(SERVERS, async () => {
    assert.deepEqual(
      await planned(lab),
      [...steps, "sandbox-version-gate"].map((name) => `update command:remote:Command ${name}`).sort(),
    );
  });
});

/** The upgrade, killed while its second node restarts, and its second half. */
async function interruptedUpgrade(watch: Watch): Promise<void> {
  const begun = Date.now();
  const first = lab.start(PULUMI_UP);
  const ended = collect(first);
  await until("pi2 restarting", 300, async () =>
    /k3s-rollout[^]*activating/.test(await lab.ssh("pi2", "cat /run/homelab.lock; systemctl is-active k3s || true")),
  );
  killAll(first);
  await ended;
  const half = watch.nodes().at(-1);
  assert.deepEqual(half?.cordoned, ["pi2"]);
  for (const node of [`pi1 ${versions.k3sNext}`, `pi3 ${versions.k3s}`]) assert.ok(half.versions.includes(node), node);

  assert.match(await lab.up(), /lock of process \d+, which is dead/);
  const seconds = (Date.now() - begun) / 1000;
  console.error(`three servers upgraded, with an interruption, in ${seconds.toFixed(0)} s`);
}

test("an upgrade killed at its second node is finished by the next `up`, while API and service go on", async () => {
  await lab.kubectl("rollout", "status", "daemonset/whoami", "--timeout=120s");
  const port = Number(await lab.kubectl("get", "service", "whoami", "-o", "jsonpath={.spec.ports[0].nodePort}"));
  const services = SERVERS.map((host) => {
    return { kind: "http", name: `whoami at ${host}`, address: addressOf(host), port, perSecond: 5 } as const;
  });
  const watch = new Watch();
  try {
    await watch.started();
    const { api, others } = await apiAndOthersDuring(lab, "three servers upgraded", services, () =>
      interruptedUpgrade(watch),
    );
    const seen = watch.nodes();
    assert.deepEqual(
      seen.filter(({ cordoned }) => cordoned.length > 1),
      [],
      "one node at a time",
    );
    assert.deepEqual([...new Set(seen.flatMap(({ cordoned }) => cordoned))], SERVERS, "in the order of the hosts");
    assert.ok(api.silenceSeconds <= LIMITS.api, `API: ${describe(api)}`);
    for (const [index, seen] of others.entries()) {
      assert.ok(seen.silenceSeconds <= LIMITS.whoami, `whoami at ${SERVERS[index]}: ${describe(seen)}`);
    }
  } finally {
    watch.stop();
  }
  assert.deepEqual(await askNodes(), {
    versions: SERVERS.map((host) => `${host} ${versions.k3sNext}`),
    cordoned: [],
  });
  assert.deepEqual(await voters(lab), SERVERS);
  assert.deepEqual(await planned(lab), []);
});
