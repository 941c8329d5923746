import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { readyScript } from "../../../components/host/steps";
import { host } from "../../support/homes";
import { StubbedHost } from "../../support/stubbed-host";

let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().write("var/lib/dpkg/lock-frontend", "").stub("sleep");
  pi.stub("ip", 'echo "2: eth0    inet 192.0.2.11/24 brd"').stub("ps", "echo systemd");
  pi.stub("uname", '[ "$1" = -n ] && echo pi1 || echo aarch64');
});
afterEach(() => pi.remove());

/** The real script with a wait that a test can afford. */
const script = readyScript(host(1)).replace("dpkg_wait_seconds=600", "dpkg_wait_seconds=0");
const inode = (): string => String(fs.statSync(path.join(pi.root, "var/lib/dpkg/lock-frontend")).ino);

test("a host that nobody else works on passes in silence", () => {
  pi.write("proc/locks", "1: POSIX  ADVISORY  WRITE 42 08:02:7 0 EOF\n");
  expect(pi.run(script)).toMatchObject({ status: 0, stderr: "" });
});

test("who holds dpkg's lock is named, and not waited for without end", () => {
  pi.write("proc/locks", `1: FLOCK  ADVISORY  WRITE 9 08:02:${inode()} 0 EOF\n`);
  expect(pi.run(script).status).toBe(0);
  pi.write("proc/locks", `1: POSIX  ADVISORY  WRITE 4711 08:02:${inode()} 0 EOF\n`).stub("ps", "echo apt-get upgrade");
  const { status, stderr } = pi.run(script);
  expect(status).toBe(1);
  expect(stderr).toContain("waiting for another installation on this host: apt-get upgrade\n");
  expect(stderr).toContain("another installation still holds dpkg's lock after 0 s: process 4711");
});

test("the kernel's own list is read as it is: a lock that is really held is seen", async () => {
  const lock = path.join(pi.root, "var/lib/dpkg/lock-frontend");
  const holder = spawn("python3", [
    "-c",
    "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()",
    lock,
  ]);
  try {
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    pi.write("proc/locks", fs.readFileSync("/proc/locks", "utf8"));
    expect(pi.run(script).stderr).toContain(`dpkg's lock after 0 s: process ${holder.pid}`);
  } finally {
    holder.stdin.end();
    await new Promise((resolve) => holder.once("exit", resolve));
  }
});

test("a 32-bit system is refused", () => {
  pi.write("proc/locks", "").stub("uname", '[ "$1" = -n ] && echo pi1 || echo armv7l');
  expect(pi.run(script).stderr).toContain("machine type armv7l is not supported");
});
