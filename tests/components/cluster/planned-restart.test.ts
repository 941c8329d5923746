import { API_LEAVING } from "../../../components/cluster/api-vip";
import { rolloutScript } from "../../../components/cluster/node";
import { home, host } from "../../support/homes";
import type { StubbedHost } from "../../support/stubbed-host";
import { CALLS, HEARTBEAT, STAGED, TURN, installed, program, server } from "./running-server";

const config = home(host(1), host(2), host(3));
const plan = { host: host(1), settings: config, servers: config.hosts };
const rollout = rolloutScript(plan).replaceAll(/retry (60|15) /g, "retry 0 ");

let pi: StubbedHost;
beforeEach(() => {
  pi = server().write(`${STAGED}/desired`, "new");
  for (const file of ["config.yaml", "kubelet.yaml", "registries.yaml", "k3s.service"])
    pi.write(`${STAGED}/${file}`, file);
  program(pi, `${STAGED}/k3s`, "k3s");
});
afterEach(() => pi.remove());

/** What matters of a run, in its order. */
const order = (calls: readonly string[]): string[] =>
  calls.flatMap((call) => {
    const found =
      /:2379.*(transfer-leadership)|systemctl restart|check-api \S+ \S+|kubectl.* (drain|uncordon|create|delete lease)/.exec(
        call,
      );
    return found === null ? [] : [found[1] ?? found[2] ?? found[0]];
  });

test("a server hands over the API's address and etcd's leadership before its k3s is restarted, and takes part again", () => {
  pi.stub("ip", `[ -e ${API_LEAVING} ] || echo "eth0 UP 192.0.2.11/24 192.0.2.10/32"`);
  pi.stub("systemctl", `[ "$1" != restart ] || [ -e ${API_LEAVING} ]`);
  const { status, calls, stderr } = pi.run(rollout);
  expect(stderr).toContain("restarting k3s on pi1");
  expect(stderr).not.toContain("no other server has taken");
  expect(status).toBe(0);
  const others = ["check-api readyz 192.0.2.12", "check-api readyz 192.0.2.13"];
  const before = [...others, "drain", "create", "transfer-leadership", ...others, "systemctl restart"];
  expect(order(calls)).toEqual([...before, "uncordon", "delete lease"]);
  expect(calls.find((call) => call.includes("transfer-leadership"))).toContain('{"targetID":"22"}');
  expect(pi.read(API_LEAVING)).toBeUndefined();
  expect(pi.read(TURN)).toBeUndefined();
});

test("a server that is not well keeps the others where they are: nothing is restarted, nothing stays handed over", () => {
  pi.stub("check-api", '[ "$2" = 192.0.2.12 ]');
  const { status, calls, stderr } = pi.run(rollout);
  expect(status).toBe(1);
  expect(stderr).toContain("the server 192.0.2.13 is not ready");
  expect(stderr).toContain("restarting pi1 now could cost etcd its quorum");
  expect(order(calls)).not.toContain("systemctl restart");
  expect(pi.read(API_LEAVING)).toBeUndefined();
});

test("a server that goes while this one is drained stops the restart, and the turn is given back", () => {
  pi.stub("check-api", `[ "$(grep -c 'check-api' ${CALLS})" -lt 4 ]`);
  const { status, calls } = pi.run(rollout);
  expect(status).toBe(1);
  expect(order(calls)).not.toContain("systemctl restart");
  expect(order(calls)).toEqual(expect.arrayContaining(["create", "uncordon", "delete lease"]));
  expect(pi.read(API_LEAVING)).toBeUndefined();
  expect(pi.read(TURN)).toBeUndefined();
});

test("it is another server's turn: this one stays as it is and names that one", () => {
  pi.write(TURN, "pi2");
  const { status, calls, stderr } = pi.run(rollout);
  expect(status).toBe(1);
  expect(stderr).toContain("it is not this server's turn to restart: pi2 has it");
  expect(stderr).toContain("kubectl delete lease --namespace kube-system homelab-restart");
  expect(order(calls)).not.toContain("systemctl restart");
  expect(pi.read(TURN)).toBe("pi2");
});

test("what a killed run has left is taken up: its mark goes, and its turn is this server's own", () => {
  pi.write(API_LEAVING, "").write(TURN, "pi1");
  expect(pi.run(rollout).status).toBe(0);
  expect(pi.read(API_LEAVING)).toBeUndefined();
  expect(pi.read(TURN)).toBeUndefined();
});

test("a k3s that does not come back leaves no mark, and keeps the turn, so that no other server follows it", () => {
  pi.stub("systemctl", `[ "$1" != is-active ] || ! grep -q "systemctl restart" ${CALLS}`);
  const { status, calls } = pi.run(rollout.replace("join_timeout_seconds=600", "join_timeout_seconds=0"));
  expect(status).toBe(1);
  expect(order(calls)).toContain("systemctl restart");
  expect(pi.read(API_LEAVING)).toBeUndefined();
  expect(pi.read(TURN)).toBe("pi1");
});

test("what the kubelet has said just before the restart does not count: the server has not come back", () => {
  const script = rollout
    .replace("since=$(date", `date -u +%FT%TZ >${HEARTBEAT}; since=$(date`)
    .replace("join_timeout_seconds=600", "join_timeout_seconds=0");
  const { status, stderr } = pi.run(script);
  expect(status).toBe(1);
  expect(stderr).toContain("pi1 did not come back");
});

test("the only server of a home has nobody to hand anything over to", () => {
  installed(pi, []);
  const { status, calls } = pi.run(rollout);
  expect(status).toBe(0);
  expect(order(calls)).not.toContain("transfer-leadership");
});
