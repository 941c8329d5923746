import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { API_LEAVING } from "../../../components/cluster/api-vip";
import { certificateRenewalScript, renderRenewal } from "../../../components/cluster/certificate-renewal";
import { nodeFiles } from "../../../components/cluster/node";
import { home, host } from "../../support/homes";
import type { StubbedHost } from "../../support/stubbed-host";
import { CALLS, STATE, TURN, installed, server } from "./running-server";

const config = home(host(1), host(2), host(3), host(4, "agent"));
const servers = config.hosts.filter(({ role }) => role === "server");
const program = (number: number): string => {
  const one = host(number, number === 4 ? "agent" : "server");
  return renderRenewal({ host: one, settings: config, servers }).replace("patience_seconds=60", "patience_seconds=0");
};

const TLS = "/var/lib/rancher/k3s/server/tls";
const UNRENEWED = `${STATE}/unrenewed`;

/** Certificates that end after so many days, made once: k3s' own, and one of an authority. */
const made = new Map<string, string>();
beforeAll(() => {
  for (const [name, days, authority] of [
    ["fresh", 365, false],
    ["61", 61, false],
    ["59", 59, false],
    ["6", 6, false],
    ["authority", 10, true],
  ] as const) {
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const content = ["-subj", `/CN=${name}`, "-days", String(days), "-addext", `basicConstraints=CA:${authority}`];
    made.set(
      name,
      execFileSync("openssl", [...request, ...content, "-keyout", "/dev/null"], { encoding: "utf8", stdio: "pipe" }),
    );
  }
});

let pi: StubbedHost;
beforeEach(() => {
  pi = server();
  keep(`${TLS}/client-admin.crt`, "fresh");
  keep(`${TLS}/client-ca.crt`, "authority");
  keep("/var/lib/rancher/k3s/agent/serving-kubelet.crt", "61");
  // k3s renews what is within its own limit when it starts.
  fs.writeFileSync(path.join(pi.root, "renewed"), made.get("fresh") ?? "");
  pi.stub("systemctl", `[ "$1" != restart ] || cp '${pi.root}/renewed' ${TLS}/etcd/client.crt`);
});
afterEach(() => pi.remove());

const keep = (file: string, certificate: string): void => void pi.write(file, made.get(certificate) ?? "");
const due = (): void => keep(`${TLS}/etcd/client.crt`, "59");
const restarts = (calls: readonly string[]): string[] =>
  calls.filter((call) => /^systemctl (restart|kill|stop)/.test(call));

test("nothing is due: nothing happens, in silence", () => {
  keep(`${TLS}/etcd/client.crt`, "61");
  const { status, stderr, calls } = pi.run(program(1));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(restarts(calls)).toEqual([]);
  expect(pi.read(TURN)).toBeUndefined();
});

test("a certificate that ends soon: one restart of k3s, after others took over, and the turn is given back", () => {
  due();
  const { status, stderr, calls } = pi.run(program(1));
  expect(stderr).toMatch(/to be renewed: \S+\/server\/tls\/etcd\/client\.crt/);
  expect(stderr).toContain("changed: k3s has renewed its certificates");
  expect(status).toBe(0);
  expect(restarts(calls)).toEqual(["systemctl restart --no-block k3s"]);
  const at = (what: RegExp): number => calls.findIndex((call) => what.test(call));
  expect(at(/transfer-leadership/)).toBeGreaterThan(at(/ create /));
  expect(at(/systemctl restart/)).toBeGreaterThan(at(/transfer-leadership/));
  expect(at(/delete lease/)).toBeGreaterThan(at(/systemctl restart/));
  expect(calls.some((call) => /drain|cordon/.test(call))).toBe(false);
  for (const left of [TURN, API_LEAVING, UNRENEWED]) expect(pi.read(left)).toBeUndefined();
});

test("an agent restarts k3s-agent and asks nobody", () => {
  due();
  installed(pi, ["192.0.2.11", "192.0.2.12"]);
  const { status, calls } = pi.run(program(4));
  expect(status).toBe(0);
  expect(restarts(calls)).toEqual(["systemctl restart --no-block k3s-agent"]);
  expect(calls.some((call) => /check-api|--kubeconfig \S+k3s\.yaml/.test(call))).toBe(false);
});

test.each([
  ["from the start", "false"],
  ["after the address was handed over", `[ "$(grep -c check-api ${CALLS})" -le 2 ]`],
])("another server that is not ready %s: refused, with its name, and nothing stays behind", (_, ready) => {
  due();
  pi.stub("check-api", ready);
  const { status, stderr, calls } = pi.run(program(1));
  expect(status).toBe(1);
  expect(stderr).toMatch(/the server 192\.0\.2\.1[23] is not ready/);
  expect(stderr).toContain("k3s is not restarted while another server is not ready");
  expect(restarts(calls)).toEqual([]);
  for (const left of [TURN, API_LEAVING]) expect(pi.read(left)).toBeUndefined();
});

