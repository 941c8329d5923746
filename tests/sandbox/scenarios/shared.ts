/** What the scenarios share: one lab, one cluster, each test on what the one before left. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { isSeq, type YAMLSeq } from "yaml";
import { Lab } from "../lab";
import { CommandLineWatch } from "../secrets";

export const lab = new Lab();
export const watch = new CommandLineWatch();
export const SERVERS = ["pi1", "pi2", "pi3"];

/** Around the scenarios of one suite: nothing is there before, and nothing is left after. */
export function suite({ prepare, end }: { readonly prepare?: () => void; readonly end?: () => void } = {}): void {
  before(async () => {
    prepare?.();
    await lab.sandbox(["down"]);
    watch.start();
  });
  after(async () => {
    end?.();
    watch.stop();
    await lab.sandbox(["down"], true);
    lab.remove();
  });
}

export const PULUMI_UP = [
  ...["exec", "--", "pulumi", "up", "--yes", "--non-interactive"],
  ...["--skip-preview", "--stack", "sandbox"],
];
/** `npm run homelab --`, without npm. */
export const HOMELAB = ["npx", "--no-install", "tsx", "operations/cli.ts"];

export const hostsOf = (document: { getIn(path: readonly string[]): unknown }): YAMLSeq => {
  const hosts = document.getIn(["config", "homelab:hosts"]);
  assert.ok(isSeq(hosts));
  return hosts;
};
export const addAgent = (name: string, number: number): void =>
  lab.edit((document) => {
    const agent = { name, role: "agent", address: `192.0.2.${number}`, ipv6: `fd00:c0:ffee::${number}` };
    hostsOf(document).add(document.createNode(agent));
  });
export const deleteHost = (index: number): void => lab.edit((document) => void hostsOf(document).delete(index));

/** Does something, and asserts that it has logged in to none of these hosts: no command ran there. */
export async function withoutLogin(hosts: readonly string[], what: () => Promise<unknown>): Promise<void> {
  const before = await lab.logins(hosts);
  await what();
  const after = await lab.logins(hosts);
  // The count itself is one login.
  const logins = after.map((count, index) => count - (before[index] ?? 0) - 1);
  assert.deepEqual(
    logins,
    hosts.map(() => 0),
  );
}

/** `up` where nothing has changed: it runs no command on any host, and a preview shows no change. Prints its time. */
export async function upAgain(what: string): Promise<void> {
  await withoutLogin(SERVERS, async () => {
    const started = Date.now();
    await lab.up();
    console.error(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  });
  await lab.exec("pulumi", "preview", "--stack", "sandbox", "--expect-no-changes", "--non-interactive");
}

/** When k3s was started last on a server, in microseconds of the one clock that all hosts have. */
export const startOfK3s = async (host: string): Promise<number> =>
  Number(await lab.ssh(host, "systemctl show k3s --property ActiveEnterTimestampMonotonic --value"));
