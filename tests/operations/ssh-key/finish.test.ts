import { spawnSync } from "node:child_process";
import { makeKeyPair, publicHalf } from "../../../operations/key-pair";
import { finishRotation } from "../../../operations/ssh-key/finish";
import { rotateSshKey } from "../../../operations/ssh-key/rotate";
import { addKeyScript, removeRetiredScript, takeBackScript } from "../../../operations/ssh-key/scripts";
import { AUTHORIZED, MARK, PERSON, RETIRED, RotationLab } from "./lab";

let lab: RotationLab;
beforeEach(async () => {
  lab = new RotationLab();
  await lab.start();
});
afterEach(() => lab.stop());

test("the old keys go, the stack's and a person's stay; a second time there is nothing to do", async () => {
  await rotateSshKey(lab.stack, lab.config);
  await rotateSshKey(lab.stack, lab.config);
  lab.hosts[1].disk.write(AUTHORIZED, `${lab.hosts[1].lines().join("\n")}\n${makeKeyPair().publicKey} ${MARK}\n`);
  const done = await finishRotation(lab.stack, lab.config);
  expect(done).toEqual({ text: "pi1: removed 2 old keys\npi2: removed 3 old keys", complete: true });
  for (const one of lab.hosts) {
    expect(one.lines()).toEqual([PERSON, `${publicHalf(lab.key)} ${MARK}`]);
    expect(one.disk.read(RETIRED)).toBeUndefined();
  }
  const again = await finishRotation(lab.stack, lab.config);
  expect(again).toEqual({ text: "pi1: no old key was there\npi2: no old key was there", complete: true });
});

test("the stack's key stays although it is in the list, as after a run that was interrupted early", async () => {
  for (const one of lab.hosts) one.disk.write(RETIRED, `${lab.first.publicKey}\n`);
  await finishRotation(lab.stack, lab.config);
  expect(lab.hosts[0].lines()).toEqual([PERSON, `${lab.first.publicKey} me@home`]);
  expect(lab.hosts[0].disk.read(RETIRED)).toBeUndefined();
});

test("is refused while `pulumi up` has something to do", async () => {
  await rotateSshKey(lab.stack, lab.config);
  lab.pulumi({ preview: "echo 'error: no changes were expected but changes were proposed' >&2; exit 255" });
  await expect(finishRotation(lab.stack, lab.config)).rejects.toThrow(
    /^cannot finish: no changes were expected[^]*The old SSH key stays[^]*`pulumi up --stack test` until/,
  );
  expect(lab.hosts[0].lines()).toHaveLength(3);
  expect(lab.calls).toContain("preview --expect-no-changes --stack test --non-interactive");
});

test("a host that cannot be reached is named, and the others are done", async () => {
  const { config } = lab;
  await rotateSshKey(lab.stack, config);
  await lab.hosts[0].stop();
  const { text, complete } = await finishRotation(lab.stack, config);
  expect(complete).toBe(false);
  expect(text).toMatch(/^pi1: NOT DONE: .*nothing listens there[^\n]*\npi2: removed 1 old key\nthe old key is still/);
  expect(lab.hosts[1].lines()).toEqual([PERSON, `${publicHalf(lab.key)} ${MARK}`]);
});

const keys = { currentKey: "ssh-ed25519 AAAA", newKey: "ssh-ed25519 BBBB" };
test.each([
  ["add", addKeyScript("pi", keys)],
  ["take-back", takeBackScript("pi", keys)],
  ["remove", removeRetiredScript("pi", keys.currentKey)],
])("%s is sound shell and takes the host's lock", (_, text) => {
  // SC2034: a shared file sets names that not every step uses.
  const args = ["--shell=bash", "--severity=warning", "--exclude=SC2034", "-"];
  expect(spawnSync("shellcheck", args, { input: text, encoding: "utf8" }).stdout).toBe("");
  expect(text).toMatch(/^take_lock$/m);
});
