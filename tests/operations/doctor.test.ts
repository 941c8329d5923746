import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { doctor } from "../../operations/doctor";
import { exitCodeOf, findingsOf, findingsText } from "../../operations/doctor-findings";
import * as ssh from "../../operations/ssh";
import type { NodeStatus, StatusReport } from "../../operations/status-report";
import { dualStackHome, home, host, withLayers } from "../support/homes";
import { StubbedHost } from "../support/stubbed-host";
import { fakeHost, keyPair } from "./fake-host";
import { DAY, NOW, node, pool, service } from "./kubernetes";

const config = home(host(1), host(2), host(3), host(4, "agent"));
const healthy: StatusReport = {
  cluster: "home",
  k3sVersion: "",
  vip: "",
  vipHolders: ["pi1"],
  nodes: [],
  findings: [],
  problems: [],
};

/** What a host without a fault prints, with these lines changed or added. */
function facts(
  name: string,
  changes: Readonly<Record<string, string>> = {},
): { name: string; text: string; askedAt: number } {
  const all: Record<string, string> = {
    clock: String(NOW),
    clock_synchronised: "yes",
    memory_cgroup: "yes",
    disk: "/ 40",
    inodes: "/ 10",
    service: "active",
    restarts: "2",
    settings: "desired",
    keepalived: name === "pi4" ? "" : "active",
    failed_units: "",
    reboot_required: "no",
    throttled: "0x0",
    resolvers: "192.0.2.1 2001:db8::53 ",
    ...changes,
  };
  const text = Object.entries(all)
    .map(([fact, value]) => `${fact} ${value}`)
    .join("\n");
  return { name, text, askedAt: NOW };
}

const found = (name: string, changes: Readonly<Record<string, string>>) =>
  findingsOf(config, [facts(name, changes)], healthy, []);

test("nothing is wrong with healthy hosts", () => {
  const findings = findingsOf(
    config,
    ["pi1", "pi2", "pi3", "pi4"].map((name) => facts(name)),
    healthy,
    [],
  );
  expect(findings).toEqual([]);
  expect(findingsText(findings)).toBe("all is well");
  expect(exitCodeOf(findings)).toBe(0);
});

test.each<[string, string, Record<string, string>, string, string]>([
  ["a stopped k3s", "pi1", { service: "failed" }, "error", "k3s is failed"],
  ["a stopped agent", "pi4", { service: "inactive" }, "error", "k3s-agent is inactive"],
  ["no memory control group", "pi1", { memory_cgroup: "no" }, "error", "the memory control group is off"],
  ["a disk that fills", "pi1", { disk: "/ 85" }, "warning", "/ is 85 % full"],
  ["a full disk", "pi1", { disk: "/ 93" }, "error", "/ is 93 % full"],
  ["a boot partition that fills", "pi1", { disk: "/boot/firmware 86" }, "warning", "/boot/firmware is 86 % full"],
  ["a resolver of its own", "pi1", { resolvers: "192.0.2.10 9.9.9.9 192.0.2.10 " }, "error", "by 192.0.2.10, which"],
  [
    "the cluster's DNS as resolver",
    "pi1",
    { resolvers: "10.43.0.10" },
    "error",
    "names by 10.43.0.10, which the cluster",
  ],
  ["no inodes left", "pi1", { inodes: "/ 97" }, "error", "97 % of the inodes of / are used"],
  ["a clock behind", "pi1", { clock: String(NOW - 40) }, "error", "the clock is 40 s off"],
  ["a clock a little ahead", "pi1", { clock: String(NOW + 6) }, "warning", "the clock is 6 s off"],
  ["no time synchronisation", "pi1", { clock_synchronised: "no" }, "warning", "time is not synchronised"],
  ["a k3s that ends again and again", "pi1", { restarts: "3" }, "warning", "k3s has ended by itself 3 times"],
  ["an agent that ends again and again", "pi4", { restarts: "3" }, "warning", "k3s-agent has ended by itself 3 times"],
  ["a rollout that was cut off", "pi1", { settings: "other" }, "warning", "k3s runs with other settings than those"],
  ["a dead keepalived", "pi2", { keepalived: "failed" }, "error", "keepalived is failed"],
  ["a reboot that is due", "pi1", { reboot_required: "yes" }, "warning", "updates wait for a reboot"],
  ["a weak power supply", "pi1", { throttled: "0x50005" }, "error", "the power supply is too weak"],
  ["a failed unit", "pi1", { failed_units: "apt-daily.service " }, "warning", "failed units: apt-daily.service"],
])("finds %s", (_, name, changes, severity, what) => {
  expect(found(name, changes)).toEqual([
    expect.objectContaining({
      severity,
      where: name,
      what: expect.stringContaining(what),
      remedy: expect.stringMatching(/\S/),
    }),
  ]);
});

