/** How a node is taken away under load, and what the load saw of it. */
import { isDeepStrictEqual } from "node:util";
import { until } from "../../lab";
import { judge as judgeLoad, over } from "../../load/load";
import { voters } from "../../questions";
import { announcer, unsettled, worksSince } from "../../questions-network";
import { SERVERS, lab } from "../shared";
import { INGRESS, LAN_DNS, runningLoad } from "./shared";

/** Longest time without an answer after a node has lost its power, and while one is drained, in seconds. */
export const LIMITS = { loss: 15, drain: 2 };

/** Waits until a node that has got its power back works again, all that runs has its pods, and etcd its members. */
async function healthy(victim: string, onAt: number): Promise<void> {
  const [peer = ""] = SERVERS.filter((name) => name !== victim);
  await until("three voters and all pods", 240, async () => {
    if (!(await worksSince(lab, victim, onAt))) return false;
    return isDeepStrictEqual(await voters(lab, peer), SERVERS) && (await unsettled(lab)).length === 0;
  });
}

/** Prints and judges what the load has seen of all targets in a span. */
export function judge(what: string, from: number, to: number, limitSeconds: number): void {
  const load = runningLoad();
  judgeLoad(load, what, { names: load.names, from, to }, limitSeconds);
}

/**
 * Takes the power from a node until all answers again, gives it back, and judges both by what the load has seen.
 *
 * @returns Whether the node had announced the sites.
 */
export async function lose(victim: string, meanwhile: () => Promise<void> = async () => {}): Promise<boolean> {
  const load = runningLoad();
  const sites = await announcer(lab, INGRESS.ipv4, 443, SERVERS);
  const names = await announcer(lab, LAN_DNS.ipv4, 53, SERVERS);
  const title = `${victim} lost power (sites announced by ${sites}, LAN DNS by ${names})`;
  const offAt = Date.now();
  await lab.expect(["power-off", victim]);
  await Promise.all([
    meanwhile(),
    until(`answers without ${victim}`, 120, () => Promise.resolve(Date.now() > offAt + 15_000 && load.calmFor(5))),
  ]);
  const onAt = Date.now();
  await lab.expect(["power-on", victim]);
  await healthy(victim, onAt);
  const healthyAt = Date.now();
  await over(healthyAt);
  judge(title, offAt, onAt, LIMITS.loss);
  judge(`${victim} came back`, onAt, healthyAt, LIMITS.loss);
  return sites === victim;
}
