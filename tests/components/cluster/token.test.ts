import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { K3sCluster } from "../../../components/cluster/k3s-cluster";
import { desiredState, nodeFiles, tokenRotationScript, tokenScript } from "../../../components/cluster/node";
import { PiHost } from "../../../components/host/pi-host";
import type { HomelabConfig } from "../../../config/types";
import { home, host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const ETCD = "var/lib/rancher/k3s/server/db/etcd/member/wal";

function homeOf(tokenGeneration: number): HomelabConfig {
  const base = home(host(1), host(2), host(3), host(4, "agent"));
  return { ...base, cluster: { ...base.cluster, tokenGeneration } };
}
function planOf(config: HomelabConfig) {
  const servers = config.hosts.filter(({ role }) => role === "server");
  return { host: servers[0] as HomelabConfig["hosts"][number], settings: config, servers };
}

describe("resources", () => {
  const recorded = (config: HomelabConfig): Promise<Registration[]> =>
    recordProgram(() => {
      const sshPrivateKey = pulumi.secret("the-private-key");
      const prepared = Object.fromEntries(
        config.hosts.map((one) => [one.name, new PiHost(one.name, { host: one, settings: config, sshPrivateKey })]),
      );
      new K3sCluster("home", { settings: config, hosts: config.hosts, prepared, sshPrivateKey });
    });
  let first: Registration[];
  let third: Registration[];
  beforeAll(async () => {
    first = await recorded(homeOf(1));
    third = await recorded(homeOf(3));
  });
  const command = (name: string): Registration => {
    const found = third.filter((one) => one.name === name && one.type === "command:remote:Command");
    expect(found).toHaveLength(1);
    return found[0] as Registration;
  };

  test("a later generation adds its tokens beside the first, protected, and one step", () => {
    const names = (all: Registration[]): string[] => all.map(({ type, name }) => `${type} ${name}`);
    const added = names(third).filter((name) => !names(first).includes(name));
    const password = "random:index/randomPassword:RandomPassword";
    expect(added.sort()).toEqual(
      ["command:remote:Command home-token-rotation", `${password} home-token-2`, `${password} home-token-3`].sort(),
    );
    expect(names(first).filter((name) => !names(third).includes(name))).toEqual([]);
    for (const one of third.filter(({ type }) => type === password))
      expect([one.name, one.protect]).toEqual([one.name, true]);
  });

  test("every host gets the newest, after the cluster was asked, which comes after all hosts are prepared", () => {
    for (const name of ["pi1", "pi2", "pi3", "pi4"]) {
      expect(command(`${name}-k3s-token`).inputs["stdin"]).toBe("the-token-3");
      // The component waits, and its steps with it; the first of them shows it.
      const artifact = command(`${name}-k3s-artifact`).dependencies;
      const parent = third.find((one) => one.type === "homelab:cluster:NodeFiles" && one.name === name);
      expect([...artifact, ...(parent?.dependencies ?? [])].some((urn) => urn.endsWith("::home-token-rotation"))).toBe(
        true,
      );
      expect(command("home-token-rotation").dependencies.some((urn) => urn.endsWith(`::${name}-verified`))).toBe(true);
    }
    expect(command("home-token-rotation").inputs["connection"]).toMatchObject({ host: "192.0.2.11" });
  });

  test("the tokens are a secret on standard input and nowhere else", () => {
    const { inputs, secretInputs } = command("home-token-rotation");
    expect(inputs["stdin"]).toBe("the-token-3\nthe-token-2\nthe-token");
    expect(secretInputs).toContain("stdin");
    expect(String(inputs["create"])).not.toContain("the-token");
  });
});

test("another generation is another desired state; the first one's is as it was before there were any", () => {
  const [one, two] = [desiredState(planOf(homeOf(1))), desiredState(planOf(homeOf(2)))];
  expect(two).not.toBe(one);
  expect(desiredState(planOf(homeOf(3)))).not.toBe(two);
  // Version and files, and nothing of generations: a home that never changed its token is not restarted for them.
  const plan = planOf(homeOf(1));
  const content = JSON.stringify([plan.settings.cluster.k3sVersion, nodeFiles(plan)]);
  expect(one).toBe(createHash("sha256").update(content).digest("hex").slice(0, 16));
});

describe("the step", () => {
  const script = tokenRotationScript(planOf(homeOf(3))).replace("wait_seconds=60", "wait_seconds=0");
  let machine: StubbedHost;
  beforeEach(() => {
    // k3s as it is: a running server goes on with the token that it was started with, whatever it is asked for.
    machine = new StubbedHost().write("secret", "third\nsecond\nfirst\n").write("puts", "").write("cluster/none", "");
    machine.stub("flock").stub(
      "curl",
      `config=$(cat) url=\${!#}
server=\${url#https://} server=\${server%%:6443*}
[ -e '${machine.root}/cluster/'$server ] || { printf 000; exit 7; }
as=$(sed -n 's/^user = "server:\\(.*\\)"$/\\1/p' <<<"$config")
[ "$as" = "$(cat '${machine.root}/cluster/'$server)" ] || { printf 401; exit 0; }
case $url in */token) ;; *) printf 200; exit 0 ;; esac
grep -x 'request = "PUT"' <<<"$config" >/dev/null || { printf 405; exit 0; }
sed -n "s/^data = /$server $as /p" <<<"$config" >>'${machine.root}/puts'
cat '${machine.root}/put-status' 2>/dev/null || printf 200`,
    );
  });
  afterEach(() => machine.remove());
  const server = (address: string, token: string): StubbedHost => machine.write(`cluster/${address}`, token);
  const run = (): StubbedRun => machine.run(`exec 3<'${machine.root}/secret'\n${script}`);
  const put = (address: string, as: string, token: string): string =>
    `${address} ${as} "{\\"newToken\\":\\"${token}\\"}"\n`;

  test.each(["first", "second"])("a cluster that has the %s token is asked to take the newest", (had) => {
    server("127.0.0.1", had);
    const { status, stderr, calls } = run();
    expect([status, stderr]).toEqual([
      0,
      "changed: the cluster has token 3; each server takes it from its next restart on\n",
    ]);
    expect(machine.read("puts")).toBe(put("127.0.0.1", had, "third"));
    expect(calls.join("\n")).not.toMatch(/first|second|third/);
  });

  test("nothing is asked of a cluster that takes the newest already", () => {
    server("127.0.0.1", "third");
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    expect(machine.read("puts")).toBe("");
  });

  test("without k3s on this host another server is asked: this host's disk may be new", () => {
    server("192.0.2.13", "second");
    expect(run().status).toBe(0);
    expect(machine.read("puts")).toBe(put("192.0.2.13", "second", "third"));
  });

  test("certificates are checked as soon as this host knows the cluster's authority", () => {
    server("127.0.0.1", "third");
    expect(run().calls.join("\n")).toContain(" --insecure ");
    machine.write("var/lib/rancher/k3s/server/tls/server-ca.crt", "");
    const calls = run().calls.join("\n");
    expect(calls).toContain(`--cacert ${machine.root}/var/lib/rancher/k3s/server/tls/server-ca.crt`);
    expect(calls).not.toContain("--insecure");
  });

  test("no cluster yet: nothing to do", () => {
    expect(run()).toMatchObject({ status: 0, stderr: "" });
  });

  test("a cluster that is down and has been asked before starts with what its hosts have", () => {
    machine.write(ETCD, "").write("etc/rancher/k3s/token", "third\n");
    expect(run().status).toBe(0);
  });

  test("a cluster that is down and has not been asked: its hosts must not get the new token", () => {
    machine.write(ETCD, "").write("etc/rancher/k3s/token", "second\n");
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /cannot be changed: no server answers at port 6443 of 127\.0\.0\.1 192\.0\.2\.12 192\.0\.2\.13\n {2}-> start k3s/,
    );
  });

  test("another cluster's server is told apart", () => {
    server("127.0.0.1", "foreign");
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining("127.0.0.1 takes none of this stack's") });
    expect(machine.read("puts")).toBe("");
  });

  test.each([403, 500])("HTTP %i: what is half done is taken back, and the message says what to do", (code) => {
    server("127.0.0.1", "second").write("put-status", String(code));
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain(`answers with HTTP ${code} to the request for another token`);
    expect(stderr).toMatch(/before 1\.29[^]*restart no server/);
    expect(stderr).not.toMatch(/second|third/);
    expect(machine.read("puts")).toBe(put("127.0.0.1", "second", "third") + put("127.0.0.1", "second", "second"));
  });
});