test.each([
  ["that is not ready", () => pi.stub("check-api", "false"), "another server is not ready"],
  ["that has the turn", () => pi.write(TURN, "pi3"), "another server has the turn"],
])("another server %s does not keep a certificate of a few days from its renewal", (_, hinder, said) => {
  keep(`${TLS}/etcd/client.crt`, "6");
  hinder();
  const { status, stderr, calls } = pi.run(program(1));
  expect(status).toBe(0);
  expect(stderr).toContain(`${said}`);
  expect(stderr).toContain("the first certificate ends in less than 7 days: k3s is restarted all the same");
  expect(restarts(calls)).toEqual(["systemctl restart --no-block k3s"]);
});

test("another server has the turn: refused, and that one keeps it", () => {
  due();
  pi.write(TURN, "pi3");
  const { status, stderr, calls } = pi.run(program(1));
  expect(status).toBe(1);
  expect(stderr).toContain("pi3 has it");
  expect(restarts(calls)).toEqual([]);
  expect(pi.read(TURN)).toBe("pi3");
});

test("a turn that an interrupted run has left is given back, also by a day on which nothing is due", () => {
  pi.write(TURN, "pi1").write(API_LEAVING, "");
  expect(pi.run(program(1)).status).toBe(0);
  for (const left of [TURN, API_LEAVING]) expect(pi.read(left)).toBeUndefined();
});

test("a step of `pulumi up` holds the host: it leaves in peace", async () => {
  due();
  pi.write("/run/homelab.lock", "step k3s-rollout, process 4711");
  const lock = path.join(pi.root, "run/homelab.lock");
  const holder = spawn("flock", [lock, "sh", "-c", "echo held; cat"]);
  try {
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const { status, stderr, calls } = pi.run(program(1));
    expect(status).toBe(0);
    expect(stderr).toContain("not today, another homelab step works on this host: step k3s-rollout, process 4711");
    expect(restarts(calls)).toEqual([]);
  } finally {
    holder.stdin.end();
    await new Promise((resolve) => holder.once("exit", resolve));
  }
});

test("k3s that does not come back is a loud failure, and the turn stays, so that no other server follows", () => {
  due();
  pi.stub("systemctl", `[ "$1" != is-active ] || ! grep -q "systemctl restart" ${CALLS}`);
  const { status, stderr } = pi.run(program(1).replace("join_timeout_seconds=600", "join_timeout_seconds=0"));
  expect(status).toBe(1);
  expect(stderr).toContain("pi1 did not come back within 0 s");
  expect(pi.read(TURN)).toBe("pi1");
  expect(pi.read(API_LEAVING)).toBeUndefined();
});

test("k3s that does not run is left alone, and said", () => {
  due();
  pi.stub("systemctl", '[ "$1" != is-active ]');
  const { status, stderr, calls } = pi.run(program(1));
  expect(status).toBe(1);
  expect(stderr).toContain("k3s does not run");
  expect(restarts(calls)).toEqual([]);
});

test("what a restart does not renew fails the unit each day, and costs no further restart", () => {
  due();
  pi.stub("systemctl");
  expect(pi.run(program(1))).toMatchObject({ status: 1, stderr: expect.stringContaining("has not renewed") as string });
  const { status, stderr, calls } = pi.run(program(1));
  expect(status).toBe(1);
  expect(stderr).toMatch(/k3s has not renewed when it was restarted: \S+\/etcd\/client\.crt/);
  expect(restarts(calls)).toEqual([]);
  // Another one that is due is worth a try.
  keep(`${TLS}/client-admin.crt`, "59");
  expect(restarts(pi.run(program(1)).calls)).toHaveLength(1);
});

test("a k3s that was not installed by this program is left alone", () => {
  due();
  fs.rmSync(path.join(pi.root, STATE, "owned"));
  const { status, calls } = pi.run(program(1));
  expect(status).toBe(0);
  expect(calls).toEqual([]);
});

test("the step installs program and timer once, and nothing that k3s reads", () => {
  const plan = { host: host(1), settings: config, servers };
  const script = certificateRenewalScript(plan);
  const { status, stderr, calls } = pi.stub("systemctl").run(script);
  expect(status).toBe(0);
  expect(stderr.match(/^changed: /gm)).toHaveLength(3);
  expect(pi.run(script).stderr).toBe("");
  expect(calls).toContain("systemctl enable --quiet homelab-certificate-renewal.timer");
  expect(pi.read("/usr/local/lib/homelab/renew-certificates")).toMatch(/^#!\/bin\/bash\nset -euo pipefail\n/);
  const timer = pi.read("/etc/systemd/system/homelab-certificate-renewal.timer");
  for (const line of ["OnCalendar=*-*-* 03:00:00", "RandomizedDelaySec=2h", "Persistent=true"]) {
    expect(timer).toContain(`\n${line}\n`);
  }
  expect(JSON.stringify(nodeFiles(plan))).not.toContain("renew");
});
