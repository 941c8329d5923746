import { loginScript } from "../../../components/host/steps";
import { StubbedHost } from "../../support/stubbed-host";

let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().stub("id", '[ "$1" = -u ] && echo 1000 || echo pi').stub("uname", "echo raspberrypi");
});
afterEach(() => pi.remove());

test("a login that becomes root without a password passes in silence", () => {
  expect(pi.stub("sudo").run(loginScript())).toMatchObject({ status: 0, stderr: "" });
});

test("a login that is asked for a password is told which line ends that", () => {
  const { status, stderr } = pi.stub("sudo", "echo 'sudo: a password is required' >&2; exit 1").run(loginScript());
  expect(status).toBe(1);
  expect(stderr).toContain("login: pi is no administrator without a password here: 'sudo -n true' fails\n");
  // The stubbed host lies in a folder.
  expect(stderr).toMatch(/ {2}-> echo 'pi ALL=\(ALL\) NOPASSWD:ALL' \| sudo tee \S*\/etc\/sudoers\.d\/010_homelab\n$/);
});

test("root needs no sudo, which may be absent", () => {
  pi.stub("id", "echo 0").stub("sudo", "exit 127");
  const { status, calls } = pi.run(loginScript());
  expect([status, calls.filter((call) => call.startsWith("sudo"))]).toEqual([0, []]);
});

test("a login shell that reads no line as sh does is refused: every other step is handed to it as a line", () => {
  const { status, stderr } = pi.stub("sudo").run(`export SHELL=/opt/fish\n${loginScript()}`);
  expect(status).toBe(1);
  expect(stderr).toContain("the login shell of pi is /opt/fish, which does not read a line as sh does\n");
  expect(stderr).toContain("  -> sudo chsh --shell /bin/bash pi\n");
});
