import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { parseConfig } from "../../config/parse";
import { readStackFile } from "../../config/stack-file";
import type { HomelabConfig, HostConfig } from "../../config/types";
import { statePaths } from "../../sandbox/paths";
import { Session } from "./session";
import { floorTexts } from "./texts";

/** What the floor took, in seconds. */
export interface FloorTimes {
  readonly total: number;
  /** Until the last host was prepared; the first server may have begun before. */
  readonly hosts: number;
  /** From one server's being up to the next one's, the first counted from its being prepared. */
  readonly servers: readonly number[];
  readonly rest: number;
}

/**
 * Brings up the servers of the effective stack file by hand, as fast as it can be done: one session for each host, and
 * another after its reboot; hosts side by side; each server starts once it is prepared and the one before it is up.
 * Leaves the kubeconfig where the sandbox's commands look for it.
 */
export async function floor(): Promise<FloorTimes> {
  const { config } = parseConfig(readStackFile(statePaths().stackFile));
  const token = randomBytes(24).toString("hex");
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  const prepared: number[] = [];
  const waiting = config.hosts.map(async (host) => {
    const session = await prepareHost(host, config, token);
    prepared.push(elapsed());
    return session;
  });
  // One that fails while another is waited for is thrown once its turn comes.
  for (const one of waiting) one.catch(() => undefined);
  try {
    const [first, ...others] = waiting;
    const { address } = config.hosts[0] as HostConfig;
    if (first === undefined) throw new Error("there are no hosts");
    const anchor = await first;
    const moments = [elapsed()];
    await bringUp(anchor, "initialise");
    moments.push(elapsed());
    for (const other of others) {
      await bringUp(await other, `join ${address}`);
      moments.push(elapsed());
    }
    const sessions = await Promise.all(others);
    anchor.say("finish");
    const kubeconfig = Buffer.from(await anchor.hear(), "base64");
    await Promise.all([anchor, ...sessions].map((session) => session.end({ byReboot: false })));
    const total = elapsed();
    fs.writeFileSync(statePaths().kubeconfig, kubeconfig, { mode: 0o600 });
    const servers = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
    return { total, hosts: Math.max(...prepared), servers, rest: total - (moments.at(-1) ?? 0) };
  } catch (error) {
    for (const result of await Promise.allSettled(waiting)) if (result.status === "fulfilled") result.value.kill();
    throw error;
  }
}

async function prepareHost(host: HostConfig, config: HomelabConfig, token: string): Promise<Session> {
  const { prepare, start } = floorTexts(host, config, token);
  await (await Session.open(host, prepare)).end({ byReboot: true });
  const session = await Session.reopen(host, start);
  await session.hear();
  return session;
}

async function bringUp(session: Session, order: string): Promise<void> {
  session.say(order);
  await session.hear();
}