test.each([
  [51, undefined, ""],
  [49, "warning", "ends in 49 days"],
  [10, "error", "ends in 10 days"],
  [-1, "error", "has ended"],
])("a certificate of k3s with %i days left is %s", (days, severity, what) => {
  const line = { name: "pi4", role: "agent", certificate: { file: "/x.crt", secondsLeft: days * DAY } } as NodeStatus;
  const findings = findingsOf(config, [], { ...healthy, nodes: [line] }, []);
  const expected = { severity, where: "pi4", what: `/x.crt ${what}`, remedy: expect.stringContaining("k3s-agent") };
  expect(findings).toEqual(severity === undefined ? [] : [expect.objectContaining(expected)]);
});

test("a host that can be logged in to and tells nothing is one finding, not a list of guesses", () => {
  const error = "sudo: a password is required";
  const findings = findingsOf(config, [{ name: "pi1", error, askedAt: NOW }], healthy, []);
  expect(findings).toEqual([
    expect.objectContaining({ severity: "error", where: "pi1", what: expect.stringContaining(error) }),
  ]);
});

test("a disk on which images are still to be collected is no finding, and what to do with a full one is its own", () => {
  const hostSettings = { ...config.hostSettings, imageGc: { highPercent: 85, lowPercent: 75 } };
  const at = (disk: string) => findingsOf({ ...config, hostSettings }, [facts("pi1", { disk })], healthy, []);
  expect(found("pi1", { disk: "/ 84" })).toEqual([]);
  expect(at("/ 89")).toEqual([]);
  expect(at("/ 90")).toMatchObject([{ severity: "warning", why: expect.stringContaining("95 %") as string }]);
  expect(at("/boot/firmware 89")).toMatchObject([
    { severity: "warning", remedy: expect.stringContaining("apt-get autoremove --purge") as string },
  ]);
  // However late images go, a disk that is nearly full is an error.
  hostSettings.imageGc = { highPercent: 95, lowPercent: 90 };
  expect(at("/ 92")).toEqual([]);
  expect(at("/ 93")).toMatchObject([{ severity: "error" }]);
});

test("the LAN's name server is not to be asked by a host", () => {
  const layered = withLayers(dualStackHome(host(1)));
  const findings = findingsOf(layered, [facts("pi1", { resolvers: "192.0.2.1 fd00:c0:ffee::201 " })], healthy, []);
  expect(findings).toMatchObject([
    { severity: "error", where: "pi1", what: expect.stringContaining("by fd00:c0:ffee::201, which") as string },
  ]);
  expect(findings[0]?.remedy).toContain("give it the router or a public resolver");
});

test("an under-voltage of the past is no finding", () => {
  expect(found("pi1", { throttled: "0x50000" })).toEqual([]);
});

