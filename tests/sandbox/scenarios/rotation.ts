/** The SSH key is changed on a home that runs: nobody is locked out, and the old key is good for nothing afterwards. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { HOMELAB, SERVERS, lab, startOfK3s, withoutLogin } from "./shared";

const ROTATE = [...HOMELAB, "rotate-ssh-key", "--stack", "sandbox"];
/** Where the sandbox lays the key that the stack had before. */
const OLD_KEY = path.join(lab.directory, "keys", "id_ed25519.old");

/** How `ssh` ends with the old key and no other. */
const withOldKey = (number: number): ReturnType<typeof lab.sandbox> => {
  const options = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"];
  const args = [
    "-F",
    "none",
    "-i",
    OLD_KEY,
    ...options.flatMap((option) => ["-o", option]),
    `pi@192.0.2.${number}`,
    "true",
  ];
  return lab.sandbox(["exec", "--", "ssh", ...args]);
};
const authorizedKeys = (host: string): Promise<string> => lab.ssh(host, "cat ~/.ssh/authorized_keys");

test("the stack gets another SSH key, which every host lets in beside the old one", async () => {
  const before = await authorizedKeys("pi1");
  const said = await lab.exec(...ROTATE);
  assert.match(said, /stack sandbox has a new SSH key[^]*pi1, pi2, pi3: both keys are let in/);
  // `lab.ssh` has the stack's key, which is the new one by now.
  for (const host of SERVERS) assert.equal((await authorizedKeys(host)).split("\n").length, 2);
  assert.ok((await authorizedKeys("pi1")).startsWith(before));
  assert.equal((await withOldKey(11)).status, 0);
});

test("the old key stays until `pulumi up` has put the new one into the state", async () => {
  const { status, output } = await lab.sandbox(["exec", "--", ...ROTATE, "--finish"]);
  assert.equal(status, 1);
  assert.match(output, /The old SSH key stays/);
  assert.equal((await withOldKey(11)).status, 0);
});

test("`pulumi up` runs every step again and changes nothing; then the old key is refused", async () => {
  const started = await Promise.all(SERVERS.map(startOfK3s));
  await lab.up();
  assert.deepEqual(await Promise.all(SERVERS.map(startOfK3s)), started);
  const finished = await lab.exec(...ROTATE, "--finish");
  for (const host of SERVERS) assert.match(finished, new RegExp(`^${host}: removed 1 old key$`, "m"));
  for (const number of [11, 12, 13]) {
    const { status, output } = await withOldKey(number);
    assert.equal(status, 255);
    assert.match(output, /Permission denied/);
  }
  for (const host of SERVERS) {
    assert.match(await authorizedKeys(host), /^ssh-ed25519 \S+ homelab-rotate-ssh-key$/);
    assert.equal(await lab.ssh(host, "sudo find /var/lib/homelab/retired-ssh-keys 2>/dev/null || true"), "");
  }
});

test("with the new key a second `up` runs no command on any host", async () => {
  await withoutLogin(SERVERS, () => lab.up());
});
