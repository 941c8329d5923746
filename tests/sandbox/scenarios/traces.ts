/** What is left behind: no secret, and after `down` nothing at all. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { leftovers } from "../questions";
import { findSecret } from "../secrets";
import { SERVERS, lab, watch } from "./shared";

test("neither the token nor the private key is in a log, a process list, plain state or a world-readable file", async () => {
  const token = await lab.ssh("pi1", "sudo cat /etc/rancher/k3s/token");
  assert.equal(token.length, 48);
  // More than one after a rotation.
  const privateFiles = fs
    .readdirSync(path.join(lab.directory, "keys"))
    .map((name) => path.join(lab.directory, "keys", name))
    .filter((file) => fs.statSync(file).isFile() && fs.readFileSync(file, "utf8").includes("PRIVATE KEY"));
  const bodies = privateFiles.map((file) => fs.readFileSync(file, "utf8").split("\n")[2] ?? "");
  assert.ok(bodies.length > 0 && bodies.every((body) => body.length > 20));
  // The search itself is tried first: it finds what is there to be found.
  await lab.ssh("pi2", "cat > /tmp/canary && chmod 0644 /tmp/canary", token);
  assert.deepEqual(await lab.findOnHost("pi2", token), ["/tmp/canary"]);
  await lab.ssh("pi2", "rm /tmp/canary");
  for (const [what, secret] of [["token", token], ...bodies.map((body) => ["private key", body] as const)] as const) {
    assert.deepEqual(watch.seenWith(secret), [], `${what} in a process list`);
    assert.deepEqual(findSecret(lab.directory, secret, privateFiles), [], `${what} in the sandbox's files`);
    for (const host of SERVERS) {
      assert.deepEqual(await lab.findOnHost(host, secret), [], `${what} on ${host}`);
    }
  }
});

test("`down` leaves nothing behind", async () => {
  await lab.expect(["down"], true);
  assert.deepEqual(leftovers(lab.directory), []);
});
