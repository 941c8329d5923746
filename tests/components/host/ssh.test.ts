import * as fs from "node:fs";
import * as path from "node:path";
import { sshKeptScript, sshScript } from "../../../components/host/upkeep";
import type { HostSettingsConfig } from "../../../config/host-settings";
import { home } from "../../support/homes";
import { StubbedHost } from "../../support/stubbed-host";

const hard = home().hostSettings;
const soft: HostSettingsConfig = { ...hard, sshHardening: false };
const DROP_IN = "etc/ssh/sshd_config.d/10-homelab.conf";
const TIMER = "run/timer";

let pi: StubbedHost;

/** An sshd that reads the drop-in, and a systemd that remembers the armed timer and what it will do. */
beforeEach(() => {
  pi = new StubbedHost();
  pi.stub("sshd", `[ "$1" = -t ] || tr A-Z a-z <${pi.root}/${DROP_IN}`);
  pi.stub("systemd-run", `printf '%s' "\${@: -1}" >${pi.root}/${TIMER}`);
  pi.stub(
    "systemctl",
    `case "$1 $2" in "stop homelab-ssh-revert.timer") rm -f ${pi.root}/${TIMER} ;;
     "is-active --quiet") [ -e ${pi.root}/${TIMER} ] ;; esac`,
  );
});
afterEach(() => pi.remove());

/** What the timer does when its time is over. */
function timeIsOver(): void {
  const command = pi.read(TIMER);
  if (command === undefined) throw new Error("no timer is armed");
  fs.rmSync(path.join(pi.root, TIMER));
  expect(pi.run(command).status).toBe(0);
}

test("a change is armed to be taken back, and a fresh connection keeps it", () => {
  const changed = pi.run(sshScript(hard));
  expect([changed.status, changed.stderr]).toEqual([0, `changed: ${pi.root}/${DROP_IN}\n`]);
  expect(changed.calls).toContain("systemctl try-reload-or-restart ssh.service");
  expect(changed.calls.join("\n")).toMatch(/--unit=homelab-ssh-revert --on-active=300s/);
  expect(pi.read(DROP_IN)).toContain("PasswordAuthentication no\n");
  expect(pi.read(TIMER)).toBeDefined();
  expect(pi.run(sshKeptScript(hard)).status).toBe(0);
  expect(pi.read(TIMER)).toBeUndefined();
  expect(pi.read(DROP_IN)).toContain("PasswordAuthentication no\n");
});

test("nothing to change arms nothing", () => {
  pi.run(sshScript(hard));
  pi.run(sshKeptScript(hard));
  expect(pi.run(sshScript(hard))).toMatchObject({ status: 0, stderr: "", calls: [] });
  expect(pi.run(sshKeptScript(hard))).toMatchObject({ status: 0, stderr: "" });
});

test("without a fresh connection the time brings back what was there: nothing", () => {
  pi.run(sshScript(hard));
  timeIsOver();
  expect(pi.read(DROP_IN)).toBeUndefined();
});

test("without a fresh connection the time brings back what was kept last", () => {
  pi.run(sshScript(hard));
  pi.run(sshKeptScript(hard));
  pi.run(sshScript(soft));
  expect(pi.read(DROP_IN)).toBeUndefined();
  timeIsOver();
  expect(pi.read(DROP_IN)).toContain("PasswordAuthentication no\n");
});

test("a connection that comes too late changes the settings anew and asks for another run, which keeps them", () => {
  pi.run(sshScript(hard));
  timeIsOver();
  const late = pi.run(sshKeptScript(hard));
  expect(late.status).toBe(1);
  expect(late.stderr).toContain("run 'pulumi up' again within 300 s");
  expect(pi.read(TIMER)).toBeDefined();
  expect(pi.run(sshKeptScript(hard)).status).toBe(0);
  expect([pi.read(TIMER), pi.read(DROP_IN) !== undefined]).toEqual([undefined, true]);
});

test("a timer whose time is over while the fresh connection comes is waited for", () => {
  pi.run(sshScript(hard));
  // The service of the timer runs: it is active once, and has taken the settings back when it ends.
  const ends = `rm ${pi.root}/${DROP_IN} && rm ${pi.root}/${TIMER}`;
  pi.stub(
    "systemctl",
    `[ "$*" != "is-active --quiet homelab-ssh-revert.service" ] || { [ -e ${pi.root}/${TIMER} ] && ${ends}; }`,
  );
  const late = pi.run(sshKeptScript(hard));
  expect([late.status, pi.read("var/lib/homelab/ssh/kept.conf")]).toEqual([1, undefined]);
  expect(late.stderr).toContain("sshd's settings had been taken back");
});

test("switching it off takes the file away for good", () => {
  pi.run(sshScript(hard));
  pi.run(sshKeptScript(hard));
  pi.run(sshScript(soft));
  pi.run(sshKeptScript(soft));
  expect([pi.read(DROP_IN), pi.read("var/lib/homelab/ssh/kept.conf"), pi.read(TIMER)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ["refuses the file", '[ "$1" != -t ]'],
  ["does not take it up", '[ "$1" = -t ] || echo passwordauthentication yes'],
])("an sshd that %s has it taken back at once", (_, sshd) => {
  pi.stub("sshd", sshd);
  const { status, stderr, calls } = pi.run(sshScript(hard));
  expect(status).toBe(1);
  expect(stderr).toContain("what was there before is back");
  expect([pi.read(DROP_IN), pi.read(TIMER)]).toEqual([undefined, undefined]);
  expect(calls).not.toContain("systemctl try-reload-or-restart ssh.service");
});

test("a timer that cannot be armed leaves sshd as it is", () => {
  pi.stub("systemd-run", "exit 1");
  expect(pi.run(sshScript(hard)).status).toBe(1);
  expect(pi.read(DROP_IN)).toBeUndefined();
});