describe("a host is given the stack's token", () => {
  const TOKEN = "etc/rancher/k3s/token";
  let pi: StubbedHost;
  beforeEach(() => {
    pi = new StubbedHost();
  });
  afterEach(() => pi.remove());
  const give = (generation = 1): ReturnType<StubbedHost["run"]> =>
    pi.run(`exec 3<<<"the-token"\n${tokenScript(planOf(homeOf(generation)))}`);
  const server = (held: string): void =>
    void pi.write(ETCD, "").write("var/lib/rancher/k3s/server/token", `K10${"0".repeat(64)}::server:${held}\n`);
  const agent = (held: string): void =>
    void pi.write("var/lib/rancher/k3s/agent/kubelet.kubeconfig", "").write(TOKEN, `${held}\n`);

  test.each([
    ["that is new", () => undefined],
    ["that is a server of its cluster", () => server("the-token")],
    ["that is an agent of its cluster", () => agent("the-token")],
    ["that has another from an attempt to join", () => pi.write(TOKEN, "wrong\n")],
  ])("%s", (_, prepare) => {
    prepare();
    expect(give()).toMatchObject({ status: 0, stderr: "" });
    expect(pi.read(TOKEN)).toBe("the-token\n");
  });

  test.each([
    ["a server", () => server("another")],
    ["an agent", () => agent("another")],
  ])("%s of a cluster with another token keeps it, and the step says what to do", (_, prepare) => {
    prepare();
    const before = pi.read(TOKEN);
    const { status, stderr } = give();
    expect(status).toBe(1);
    expect(stderr).toContain("is a node of a cluster with another token than this stack's");
    expect(stderr).not.toMatch(/the-token|another\n/);
    expect(pi.read(TOKEN)).toBe(before);
  });

  test("a later generation has been taken over by the cluster before", () => {
    server("another");
    expect(give(2).status).toBe(0);
    expect(pi.read(TOKEN)).toBe("the-token\n");
  });
});
