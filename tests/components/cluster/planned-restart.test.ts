import { API_LEAVING } from "../../../components/cluster/api-vip";
import { nodeFiles, rolloutScript } from "../../../components/cluster/node";
import { home, host } from "../../support/homes";
import type { StubbedHost } from "../../support/stubbed-host";
import { CALLS, HEARTBEAT, K3S, RENEWED, STAGED, STATE, TURN, installed, program, server } from "./running-server";

const config = home(host(1), host(2), host(3));
const plan = { host: host(1), settings: config, servers: config.hosts };
const rollout = rolloutScript(plan).replaceAll(/retry (60|30|15|10) /g, "retry 0 ");
/** Does not wait for a server that does not come back. */
const impatient = rollout.replace("join_timeout_seconds=600", "join_timeout_seconds=0");

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
      /:2379.*(transfer-leadership)|systemctl restart|check-api \S+ \S+|kubectl.* (drain|create|delete lease)/.exec(
        call,
      );
    if (call.includes('"unschedulable":null')) return ["uncordon"];
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

test("a drain goes on where the API is away for a moment, and ends with its limit", () => {
  const away = (times: number): void =>
    void pi.stub(
      "k3s",
      `case "$*" in *" drain "*) [ "$(grep -c ' drain ' ${CALLS})" -gt ${times} ] || { echo "connection refused"; exit 1; } ;; esac\n${K3S}`,
    );
  away(1);
  const { status, calls } = pi.run(rollout);
  expect(status).toBe(0);
  expect(order(calls).filter((call) => call === "drain")).toHaveLength(2);
  away(99);
  pi.write(`${STAGED}/desired`, "newer");
  const hasty = pi.run(rollout.replace(/drain_timeout_seconds=\d+/, "drain_timeout_seconds=0"));
  expect(hasty.status).toBe(1);
  expect(hasty.stderr).toContain("pi1 cannot be drained within 0 s: connection refused");
});

