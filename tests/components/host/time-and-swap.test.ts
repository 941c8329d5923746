import { swapScript, timeScript } from "../../../components/host/steps";
import { home, host } from "../../support/homes";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().stub("systemd-detect-virt", "exit 1");
});
afterEach(() => pi.remove());

describe("time", () => {
  /** The real script with a wait that a test can afford. */
  const run = (): StubbedRun =>
    pi.run(timeScript(home(host(1))).replace("sync_wait_seconds=90", "sync_wait_seconds=0"));
  const client = (unit: string, state = "active"): string =>
    `case "$*" in *LoadState*${unit}.service) echo loaded ;; *LoadState*) echo not-found ;;
     is-*) [ "${state}" = active ] ;; esac`;

  beforeEach(() => {
    pi.stub("systemctl", client("systemd-timesyncd")).stub("timedatectl", "echo yes");
    pi.stub("curl", "echo 'date: '$(date --utc '+%a, %d %b %Y %T GMT')");
  });

  test("that is synchronised is all there is to it", () => {
    const { status, stderr, calls } = run();
    expect([status, stderr]).toEqual([0, ""]);
    expect(calls.filter((call) => /enable |apt-get|curl/.test(call))).toEqual([]);
  });

  test("is the machine's business in a container", () => {
    pi.stub("systemd-detect-virt").stub("timedatectl", "echo no");
    expect(run()).toMatchObject({ status: 0, calls: ["systemd-detect-virt --quiet --container"] });
  });

  test("has its client enabled, whichever it is", () => {
    pi.stub("systemctl", client("chrony", "inactive"));
    pi.stub("systemctl", `${client("chrony", "inactive")}; case "$1" in enable) exit 0 ;; is-*) exit 3 ;; esac`);
    const { status, stderr, calls } = run();
    expect([status, stderr]).toEqual([0, "changed: chrony is enabled\n"]);
    expect(calls).toContain("systemctl enable --now --quiet chrony");
  });

  test("gets a client on a host without one", () => {
    pi.stub("systemctl", 'case "$*" in *LoadState*) echo not-found ;; esac').stub("dpkg-query", "exit 1");
    pi.stub("timeout", 'shift; "$@"').stub("apt-get");
    const { status, calls } = run();
    expect(status).toBe(0);
    expect(calls.filter((call) => call.startsWith("apt-get")).at(-1)).toMatch(/install .* systemd-timesyncd$/);
  });

  test("that no server gives and that is right is a warning", () => {
    pi.stub("timedatectl", "echo no");
    const { status, stderr } = run();
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: time is not synchronised .*; the clock is -?[01] s off\n$/);
  });

  test("that is provably wrong refuses the host", () => {
    pi.stub("timedatectl", "echo no").stub("curl", "echo 'Date: Wed, 01 Jan 2020 00:00:00 GMT'");
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/the clock is \d{8,} s off, and systemd-timesyncd has found no time server in 0 s/);
  });

  test("is compared with a server's also on a host that has no curl yet", () => {
    pi.stub("timedatectl", "echo no").stub("dpkg-query", "exit 1").stub("timeout", 'shift; "$@"').stub("apt-get");
    // Whatever the machine that runs this test has: here the command is absent.
    const absent = 'command() { [ "$2" != curl ] && builtin command "$@"; }\n';
    const script = timeScript(home(host(1))).replace("sync_wait_seconds=90", "sync_wait_seconds=0");
    const { status, calls } = pi.run(`${absent}${script}`);
    expect(status).toBe(0);
    expect(calls.filter((call) => call.startsWith("apt-get")).at(-1)).toMatch(/install .* ca-certificates curl$/);
    expect(calls.findIndex((call) => call.startsWith("curl "))).toBe(calls.length - 1);
    expect(run().calls.filter((call) => call.startsWith("apt-get"))).toEqual([]);
  });

  test("that nothing can be compared with is a warning", () => {
    pi.stub("timedatectl", "echo no").stub("curl", "exit 6");
    expect(run()).toMatchObject({ status: 0, stderr: expect.stringContaining("an unknown number of s off") as string });
  });

  test("wrong enough for apt to refuse its lists is named as that", () => {
    pi.stub("systemctl", 'case "$*" in *LoadState*) echo not-found ;; esac').stub("dpkg-query", "exit 1");
    pi.stub("timeout", 'shift; "$@"').stub("apt-get", "echo 'E: Release file is not valid yet'; exit 100");
    expect(run().stderr).toContain("apt refuses its package lists, since by this host's clock it is ");
  });
});