test("what status knows comes first and counts as an error", () => {
  const notReady = { where: "pi3", what: "NotReady", why: "no pods", remedy: "look at `journalctl -u k3s` on it" };
  const status = { ...healthy, findings: [{ severity: "error" as const, ...notReady }] };
  const findings = findingsOf(config, [facts("pi1", { reboot_required: "yes" })], status, []);
  expect(findings[0]).toEqual({ severity: "error", ...notReady });
  expect(exitCodeOf(findings)).toBe(1);
  expect(exitCodeOf(findings.slice(1))).toBe(3);
  expect(findingsText(findings)).toBe(
    [
      "error    pi3  NotReady: no pods",
      "         -> look at `journalctl -u k3s` on it",
      "warning  pi1  updates wait for a reboot: a mended kernel or library is in use from then on only",
      "         -> drain it, reboot it, uncordon it; one host at a time",
      "",
      "1 errors, 1 warnings",
    ].join("\n"),
  );
});

test("the facts script is sound shell and changes nothing", () => {
  const own = ["doctor", "certificates", "cluster"].map((name) => `operations/${name}.sh`);
  const shared = ["memory-cgroup-effective", "resolvers"].map((name) => `components/host/${name}.sh`);
  const ofCluster = ["paths", "certificate-ends"].map((name) => `components/cluster/${name}.sh`);
  const files = [...shared, ...own, ...ofCluster];
  const paths = files.map((file) => path.join(__dirname, "../..", file));
  const check = spawnSync("shellcheck", ["--shell=bash", "--severity=warning", "--exclude=SC2034,SC2154", ...paths]);
  expect(check.stdout.toString()).toBe("");
  expect(check.status).toBe(0);
});

test("a host tells whom it asks for names, behind systemd-resolved's stub, too, and its clock last of all", () => {
  const shared = ["host/memory-cgroup-effective.sh", "host/resolvers.sh", "cluster/paths.sh"];
  const files = [...shared.map((name) => `components/${name}`), "operations/doctor.sh"];
  const script = files.map((file) => fs.readFileSync(path.join(__dirname, "../..", file), "utf8")).join("\n");
  const pi = new StubbedHost().stub("systemctl", "echo active").stub("timedatectl", "echo yes");
  pi.write("etc/resolv.conf", "search home.test\nnameserver 127.0.0.53\n");
  pi.write("run/systemd/resolve/resolv.conf", "nameserver 192.0.2.1\nnameserver fd00:c0:ffee::1\n");
  const { status, stdout } = pi.run(`service=k3s\n${script}`);
  pi.remove();
  expect(status).toBe(0);
  expect(stdout.trimEnd().split("\n").slice(-2)).toEqual([
    "resolvers 127.0.0.53 192.0.2.1 fd00:c0:ffee::1 ",
    expect.stringMatching(/^clock \d+$/),
  ]);
});

test("hosts, cluster and layers are asked over one connection a host", async () => {
  const login = keyPair("ed25519");
  const waits = [pool("default", "192.0.2.200-192.0.2.200"), service("apps/first", ["192.0.2.200"])];
  const answer = JSON.stringify({
    now: NOW,
    nodes: { items: [node("pi1")] },
    objects: { items: [...waits, service("apps/second", [])] },
    allocationFailures: { items: [] },
    releases: [],
  });
  const fake = await fakeHost(
    ["ed25519"],
    (command) => {
      if (command.startsWith("ip ")) return { stdout: "2: eth0    inet 192.0.2.10/24 scope global eth0\n" };
      if (command.includes("kubectl")) return { stdout: answer };
      return { code: 1, stderr: "sudo: a password is required\n" };
    },
    login.public,
  );
  const connect = jest.spyOn(ssh, "connect");
  const only = { ...host(1), address: "127.0.0.1", port: fake.port, hostKey: fake.hostKeys[0]! };
  const findings = await doctor({ ...config, hosts: [only] }, login.private, () =>
    Promise.reject(new Error("no output")),
  );
  expect(connect).toHaveBeenCalledTimes(1);
  expect(fake.commands).toHaveLength(3);
  await fake.close();
  const whats = findings.map(({ what }) => what);
  expect(whats).toContainEqual(expect.stringMatching(/apps\/second.*pool default: 1 of 1 IPv4/));
  expect(whats).toContainEqual(expect.stringContaining("sudo: a password is required"));
});
