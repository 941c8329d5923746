/** Another k3s release: seen in advance, rolled out node by node through an interruption, and no way back. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { versions } from "../../../sandbox/toolchain/recipes";
import { collect, killAll, until } from "../lab";
import { apiDuring } from "../load/api";
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

/**
 * Asks the API at its own address and whoami at each server's port again and again from the LAN's client, at most two
 * seconds each time, and writes down which answer came when.
 */
class Watch {
  private readonly asked: { readonly name: string; readonly at: number; readonly answer: string }[] = [];
  private readonly process: ChildProcess;
  private startedAt = 0;

  constructor(port: string) {
    const script = `
      ask() {
        name=$1
        shift
        while :; do
          answer=$("$@" 2>/dev/null | tr '\\n' ' ')
          echo "$name $EPOCHREALTIME $answer"
          sleep 0.5
        done
      }
      ask api kubectl --request-timeout=2s get nodes -o "$1" &
      for address in "\${@:2}"; do ask "$address" curl --silent --fail --max-time 2 "http://$address:${port}/" & done
      wait`;
    this.process = lab.start(["exec", "--", "bash", "-c", script, "watch", NODES, ...SERVERS.map(addressOf)]);
    assert.ok(this.process.stdout !== null);
    createInterface(this.process.stdout).on("line", (line) => {
      const [, name = "", seconds = "", answer = ""] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
      this.asked.push({ name, at: Number(seconds), answer });
    });
  }

  /** Waits until all have answered: failures to come would prove nothing otherwise. */
  async started(): Promise<void> {
    const names = ["api", ...SERVERS.map(addressOf)];
    await until("an answer of API and whoami", 60, () =>
      Promise.resolve(names.every((name) => this.answers(name).length > 0)),
    );
    this.startedAt = Date.now() / 1000;
  }

  stop(): void {
    killAll(this.process);
  }

  /** Nodes as the API has said from then on, oldest first. */
  nodes(): Nodes[] {
    return this.answers("api").map(({ answer }) => parseNodes(answer));
  }

  /** Longest time between two answers in seconds, from the start until now. */
  silence(name: string): number {
    const moments = [this.startedAt, ...this.answers(name).map(({ at }) => at), Date.now() / 1000];
    return Math.max(...moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment)));
  }

  /** `2 of 170 without an answer, at most 4.1 s in a row` */
  describe(name: string): string {
    const asked = this.asked.filter((question) => question.name === name && question.at >= this.startedAt);
    const failed = asked.length - this.answers(name).length;
    return `${failed} of ${asked.length} without an answer, at most ${this.silence(name).toFixed(1)} s in a row`;
  }

  private answers(name: string) {
    return this.asked.filter((question) => question.name === name && question.at >= this.startedAt && question.answer);
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
  const watch = new Watch(await lab.kubectl("get", "service", "whoami", "-o", "jsonpath={.spec.ports[0].nodePort}"));
  try {
    await watch.started();
    const { silenceSeconds } = await apiDuring(lab, "three servers upgraded", () => interruptedUpgrade(watch));
    for (const name of ["api", ...SERVERS.map(addressOf)]) console.error(`${name}: ${watch.describe(name)}`);

    const seen = watch.nodes();
    assert.deepEqual(
      seen.filter(({ cordoned }) => cordoned.length > 1),
      [],
      "one node at a time",
    );
    assert.deepEqual([...new Set(seen.flatMap(({ cordoned }) => cordoned))], SERVERS, "in the order of the hosts");
    assert.ok(silenceSeconds <= LIMITS.api, `${silenceSeconds} s without an answer of the API`);
    for (const address of SERVERS.map(addressOf)) {
      assert.ok(watch.silence(address) <= LIMITS.whoami, `${address}: ${watch.describe(address)}`);
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