describe("swap", () => {
  const HEADER = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  const ON = `${HEADER}/dev/zram0                              partition\t1048576\t\t0\t\t100\n`;
  const FSTAB = "PARTUUID=1-02 / ext4 defaults 0 1\n# UUID=old none swap sw 0 0\nUUID=2 none swap sw 0 0\n";
  const run = (): StubbedRun => pi.run(swapScript());
  const services = (enabled: string, units = ""): string =>
    `case "$*" in "is-enabled --quiet ${enabled}.service") exit 0 ;; is-enabled*) exit 1 ;;
     list-units*) echo "${units}" ;; esac`;

  beforeEach(() => {
    pi.write("proc/swaps", HEADER).write("etc/fstab", "PARTUUID=1-02 / ext4 defaults 0 1\n");
    pi.stub("systemctl", services("none")).stub("swapoff", `printf '${HEADER.trimEnd()}\\n' >/proc/swaps`);
  });

  test("that is off stays untouched", () => {
    const { status, stderr, calls } = run();
    expect([status, stderr]).toEqual([0, ""]);
    expect(calls.filter((call) => !call.includes("is-enabled") && !call.startsWith("systemd-detect"))).toEqual([]);
  });

  test("of the machine around a container is not ours", () => {
    pi.stub("systemd-detect-virt").write("proc/swaps", ON);
    expect(run()).toMatchObject({ status: 0, calls: ["systemd-detect-virt --quiet --container"] });
  });

  test.each(["dphys-swapfile", "zramswap"])("of %s goes with its service", (service) => {
    pi.write("proc/swaps", ON).stub("systemctl", services(service));
    const { status, stderr, calls } = run();
    expect(status).toBe(0);
    expect(calls).toContain(`systemctl disable --now --quiet ${service}.service`);
    expect(stderr).toContain(`changed: ${service} is disabled\n`);
  });

  test("of a generator does not come back with the next boot", () => {
    pi.write("proc/swaps", ON).write("etc/rpi/swap.conf", "[Main]\n").write("usr/lib/systemd/zram-generator.conf", "x");
    pi.stub("systemctl", services("none", "dev-zram0.swap loaded active active x"));
    const { status, calls } = run();
    expect(status).toBe(0);
    expect(pi.read("etc/rpi/swap.conf.d/90-homelab.conf")).toBe("[Main]\nMechanism=none\n");
    expect(pi.read("etc/systemd/zram-generator.conf")).toBe("# Swap is off: homelab\n");
    expect(calls).toContain("systemctl mask --quiet dev-zram0.swap");
    expect(calls).toContain("systemctl stop dev-zram0.swap");
    expect(calls).toContain("swapoff --all");
  });

  test("of a unit file in /etc is disabled, since it can't be masked there", () => {
    pi.write("proc/swaps", ON).write("etc/systemd/system/swapfile.swap", "[Swap]\nWhat=/swapfile\n");
    pi.stub("systemctl", `${services("none", "swapfile.swap loaded active active x")}; [ "$1" != mask ]`);
    const { status, stderr, calls } = run();
    expect(status).toBe(0);
    expect(stderr).toContain("changed: disabled swapfile.swap\n");
    expect(calls).toContain("systemctl disable --quiet swapfile.swap");
    expect(calls).toContain("systemctl stop swapfile.swap");
  });

  test("of a unit that can't be masked is not said to be", () => {
    pi.write("proc/swaps", ON);
    pi.stub("systemctl", `${services("none", "dev-zram0.swap loaded active active x")}; [ "$1" != mask ]`);
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain("the swap unit dev-zram0.swap cannot be masked");
    expect(stderr).not.toContain("changed: masked");
  });

  test("of /etc/fstab is commented out, once", () => {
    pi.write("proc/swaps", ON).write("etc/fstab", FSTAB);
    expect(run().status).toBe(0);
    const after = FSTAB.replace("UUID=2", "# homelab: UUID=2");
    expect(pi.read("etc/fstab")).toBe(after);
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    expect(pi.read("etc/fstab")).toBe(after);
  });

  test("that stays on is an error that names it", () => {
    pi.write("proc/swaps", ON).stub("swapoff", "exit 1");
    expect(run()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("swap is still on: /dev/zram0") as string,
    });
  });
});
