/** Releases that nobody gets to by an upgrade: an older one, and one that skips a minor. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { versions } from "../../../sandbox/toolchain/recipes";
import { voters } from "../questions";
import { planned } from "../questions-network";
import { askNodes, setVersion } from "./releases";
import { PULUMI_UP, SERVERS, lab, startOfK3s } from "./shared";

/** Never downloaded and never started: the gate has to refuse it before that. */
const SKIPPED = "v1.27.16+k3s1";

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
