import * as fs from "node:fs";
import * as path from "node:path";
import { makeKeyPair, publicHalf } from "../../../operations/key-pair";
import { rotateSshKey } from "../../../operations/ssh-key/rotate";
import { AUTHORIZED, MARK, PERSON, RETIRED, RotationLab } from "./lab";

let lab: RotationLab;
beforeEach(async () => {
  lab = new RotationLab();
  await lab.start();
});
afterEach(() => lab.stop());

const rotate = (): Promise<string> => rotateSshKey(lab.stack, lab.config);
const mine = (): string => `${lab.first.publicKey} me@home`;
/** Nothing is left of a rotation that failed. */
const asBefore = (): void => {
  expect(lab.hosts.map((one) => one.lines())).toEqual([
    [PERSON, mine()],
    [PERSON, mine()],
  ]);
  expect(lab.hosts.map((one) => one.disk.read(RETIRED))).toEqual([undefined, undefined]);
  expect(lab.key).toBe(lab.first.privateKey);
};

test("the stack has another key, every host lets in both, and the old one is noted for later", async () => {
  const said = await rotate();
  expect(lab.key).not.toBe(lab.first.privateKey);
  const added = `${publicHalf(lab.key)} ${MARK}`;
  for (const one of lab.hosts) {
    expect(one.lines()).toEqual([PERSON, mine(), added]);
    expect(one.disk.read(RETIRED)).toBe(`${lab.first.publicKey}\n`);
    const mode = (file: string): number => fs.statSync(path.join(one.disk.root, file)).mode & 0o777;
    expect([mode(AUTHORIZED), mode(RETIRED)]).toEqual([0o600, 0o600]);
    expect(fs.readdirSync(path.join(one.disk.root, path.dirname(AUTHORIZED)))).toEqual(["authorized_keys"]);
  }
  expect(said).toMatch(/pi1, pi2: both keys are let in[^]*pulumi up --stack test\n[^]*--finish --stack test\n/);
});

test("no private key is in an argument or in what is said", async () => {
  const said = await rotate();
  const secrets = [lab.first.privateKey, lab.key].map((key) => key.split("\n")[2] ?? "");
  for (const text of [said, lab.calls, ...lab.hosts.flatMap(({ commands }) => commands)]) {
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
  expect(lab.calls).toContain("config set --secret homelab:sshPrivateKey --stack test --non-interactive\n");
});

test("a second rotation keeps the first one's key until it is finished, and its line's options", async () => {
  for (const one of lab.hosts) {
    one.disk.write(AUTHORIZED, `from="192.0.2.0/24,127.0.0.1" ${lab.first.publicKey} me@home`);
  }
  await rotate();
  const second = publicHalf(lab.key);
  await rotate();
  const third = publicHalf(lab.key);
  const options = 'from="192.0.2.0/24,127.0.0.1" ';
  for (const one of lab.hosts) {
    expect(one.lines()).toEqual([`${options}${mine()}`, `${options}${second} ${MARK}`, `${options}${third} ${MARK}`]);
    expect(one.disk.read(RETIRED)).toBe(`${lab.first.publicKey}\n${second}\n`);
  }
});

test("what an interrupted run left is removed by the next", async () => {
  // Killed after the first host had the key: nobody has its private half.
  lab.hosts[0].disk
    .write(AUTHORIZED, `${PERSON}\n${mine()}\n${makeKeyPair().publicKey} ${MARK}\n`)
    .write(RETIRED, `${lab.first.publicKey}\n`);
  await rotate();
  for (const one of lab.hosts) {
    expect(one.lines()).toEqual([PERSON, mine(), `${publicHalf(lab.key)} ${MARK}`]);
    expect(one.disk.read(RETIRED)).toBe(`${lab.first.publicKey}\n`);
  }
});

test("a host that cannot be reached: nothing is changed anywhere, and it is named", async () => {
  const { config } = lab;
  await lab.hosts[1].stop();
  await expect(rotateSshKey(lab.stack, config)).rejects.toThrow(
    /^the SSH key was not changed: pi2 cannot be logged in to\n {2}pi2: .*nothing listens there/,
  );
  asBefore();
  expect(lab.hosts[0].commands).toEqual([]);
});

test("a host that takes its keys from elsewhere is named, and the others are as before", async () => {
  lab.hosts[1].disk.write(AUTHORIZED, `${PERSON}\n# ${mine()}\n`);
  await expect(rotate()).rejects.toThrow(
    /cannot be put on all hosts:\n {2}pi2: the stack's SSH key is accepted here, but is not in \S+authorized_keys\n {4}-> sshd has it/,
  );
  expect(lab.hosts[0].lines()).toEqual([PERSON, mine()]);
  expect(lab.hosts[1].lines()).toEqual([PERSON, `# ${mine()}`]);
  expect(lab.key).toBe(lab.first.privateKey);
});

test("a new key that does not log in is taken off again, and the stack keeps the old one", async () => {
  lab.hosts[1].refuses = (key) => key !== lab.first.publicKey;
  await expect(rotate()).rejects.toThrow(
    /a login with the new SSH key failed[^]*\n {2}pi2: [^]*The stack keeps its old key, and the new one was taken off all hosts again\.$/,
  );
  asBefore();
  expect(lab.calls).not.toContain("config set");
});

test("a stack that does not take the new key keeps the old one, and so do the hosts", async () => {
  lab.pulumi({ set: "echo 'error: incorrect passphrase' >&2; exit 255" });
  await expect(rotate()).rejects.toThrow(
    /did not take the new SSH key: cannot set the SSH key of stack test: incorrect passphrase\nThe stack keeps its old key/,
  );
  asBefore();
});

test("a failure after the stack has taken the key counts as done: its key must stay on the hosts", async () => {
  lab.pulumi({ set: "cat >key; exit 255" });
  await rotate();
  expect(lab.hosts[0].lines()).toContain(`${publicHalf(lab.key)} ${MARK}`);
});

test("if nobody can tell which key the stack has, no host loses one", async () => {
  lab.pulumi({ set: "cat >key; touch lost; exit 255", get: "[ ! -e lost ] && cat key" });
  await expect(rotate()).rejects.toThrow(/not known whether stack test has the new SSH key[^]*let both keys in/);
  for (const one of lab.hosts) expect(one.lines()).toEqual([PERSON, mine(), `${publicHalf(lab.key)} ${MARK}`]);
});

test("what cannot be taken back is said, with the host's name", async () => {
  lab.hosts[1].refuses = (key) => key !== lab.first.publicKey;
  lab.hosts[0].instead = (command) =>
    command.includes("ssh-key-take-back") ? { code: 1, stderr: "no disk" } : undefined;
  await expect(rotate()).rejects.toThrow(
    /could not be taken off again here:\n {2}pi1: no disk\nThe next `rotate-ssh-key`/,
  );
  expect(lab.hosts[0].lines()).toHaveLength(3);
  expect(lab.hosts[1].lines()).toEqual([PERSON, mine()]);
});
