import { factsScript } from "../../../components/host/steps";
import type { Role } from "../../../config/types";
import { dualStackHome, host, withLayers } from "../../support/homes";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const settings = withLayers(dualStackHome(host(1)));
let pi: StubbedHost;

/** A Pi 4 with 2 GiB and Debian 12, on which nothing is wrong. */
beforeEach(() => {
  pi = new StubbedHost()
    .write("etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n')
    .write("etc/resolv.conf", "nameserver 192.0.2.1\n")
    .write("proc/meminfo", "MemTotal:        1888388 kB\nMemFree:  900000 kB\n")
    .write("proc/cgroups", "#subsys_name\thierarchy\nhugetlb\t1\t1\t1\n")
    .write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n")
    .write("var/lib/dpkg/status", "")
    .stub("uname", '[ "$1" = -n ] && echo pi1 || echo 6.1.0-rpi7-rpi-v8')
    .stub("stat", statfs(4096));
});
afterEach(() => pi.remove());

/** `stat -f` of a disk with that many MiB free, control groups of version 2. */
function statfs(freeMiB: number, cgroups = "cgroup2fs"): string {
  return `case "$*" in *%T*) echo ${cgroups} ;; *%S*) echo "${freeMiB} * 1048576" ;; *) exit 1 ;; esac`;
}

const run = (role: Role = "server"): StubbedRun => pi.run(factsScript(host(1, role), settings));

test("a host that fits passes in silence", () => {
  expect(run()).toMatchObject({ status: 0, stderr: "" });
});

test.each([
  ["Debian 11", 'PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nID=debian\nVERSION_ID="11"', "supported from 12 on"],
  ["Ubuntu 20.04", 'PRETTY_NAME="Ubuntu 20.04.6 LTS"\nID=ubuntu\nVERSION_ID="20.04"', "supported from 22.04 on"],
  ["32-bit Raspberry Pi OS", 'PRETTY_NAME="Raspbian GNU/Linux 12"\nID=raspbian\nVERSION_ID="12"', "install 64-bit"],
  ["Fedora", 'PRETTY_NAME="Fedora Linux 43"\nID=fedora\nVERSION_ID=43', "install 64-bit Raspberry Pi OS"],
])("%s is refused by its name", (_, release, remedy) => {
  pi.write("etc/os-release", `${release}\n`);
  const { status, stderr } = run();
  expect(status).toBe(1);
  expect(stderr).toContain(/PRETTY_NAME="(.*)"/.exec(release)?.[1]);
  expect(stderr).toContain(remedy);
});

test.each([
  ["Debian 13", 'ID=debian\nVERSION_ID="13"'],
  ["Debian's next release, which has no number", "ID=debian"],
  ["Ubuntu 24.04", 'ID=ubuntu\nVERSION_ID="24.04"'],
])("%s passes", (_, release) => {
  pi.write("etc/os-release", `PRETTY_NAME=x\n${release}\n`);
  expect(run().status).toBe(0);
});

test("an old kernel is refused", () => {
  pi.stub("uname", '[ "$1" = -n ] && echo pi1 || echo 5.4.0-1-arm64');
  expect(run().stderr).toContain("the kernel is 5.4.0-1-arm64; 5.10 or later is needed");
});

test("a Pi with 1 GiB is refused as a server and passes as an agent", () => {
  pi.write("proc/meminfo", "MemTotal:         931716 kB\n");
  const { status, stderr } = run();
  expect(status).toBe(1);
  expect(stderr).toContain("this host has 909 MiB of memory, and its role server needs 1700");
  expect(run("agent").status).toBe(0);
});

test("a full disk refuses a new node and only warns of one that runs", () => {
  pi.stub("stat", statfs(1000));
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining("1000 MiB are free") as string });
  pi.write("var/lib/rancher/k3s/agent/kubelet.kubeconfig", "");
  expect(run()).toMatchObject({ status: 0, stderr: expect.stringMatching(/^warning: 1000 MiB are free/) as string });
});

test("a missing controller is named, with control groups of either version", () => {
  pi.write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory\n");
  expect(run().stderr).toContain("the kernel's control group pids is off");
  pi.stub("stat", statfs(4096, "tmpfs")).write("proc/cgroups", "cpuset\t1\t1\t1\ncpu\t2\t1\t1\npids\t3\t1\t0\n");
  expect(run().stderr).toContain("the kernel's control group pids is off");
  pi.write("proc/cgroups", "cpuset\t1\t1\t1\ncpu\t2\t1\t1\npids\t3\t1\t1\n");
  expect(run().status).toBe(0);
});

test.each([
  ["the LAN's name server", "192.0.2.201"],
  ["the LAN's name server by IPv6", "fd00:c0:ffee::201"],
  ["the cluster's DNS", "10.43.0.10"],
  ["the API's address", "192.0.2.10"],
])("%s must not be what the host resolves by", (_, address) => {
  pi.write("etc/resolv.conf", `search home.test\nnameserver 192.0.2.1\nnameserver ${address}\n`);
  const { status, stderr } = run();
  expect(status).toBe(1);
  expect(stderr).toContain(`this host resolves names by ${address}, which the cluster itself serves`);
});

test("behind systemd-resolved's stub its own servers are looked at", () => {
  pi.write("etc/resolv.conf", "nameserver 127.0.0.53\n");
  pi.write("run/systemd/resolve/resolv.conf", "nameserver 192.0.2.201\n");
  expect(run().stderr).toContain("this host resolves names by 192.0.2.201");
});
