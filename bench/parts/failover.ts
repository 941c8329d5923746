import { isDeepStrictEqual } from "node:util";
import { statePaths } from "../../sandbox/paths";
import { until, type Lab } from "../../tests/sandbox/lab";
import { Load } from "../../tests/sandbox/load/load";
import type { Target } from "../../tests/sandbox/load/target";
import { voters } from "../../tests/sandbox/questions";
import { announcer, unsettled, worksSince } from "../../tests/sandbox/questions-network";
import type { Part } from "../part";

const RUNS = 10;
const SERVERS = ["pi1", "pi2", "pi3"];
const ADDRESS = "192.0.2.200";

/** The sandbox's certificates live for ten minutes, and an outage of their issuer is not what is measured here. */
const SITE: Target = {
  ...{ kind: "https", name: "whoami", address: ADDRESS, host: "whoami.home.test" },
  ...{ status: 200, perSecond: 20, expired: "accepted" },
};

/** The node that announces the sites' address loses its power, ten times over: how long nothing answers. */
export const failover: Part = {
  name: "failover",
  what: `${RUNS} losses of the node that announces the sites: seconds without an answer, requests that failed`,
  async measure({ say, home }) {
    await home().layers();
    const { lab } = home();
    const silent: number[] = [];
    const failed: number[] = [];
    const load = await Load.start(lab, statePaths().acmeRoot, [SITE]);
    try {
      for (let number = 1; number <= RUNS; number++) {
        await healthy(lab);
        await until("answers in time to all requests", 120, () => Promise.resolve(load.calmFor(5)));
        const victim = await announcer(lab, ADDRESS, 443, SERVERS);
        const from = Date.now();
        await lab.expect(["power-off", victim]);
        await until("answers without it", 180, () => Promise.resolve(Date.now() > from + 15_000 && load.calmFor(5)));
        const to = Date.now() - 5000;
        const { silenceSeconds, failed: count, asked } = load.figures(SITE.name, from, to);
        say(
          `failover, ${number} of ${RUNS}: ${victim} lost, ${silenceSeconds.toFixed(1)} s, ${count} of ${asked} failed`,
        );
        silent.push(silenceSeconds);
        failed.push(count);
        const onAt = Date.now();
        await lab.expect(["power-on", victim]);
        await until("the lost node working again", 300, () => worksSince(lab, victim, onAt));
      }
    } finally {
      load.stop();
    }
    return { samples: { failoverSilentSeconds: silent, failoverFailedRequests: failed }, ratios: {} };
  },
};

/** Waits until etcd has all its voters and all that runs its pods. */
async function healthy(lab: Lab): Promise<void> {
  await until("three voters and all pods", 300, async () => {
    return isDeepStrictEqual(await voters(lab), SERVERS) && (await unsettled(lab)).length === 0;
  });
}
