/** A server that will not come back leaves for good, as docs/operations.md says it; then another takes its name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { isMap } from "yaml";
import { until } from "../lab";
import { voters } from "../questions";
import { planned } from "../questions-network";
import { PULUMI_UP, SERVERS, hostsOf, lab, startOfK3s } from "./shared";

const REMAINING = SERVERS.filter((host) => host !== "pi3");
const REMOVED = ["config", "homelab:cluster", "removedServers"];

let lines: unknown;

test("a dead server is taken out by hand, then of the config: two voters, and nobody's k3s restarts", async () => {
  await lab.expect(["power-off", "pi3"]);
  await until("the API's address on another server", 60, async () => (await lab.kubectl("get", "nodes")) !== "");
  await lab.kubectl("delete", "node", "pi3");
  await lab.kubectl("delete", "secret", "--namespace=kube-system", "pi3.node-password.k3s", "--ignore-not-found");
  await until("etcd without pi3", 120, async () => isDeepStrictEqual(await voters(lab), REMAINING));
  const urns = await lab.exec("pulumi", "stack", "--show-urns", "--stack", "sandbox");
  const urn = /urn:\S+::pi3-membership(?=\s)/.exec(urns)?.[0];
  assert.ok(urn !== undefined, urns);
  await lab.exec("pulumi", "state", "unprotect", urn, "--yes", "--stack", "sandbox");
  lab.edit((document) => {
    const { items } = hostsOf(document);
    const index = items.findIndex((item) => isMap(item) && item.get("name") === "pi3");
    lines = items[index];
    document.setIn(REMOVED, ["pi3"]);
    items.splice(index, 1);
  });
  const before = await Promise.all(REMAINING.map(startOfK3s));
  await lab.expect(PULUMI_UP);
  assert.deepEqual(await Promise.all(REMAINING.map(startOfK3s)), before);
  assert.deepEqual(await voters(lab), REMAINING);
  assert.deepEqual(await planned(lab), []);
});

test("another takes its place by the same lines: three voters", async () => {
  lab.edit((document) => {
    hostsOf(document).add(lines);
    document.deleteIn(REMOVED);
  });
  await lab.expect(["reimage", "pi3"], true);
  await lab.up();
  assert.deepEqual(await voters(lab), SERVERS);
});
