/** Pulumi's state is lost: what docs/operations.md says of it. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { statePaths } from "../../../sandbox/paths";
import { voters } from "../questions";
import { planned } from "../questions-network";
import { SERVERS, lab, startOfK3s } from "./shared";

interface ExportedState {
  readonly deployment: {
    readonly resources: readonly { readonly type: string; readonly outputs?: { result?: { plaintext: string } } }[];
  };
}

const tokenOf = (host: string): Promise<string> => lab.ssh(host, "sudo cat /etc/rancher/k3s/token");

test("a new stack without the state of the old is refused before it changes the cluster, and goes on with its token", async () => {
  const token = await tokenOf("pi1");
  const started = await Promise.all(SERVERS.map(startOfK3s));
  const { pulumiState, stackFile, initialStackFile } = statePaths();
  for (const lost of [pulumiState, stackFile, initialStackFile]) fs.rmSync(lost, { recursive: true });

  const { status, output } = await lab.sandbox(["up"]);
  assert.notEqual(status, 0);
  assert.match(output, /k3s-token: this host is a node of a cluster with another token than this stack's/);
  for (const host of SERVERS) assert.equal(await tokenOf(host), token, host);

  const text = await lab.exec("pulumi", "stack", "export", "--show-secrets", "--stack", "sandbox");
  const state = JSON.parse(text) as ExportedState;
  const made = state.deployment.resources.find(({ type }) => type === "random:index/randomPassword:RandomPassword");
  assert.ok(made?.outputs?.result !== undefined);
  made.outputs.result.plaintext = JSON.stringify(token);
  await lab.feed(JSON.stringify(state), "pulumi", "stack", "import", "--stack", "sandbox");

  await lab.up();
  assert.deepEqual(await Promise.all(SERVERS.map(startOfK3s)), started, "nobody's k3s is restarted");
  assert.deepEqual(await voters(lab), SERVERS);
  assert.deepEqual(await planned(lab), []);
});