test("a node that could not be uncordoned is remembered: the next run does it", () => {
  const refused = `case "$*" in *'"unschedulable":null'*) echo "the server is not there" >&2; exit 1 ;; esac\n${K3S}`;
  pi.stub("k3s", refused);
  const { status, stderr } = pi.run(rollout);
  expect(status).toBe(1);
  expect(stderr).toContain("pi1 cannot be uncordoned");
  pi.stub("k3s", K3S);
  const next = pi.run(rollout);
  expect(next.status).toBe(0);
  expect(order(next.calls)).toContain("uncordon");
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

test("an API that does not answer gives no turn, and it is said that this is why", () => {
  pi.stub("k3s", `case "$*" in *"get lease"* | *" create "*) exit 1 ;; esac\n${K3S}`);
  const { status, calls, stderr } = pi.run(rollout);
  expect(status).toBe(1);
  expect(stderr).toContain("the API does not answer pi1");
  expect(order(calls)).toContain("uncordon");
  expect(order(calls)).not.toContain("systemctl restart");
});

test("what a killed run has left is taken up: its mark goes, and its turn is this server's own", () => {
  pi.write(API_LEAVING, "").write(TURN, "pi1");
  expect(pi.run(rollout).status).toBe(0);
  expect(pi.read(API_LEAVING)).toBeUndefined();
  expect(pi.read(TURN)).toBeUndefined();
});

test("a k3s that does not come back leaves no mark, and keeps the turn, so that no other server follows it", () => {
  pi.stub("systemctl", `[ "$1" != is-active ] || ! grep -q "systemctl restart" ${CALLS}`);
  const { status, calls } = pi.run(impatient);
  expect(status).toBe(1);
  expect(order(calls)).toContain("systemctl restart");
  expect(pi.read(API_LEAVING)).toBeUndefined();
  expect(pi.read(TURN)).toBe("pi1");
});

test("what the kubelet has said just before the restart does not count: the server has not come back", () => {
  const spoken = impatient.replace("since=$(date", `date -u +%FT%TZ >${HEARTBEAT}; since=$(date`);
  const { status, stderr } = pi.run(spoken);
  expect(status).toBe(1);
  expect(stderr).toContain("pi1 did not come back");
  // Unless it has been alive for long enough to say otherwise.
  pi.write(RENEWED, "9999");
  expect(pi.run(spoken).status).toBe(0);
});

describe("new settings with which the server does not come back", () => {
  const former = (folder: string): void => {
    for (const file of ["config.yaml", "kubelet.yaml", "registries.yaml"])
      pi.write(`${folder}/${file}`, `former ${file}`);
  };
  /** k3s does not run after so many restarts. */
  const downAfter = (restarts: string): void =>
    void pi.stub(
      "systemctl",
      `restarts=$(grep -c "systemctl restart" ${CALLS} || true)
      [ "$1" != is-active ] || case $restarts in ${restarts}) exit 3 ;; esac`,
    );
  beforeEach(() => {
    former("/etc/rancher/k3s");
    pi.write(`${STATE}/applied`, "old");
  });

  test("give way to the former ones: it runs again, takes pods, and gives its turn back", () => {
    downAfter("1");
    const { status, stderr, calls } = pi.run(impatient);
    expect(status).toBe(1);
    expect(stderr).toContain("it runs with its former settings again, and no further node is touched");
    expect(pi.read("/etc/rancher/k3s/config.yaml")).toBe("former config.yaml");
    expect(pi.read(`${STATE}/applied`)).toBe("old");
    expect(order(calls).slice(-3)).toEqual(["systemctl restart", "uncordon", "delete lease"]);
    expect(pi.read(TURN)).toBeUndefined();
  });

  test("and neither with the former ones: it stays cordoned, and its turn is not given back", () => {
    downAfter("1 | 2");
    const { status, stderr, calls } = pi.run(impatient);
    expect(status).toBe(1);
    expect(stderr).toContain("it stays cordoned and no further node is touched");
    expect(order(calls)).not.toContain("uncordon");
    expect(pi.read(`${STATE}/applied`)).toBe("interrupted\n");
    expect(pi.read(TURN)).toBe("pi1");
  });

  test("are gone back from also by the run after one that was cut off", () => {
    former(`${STATE}/former`);
    pi.write(`${STATE}/former/k3s.service`, "").write(`${STATE}/former/applied`, "older");
    pi.write(`${STATE}/former/version`, "v1.25.4+k3s1\n").write(`${STATE}/applied`, "interrupted");
    pi.write("/etc/rancher/k3s/config.yaml", "cut off");
    downAfter("1");
    expect(pi.run(impatient).stderr).toContain("former settings again");
    expect(pi.read("/etc/rancher/k3s/config.yaml")).toBe("former config.yaml");
    expect(pi.read(`${STATE}/applied`)).toBe("older");
  });

  test("of another release are kept: there is no way back from a newer one's data", () => {
    pi.stub("k3s", `[ "$1" != --version ] || { echo "k3s version v1.24.9+k3s1 (abc)"; exit; }\n${K3S}`);
    downAfter("1");
    const { stderr } = pi.run(impatient);
    expect(stderr).toContain("it stays cordoned");
    expect(pi.read("/etc/rancher/k3s/config.yaml")).toBe("config.yaml");
  });
});

test("labels and taints that left the config leave the node", () => {
  pi.write(`${STATE}/applied`, "old");
  for (const file of ["kubelet.yaml", "registries.yaml"]) pi.write(`/etc/rancher/k3s/${file}`, "");
  const own = { ...host(1), labels: { rack: "one", shelf: "left" }, taints: ["a=b:NoSchedule", "c:NoExecute"] };
  const { config: text } = nodeFiles({ ...plan, host: own });
  pi.write("/etc/rancher/k3s/config.yaml", text);
  const now = { ...host(1), labels: { rack: "two" }, taints: ["a=other:NoSchedule"] };
  const { status, calls } = pi.run(rolloutScript({ ...plan, host: now }));
  expect(status).toBe(0);
  const changed = calls.flatMap((call) => /(?:label|taint) node pi1 .*/.exec(call) ?? []);
  expect(changed).toEqual([
    "label node pi1 --overwrite rack=two",
    "label node pi1 shelf-",
    "taint node pi1 --overwrite a=other:NoSchedule",
    "taint node pi1 c:NoExecute-",
  ]);
});

test("a server whose kubelet alone is down is restarted only while the others are well: etcd's vote counts", () => {
  pi.stub("check-api", "exit 1");
  pi.stub("k3s", `case "$*" in *conditions*) echo "False 9999"; exit ;; esac\n${K3S}`);
  const { status, stderr, calls } = pi.run(rollout);
  expect(status).toBe(1);
  expect(stderr).toContain("pi1 is down, so it is not drained");
  expect(stderr).toContain("restarting pi1 now could cost etcd its quorum");
  expect(order(calls)).not.toContain("systemctl restart");
  expect(calls.join("\n")).not.toContain("SIGKILL");
});

test("a server whose API does not come up is restarted, whatever etcd says in between: nobody could give it the turn", () => {
  pi.stub("check-api", "exit 1");
  pi.stub("systemctl", `[ "$1" != is-active ] || grep -q "systemctl restart" ${CALLS}`);
  const { calls } = pi.run(rollout);
  expect(order(calls)).toContain("systemctl restart");
  expect(order(calls)).not.toContain("create");
});

test("the only server of a home has nobody to hand anything over to", () => {
  installed(pi, []);
  const { status, calls } = pi.run(rollout);
  expect(status).toBe(0);
  expect(order(calls)).not.toContain("transfer-leadership");
});
