import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hostnameScript, kernelScript, packagesScript, readyScript } from "../../../components/host/steps";
import { renderScript } from "../../../components/script/script";
import { home, host } from "../../support/homes";
import { StubbedHost } from "../../support/stubbed-host";

const dual = host(1, "server", { ipv6: "fd00:c0:ffee::11" });
const settings = home(host(1));

test("a server gets what carries the API's address, an agent does not", () => {
  expect(packagesScript(host(1))).toContain("'keepalived'");
  expect(packagesScript(host(4, "agent"))).not.toContain("keepalived");
});

test("IPv6 parameters are only set where the host has IPv6", () => {
  expect(kernelScript(host(1), settings)).not.toContain("ipv6.conf");
  expect(kernelScript(dual, settings)).toContain("net.ipv6.conf.all.forwarding = 1");
  expect(kernelScript(dual, settings)).toContain("net/ipv6/conf/eth0/accept_ra = 2");
});

test("the dot in the name of a VLAN's interface is no separator", () => {
  const pi = new StubbedHost().stub("ip").stub("sysctl");
  pi.write("proc/filesystems", "nodev\toverlay\n");
  for (const key of ["bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables"]) {
    pi.write(`proc/sys/net/${key}`, "1\n");
  }
  for (const key of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) pi.write(`proc/sys/net/${key}`, "1\n");
  const ACCEPT_RA = "net/ipv6/conf/eth0.20/accept_ra";
  pi.write(`proc/sys/${ACCEPT_RA}`, "1\n");
  const script = kernelScript({ ...dual, interface: "eth0.20" }, settings);
  const set = () => pi.run(script).calls.filter((call) => call.startsWith("sysctl"));
  expect(set()).toEqual([`sysctl --quiet --write ${ACCEPT_RA}=2`]);
  pi.write(`proc/sys/${ACCEPT_RA}`, "2\n");
  expect(set()).toEqual([]);
  // No `modprobe` was stubbed: the kernel has all modules, or this would fail.
  expect(pi.run(script).status).toBe(0);
  pi.remove();
});

test("the kubelet's kernel parameters are only set where it insists on them", () => {
  expect(kernelScript(host(1), settings)).not.toContain("vm.overcommit_memory");
  const strict = { ...settings, hostSettings: { ...settings.hostSettings, protectKernelDefaults: true } };
  expect(kernelScript(host(1), strict)).toContain("vm.overcommit_memory = 1\nvm.panic_on_oom = 0");
});

test("the host's own names are the only ones that it is given, so that another host changes nothing here", () => {
  expect(hostnameScript(dual)).toContain("hosts_lines='192.0.2.11 pi1\nfd00:c0:ffee::11 pi1'");
});

test("they stay in /etc/hosts where cloud-init makes that file anew at each boot", () => {
  const pi = new StubbedHost().stub("uname", "echo pi1").stub("hostnamectl");
  const template = "## template:jinja\n127.0.1.1 {{fqdn}} {{hostname}}\n127.0.0.1 localhost\n";
  const block = "# homelab begin\n192.0.2.11 pi1\nfd00:c0:ffee::11 pi1\n# homelab end\n";
  try {
    pi.write("etc/hosts", "127.0.0.1 localhost\n").write("etc/cloud/templates/hosts.debian.tmpl", template);
    expect(pi.run(hostnameScript(dual)).status).toBe(0);
    expect(pi.read("etc/hosts")).toBe(`127.0.0.1 localhost\n${block}`);
    expect(pi.read("etc/cloud/templates/hosts.debian.tmpl")).toBe(`## template:jinja\n127.0.0.1 localhost\n${block}`);
    expect(pi.run(hostnameScript(dual)).stderr).toBe("");
  } finally {
    pi.remove();
  }
});

