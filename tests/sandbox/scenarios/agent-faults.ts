/** What goes wrong with an agent: another token than the cluster's, two runs at once, a host that is dead for good. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { shellQuote } from "../../../components/script/script";
import { collect, until } from "../lab";
import { PULUMI_UP, addAgent, deleteHost, lab } from "./shared";

test("an agent with a wrong token is told so, and nothing is left half done", async () => {
  addAgent("pi4", 14);
  // The token is overwritten just after its step has written it: what a restored or mixed-up stack would do.
  const file = "/etc/rancher/k3s/token";
  const token = await lab.ssh("pi1", `sudo cat ${file}`);
  const spoil = `while :; do [ -e ${file} ] && echo wrong >${file}; sleep 0.2; done`;
  await lab.ssh("pi4", `sudo systemd-run --quiet --unit spoiler bash -c ${shellQuote(spoil)}`);
  const { status, output } = await lab.sandbox(PULUMI_UP);
  // The step that writes it has run and does not run again: whoever spoils the file has to mend it.
  await lab.ssh("pi4", `sudo systemctl stop spoiler; sudo tee ${file} >/dev/null`, `${token}\n`);
  assert.notEqual(status, 0);
  assert.match(output, /192\.0\.2\.1[123] refuses the cluster token/);
  assert.match(output, /-> this stack's token is not the one of the cluster/);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /pi4/);
});

test("a second `pulumi up` beside a running one is refused, and names it", async () => {
  // What the wrong token has stopped is finished by it.
  const first = lab.start(["up"]);
  const ended = collect(first);
  const locks = path.join(lab.directory, "pulumi-state/.pulumi/locks");
  await until("a lock", 60, () =>
    Promise.resolve(
      fs.existsSync(locks) && fs.readdirSync(locks, { recursive: true }).some((name) => String(name).endsWith(".json")),
    ),
  );
  const second = await lab.sandbox(PULUMI_UP);
  assert.notEqual(second.status, 0);
  assert.match(second.output, /locked by 1 lock.*pid \d+/s);
  assert.equal((await ended).status, 0);
  assert.match(await lab.kubectl("get", "node", "pi4"), / Ready /);
});

test("an agent that is dead for good is taken out as the docs say; one that comes back all the same is a node again", async () => {
  await lab.expect(["power-off", "pi4"]);
  deleteHost(3);
  await lab.kubectl("delete", "node", "pi4");
  await lab.kubectl("delete", "secret", "--namespace=kube-system", "pi4.node-password.k3s", "--ignore-not-found");
  const { status, output } = await lab.sandbox(PULUMI_UP);
  assert.notEqual(status, 0);
  assert.match(output, /pi4-membership.*(failed|error)/i);
  const urns = await lab.exec("pulumi", "stack", "--show-urns", "--stack", "sandbox");
  const urn = /urn:\S+::pi4-membership$/m.exec(urns)?.[0] ?? "";
  await lab.exec("pulumi", "state", "delete", urn, "--yes", "--stack", "sandbox");
  await lab.expect(PULUMI_UP);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /pi4/);
  assert.doesNotMatch(await lab.exec("pulumi", "stack", "--stack", "sandbox"), /pi4/);
  addAgent("pi4", 14);
  await lab.up();
  assert.match(await lab.kubectl("get", "node", "pi4"), / Ready /);
  deleteHost(3);
  await lab.expect(PULUMI_UP);
});
