/** Another k3s release: seen in advance, rolled out node by node through an interruption, and no way back. */
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
import { PULUMI_UP, SERVERS, lab, startOfK3s } from "./shared";

/**
 * Longest time without an answer, in seconds: of the API at its address, which is handed over before a server restarts; and
 * of a service that nothing touches.
 */
const LIMITS = { api: 5, whoami: 3 };
/** Never downloaded and never started: the gate has to refuse it before that. */
const SKIPPED = "v1.27.16+k3s1";

const setVersion = (version: string): void =>
  lab.edit((document) => document.setIn(["config", "homelab:cluster", "k3sVersion"], version));

/** Versions of the nodes as the API knows them, and those that take no pods. */
interface Nodes {
  readonly versions: readonly string[];
  readonly cordoned: readonly string[];
}

const NODES =
  "jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable};{end}";

function parseNodes(text: string): Nodes {
  const nodes = [...text.matchAll(/(\S+) (v\S+) (true)?;/g)];
  return {
    versions: nodes.map(([, name, version]) => `${name} ${version}`).sort(),
    cordoned: nodes.flatMap(([, name = "", , cordoned]) => (cordoned === undefined ? [] : [name])),
  };
}

const askNodes = async (): Promise<Nodes> => parseNodes(await lab.kubectl("get", "nodes", "-o", NODES));

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
  const before = await lab.logins(SERVERS);
  setVersion(versions.k3sNext);
  const steps = ["k3s-artifact", "k3s-files", "k3s-rollout"].flatMap((step) =>
    SERVERS.map((host) => `${host}-${step}`),
  );
  assert.deepEqual(
    await planned(lab),
    [...steps, "sandbox-version-gate"].map((name) => `update command:remote:Command ${name}`).sort(),
  );
  const counted = await lab.logins(SERVERS);
  assert.deepEqual(
    counted.map((count, index) => count - (before[index] ?? 0) - 1),
    [0, 0, 0],
  );
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

test("a way back and a skipped minor are refused before any node is touched", async () => {
  // The program's file and the moment of k3s' last start: both change with a rollout.
  const touched = (): Promise<unknown[]> =>
    Promise.all(
      SERVERS.map(async (host) => [await lab.ssh(host, "stat --format=%i /usr/local/bin/k3s"), await startOfK3s(host)]),
    );
  const refused = async (version: string, reason: RegExp): Promise<void> => {
    const before = await touched();
    setVersion(version);
    const { status, output } = await lab.sandbox(PULUMI_UP);
    assert.notEqual(status, 0);
    assert.match(output, reason);
    assert.deepEqual(await touched(), before);
    assert.deepEqual((await askNodes()).cordoned, []);
  };
  await refused(versions.k3s, /pi1 runs v1\.25\.4\+k3s2: v1\.25\.4\+k3s1 would be a downgrade/);

  // The mirror has no such release; on a home's hosts it would lie here once it is downloaded.
  const file = `/var/lib/homelab/k3s/k3s-${SKIPPED}`;
  const lay = `printf never >${file} && sha256sum ${file} >${file}.sha256`;
  await Promise.all(SERVERS.map((host) => lab.ssh(host, `sudo sh -c '${lay}'`)));
  await refused(SKIPPED, /pi1 runs v1\.25\.4\+k3s2: going to v1\.27\.16\+k3s1 skips a minor version/);
  await Promise.all(SERVERS.map((host) => lab.ssh(host, `sudo rm ${file} ${file}.sha256`)));

  setVersion(versions.k3sNext);
  await lab.up();
  assert.deepEqual(await planned(lab), []);
  assert.deepEqual(await voters(lab), SERVERS);
});