test("a wrong interface is named together with those that there are", () => {
  const wrong = readyScript(host(1, "server", { interface: "eth7" }));
  const { status, stderr } = spawnSync("bash", ["-s", "create"], { input: wrong, encoding: "utf8" });
  expect(status).toBe(1);
  // The machine that runs this test may fail an earlier check, which then says so by its own name.
  expect(stderr).toMatch(/the interface eth7 does not carry 192\.0\.2\.11; this host has|init system is not systemd/);
});

describe("the memory control group's boot option", () => {
  const scripts = path.join(__dirname, "../../../components/host");
  let directory: string;
  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-boot-"));
  });
  afterEach(() => {
    fs.rmSync(directory, { recursive: true });
  });

  /** Runs the step with the machine's parts replaced by files, since no test may reboot the machine it runs on. */
  function run(cmdline: string | undefined, booted: string): { status: number | null; stderr: string; after: string } {
    const file = path.join(directory, "cmdline.txt");
    if (cmdline !== undefined) fs.writeFileSync(file, cmdline);
    fs.writeFileSync(path.join(directory, "running"), booted);
    const step = path.join(directory, "step.sh");
    const text = fs
      .readFileSync(path.join(scripts, "memory-cgroup.sh"), "utf8")
      .replaceAll("/boot/firmware/current/cmdline.txt", `${file}.current`)
      .replaceAll("/boot/firmware/cmdline.txt", file)
      .replaceAll("/boot/cmdline.txt", `${file}.other`)
      .replaceAll("/proc/cmdline", path.join(directory, "running"));
    const board = "memory_cgroup_is_effective() { false; }\ntake_lock() { :; }\n";
    fs.writeFileSync(
      step,
      `${board}systemctl() { say "systemctl $*"; }\nsystemd-run() { say "systemd-run $*"; }\n${text}`,
    );
    const input = renderScript({ step: "memory-cgroup", files: [step] });
    const { status, stderr } = spawnSync("bash", ["-s", "create"], { input, encoding: "utf8" });
    return { status, stderr, after: fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "" };
  }

  test("is added once to the one line, and the host reboots", () => {
    const { status, stderr, after } = run(
      "console=tty1 root=/dev/sda2 rootwait\n",
      "console=tty1 root=/dev/sda2 rootwait",
    );
    expect(status).toBe(0);
    expect(after).toBe("console=tty1 root=/dev/sda2 rootwait cgroup_enable=memory cgroup_memory=1\n");
    expect(stderr).toContain("systemd-run --quiet --on-active=3s");
    expect(stderr).toContain("systemctl stop ssh.service");
  });

  test("is there but was not booted with: only the reboot is made up for", () => {
    const line = "root=/dev/sda2 cgroup_enable=memory cgroup_memory=1\n";
    const { status, stderr, after } = run(line, "root=/dev/sda2");
    expect([status, after]).toEqual([0, line]);
    expect(stderr).toContain("rebooting");
  });

  test("was booted with and has no effect: refused, and nothing is rebooted", () => {
    const line = "root=/dev/sda2 cgroup_enable=memory cgroup_memory=1";
    const { status, stderr } = run(`${line}\n`, `${line} cgroup_disable=memory`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/-> take a later cgroup_disable=memory out of \S+\/cmdline\.txt and reboot the host/);
    expect(stderr).not.toContain("systemd-run");
  });

  test("has a note in place of its file: the note is left alone", () => {
    const note = "DO NOT EDIT THIS FILE\n";
    expect(run(note, "quiet")).toMatchObject({ status: 1, after: note });
  });

  test("has no file to go into: refused with what to do in a boot loader", () => {
    const { status, stderr } = run(undefined, "quiet");
    expect(status).toBe(1);
    expect(stderr).toContain("this host has no cmdline.txt");
  });
});

test("the memory control group's state is read from the kernel, not from the boot line", () => {
  const file = path.join(__dirname, "../../../components/host/memory-cgroup-effective.sh");
  expect(fs.readFileSync(file, "utf8")).not.toContain("cmdline");
  expect(() => execFileSync("bash", ["-n", file])).not.toThrow();
});
