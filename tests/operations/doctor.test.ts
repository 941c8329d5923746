import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { doctor } from "../../operations/doctor";
import { exitCodeOf, findingsOf, findingsText } from "../../operations/doctor-findings";
import * as ssh from "../../operations/ssh";
import type { NodeStatus, StatusReport } from "../../operations/status-report";
import { home, host } from "../support/homes";
import { fakeHost, keyPair } from "./fake-host";
import { DAY, NOW, node, pool, service } from "./kubernetes";

const config = home(host(1), host(2), host(3), host(4, "agent"));
const healthy: StatusReport = {
  cluster: "home",
  k3sVersion: "",
  vip: "",
  vipHolders: ["pi1"],
  nodes: [],
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
    keepalived: name === "pi4" ? "" : "active",
    failed_units: "",
    reboot_required: "no",
    throttled: "0x0",
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
  ["a disk that fills", "pi1", { disk: "/ 83" }, "warning", "/ is 83 % full"],
  ["a full disk", "pi1", { disk: "/ 100" }, "error", "/ is 100 % full"],
  ["no inodes left", "pi1", { inodes: "/ 97" }, "error", "97 % of the inodes are used"],
  ["a clock behind", "pi1", { clock: String(NOW - 40) }, "error", "the clock is 40 s off"],
  ["a clock a little ahead", "pi1", { clock: String(NOW + 6) }, "warning", "the clock is 6 s off"],
  ["no time synchronisation", "pi1", { clock_synchronised: "no" }, "warning", "time is not synchronised"],
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
  [61, undefined, ""],
  [59, "warning", "ends in 59 days"],
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

test("an under-voltage of the past is no finding", () => {
  expect(found("pi1", { throttled: "0x50000" })).toEqual([]);
});

test("what status knows comes first and counts as an error", () => {
  const status = { ...healthy, problems: ["pi3: NotReady; look at `journalctl -u k3s` on it"] };
  const findings = findingsOf(config, [facts("pi1", { reboot_required: "yes" })], status, []);
  expect(findings[0]).toEqual({
    severity: "error",
    where: "pi3",
    what: "NotReady",
    remedy: "look at `journalctl -u k3s` on it",
  });
  expect(exitCodeOf(findings)).toBe(1);
  expect(exitCodeOf(findings.slice(1))).toBe(3);
  expect(findingsText(findings)).toBe(
    [
      "error    pi3  NotReady",
      "         -> look at `journalctl -u k3s` on it",
      "warning  pi1  updates wait for a reboot",
      "         -> drain it, reboot it, uncordon it; one host at a time",
      "",
      "1 errors, 1 warnings",
    ].join("\n"),
  );
});

test("the facts script is sound shell and changes nothing", () => {
  const own = ["doctor", "certificates", "cluster"].map((name) => `operations/${name}.sh`);
  const files = ["components/host/memory-cgroup-effective.sh", ...own];
  const paths = files.map((file) => path.join(__dirname, "../..", file));
  const check = spawnSync("shellcheck", ["--shell=bash", "--severity=warning", "--exclude=SC2154", ...paths]);
  expect(check.stdout.toString()).toBe("");
  expect(check.status).toBe(0);
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
  const findings = await doctor({ ...config, hosts: [only] }, login.private);
  expect(connect).toHaveBeenCalledTimes(1);
  expect(fake.commands).toHaveLength(3);
  await fake.close();
  const whats = findings.map(({ what }) => what);
  expect(whats).toContainEqual(expect.stringMatching(/apps\/second.*pool default: 1 of 1 IPv4/));
  expect(whats).toContainEqual(expect.stringContaining("sudo: a password is required"));
});
