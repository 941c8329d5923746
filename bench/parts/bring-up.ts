import { isDeepStrictEqual } from "node:util";
import { voters } from "../../tests/sandbox/questions";
import { differences, endState } from "../end-state";
import { floor, type FloorTimes } from "../floor/floor";
import type { Home } from "../home";
import type { Part } from "../part";
import { phases, resourceEvents, serverTimes, type Phases } from "../phases";
import { ratio } from "../statistics";

const ROUNDS = 2;
const SERVERS = ["pi1", "pi2", "pi3"];

interface Ours {
  readonly total: number;
  readonly phases: Phases;
  readonly servers: readonly number[];
}

/** From imaged disks to three servers that are Ready: `pulumi up` without layers, by turns with the floor. */
export const bringUp: Part = {
  name: "bringUp",
  what: "three servers from imaged disks to Ready, by phase, against a shell script of the same end state",
  async measure({ say, home }) {
    const lower: FloorTimes[] = [];
    const ours: Ours[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await home().freshHosts();
      const times = await floor();
      const reached = await reachedState(home());
      home().forget();
      say(`floor, ${round} of ${ROUNDS}: ${times.total.toFixed(0)} s`);
      lower.push(times);

      await home().freshHosts();
      const run = await home().up();
      const events = resourceEvents(run.lines);
      const parts = phases(events, run.seconds);
      say(`bringUp, ${round} of ${ROUNDS}: ${run.seconds.toFixed(0)} s`);
      const servers = serverTimes(events, run.seconds - parts.rest - parts.servers);
      ours.push({ total: run.seconds, phases: parts, servers });
      const different = differences(await reachedState(home()), reached);
      if (different.length > 0) throw new Error(`floor and program end in different states:\n${different.join("\n")}`);
    }
    const phase = (name: keyof Phases): number[] => ours.map((one) => one.phases[name]);
    const samples = {
      bringUpSeconds: ours.map(({ total }) => total),
      bringUpStartSeconds: phase("start"),
      bringUpHostsSeconds: phase("hosts"),
      bringUpFilesSeconds: phase("files"),
      ...byServer("bringUp", ours),
      bringUpRestSeconds: phase("rest"),
      floorSeconds: lower.map(({ total }) => total),
      // Files are part of it.
      floorHostsSeconds: lower.map(({ hosts }) => hosts),
      ...byServer("floor", lower),
      floorRestSeconds: lower.map(({ rest }) => rest),
    };
    return { samples, ratios: { bringUp: ratio(samples.bringUpSeconds, samples.floorSeconds) } };
  },
};

function byServer(name: string, runs: readonly { readonly servers: readonly number[] }[]): Record<string, number[]> {
  return Object.fromEntries(
    SERVERS.map((_, index) => [`${name}Server${index + 1}Seconds`, runs.map(({ servers }) => servers[index] ?? NaN)]),
  );
}

/** The state of the last server, once the cluster was found to be one. @throws Error if it is none */
async function reachedState({ lab }: Home): Promise<string[]> {
  const found = await voters(lab);
  if (!isDeepStrictEqual(found, SERVERS)) throw new Error(`the cluster consists of ${found.join(", ")}`);
  return endState(lab, SERVERS.at(-1) ?? "");
}
