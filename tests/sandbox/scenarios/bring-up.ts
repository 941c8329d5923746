/** From nothing to a cluster that works, and a second run that does nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVERS, lab, upAgain } from "./shared";

test("a fresh `up` ends with three Ready servers and a table", async () => {
  const output = await lab.up();
  for (const host of SERVERS) assert.match(output, new RegExp(`${host}\\b`));
  assert.match(output, /192\.0\.2\.10/);
  const { hosts, vip, vipHolder } = await lab.status();
  assert.deepEqual(
    hosts.map(({ name, power, ready }) => ({ name, power, ready })),
    SERVERS.map((name) => ({ name, power: "on", ready: true })),
  );
  assert.equal(vip, "192.0.2.10");
  assert.ok(SERVERS.includes(String(vipHolder)), `the API's address is on ${vipHolder}`);
  for (const address of ["192.0.2.10", "[fd00:c0:ffee::10]"]) {
    const answer = await lab.exec(
      "curl",
      "--silent",
      "--insecure",
      "--max-time",
      "5",
      `https://${address}:6443/cacerts`,
    );
    assert.match(answer, /BEGIN CERTIFICATE/, `the API at ${address}`);
  }
});

test("a second `up` runs no command on any host and a preview shows no change", async () => {
  await upAgain("second up");
});
