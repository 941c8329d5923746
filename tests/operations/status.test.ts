import { parseConfig } from "../../config/parse";
import type { HomelabConfig } from "../../config/types";
import { status } from "../../operations/status";
import type { NodeObject } from "../../operations/cluster-objects";
import { report, reportText, withLayerProblems } from "../../operations/status-report";
import { layeredConfig, validConfig } from "../config/valid";
import { fakeHost, keyPair, type FakeHost } from "./fake-host";
import { certificate, cluster, DAY, node, NOW, pool, service, VERSION } from "./kubernetes";

const VOTER = "etcd_server_has_leader 1\netcd_server_is_learner 0";
const login = keyPair("ed25519");

function configured(): HomelabConfig {
  const raw = validConfig();
  raw.cluster.k3sVersion = VERSION;
  raw.hosts.push({
    ...raw.hosts[0]!,
    name: "pi4",
    role: "agent",
    address: "192.168.1.14",
    hostKey: keyPair("ed25519").public,
  });
  return parseConfig(raw).config;
}

const names = ["pi1", "pi2", "pi3", "pi4"];
const answers = names.map((name, index) => ({
  name,
  addresses: ["127.0.0.1", `192.168.1.1${index + 1}`, ...(name === "pi2" ? ["192.168.1.10"] : [])],
  etcdVoter: name !== "pi4",
}));
const nodes = [...["pi1", "pi2", "pi3"].map((name) => node(name)), node("pi4")];

describe("report", () => {
  test("finds nothing wrong with a healthy cluster", () => {
    const result = report(configured(), answers, cluster({ nodes }));
    expect(result.problems).toEqual([]);
    expect(result.vipHolders).toEqual(["pi2"]);
    expect(reportText(result)).toBe(
      [
        "cluster home, k3s v1.34.2+k3s1, 3 of 3 servers vote in etcd",
        "API address 192.168.1.10, held by pi2",
        "",
        "HOST  ADDRESS       ROLE    STATE  VERSION       ETCD   API ADDRESS",
        "pi1   192.168.1.11  server  Ready  v1.34.2+k3s1  voter",
        "pi2   192.168.1.12  server  Ready  v1.34.2+k3s1  voter  holder",
        "pi3   192.168.1.13  server  Ready  v1.34.2+k3s1  voter",
        "pi4   192.168.1.14  agent   Ready  v1.34.2+k3s1  -",
        "",
        "all is well",
      ].join("\n"),
    );
  });

  const other = (name: string, change: Partial<NodeObject>) =>
    nodes.map((one) => (one.metadata.name === name ? { ...one, ...change } : one));

  test.each<[string, readonly NodeObject[], string]>([
    ["a node that is not ready", other("pi1", node("pi1", { Ready: false })), "pi1: NotReady"],
    ["a cordoned node", other("pi4", { spec: { unschedulable: true } }), "pi4: is cordoned"],
    ["a missing node", nodes.slice(1), "pi1: is no node of the cluster"],
    ["an unknown node", [...nodes, node("pi9")], "pi9: is a node of the cluster, but no host of the stack"],
    [
      "another version",
      other("pi2", { status: { ...node("pi2").status, nodeInfo: { kubeletVersion: "v1.33.1+k3s1" } } }),
      "pi2: runs v1.33.1+k3s1, the stack has v1.34.2+k3s1",
    ],
  ])("names %s", (_what, found, problem) => {
    expect(report(configured(), answers, cluster({ nodes: found })).problems).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  test("names a server whose etcd does not vote", () => {
    const learning = answers.map((answer) => ({ ...answer, etcdVoter: answer.etcdVoter && answer.name !== "pi3" }));
    expect(report(configured(), learning, cluster({ nodes })).problems).toEqual([
      expect.stringContaining("pi3: is no etcd voter"),
    ]);
  });

  test("names an API address that nobody holds, or two hosts at once", () => {
    const without = answers.map((answer) => ({ ...answer, addresses: [] }));
    expect(report(configured(), without, cluster({ nodes })).problems).toEqual([
      expect.stringContaining("no reachable server holds it"),
    ]);
    const both = answers.map((answer) => ({ ...answer, addresses: answer.name < "pi3" ? ["192.168.1.10"] : [] }));
    expect(report(configured(), both, cluster({ nodes })).problems).toEqual([
      expect.stringContaining("held by pi1 and pi2 at once"),
    ]);
  });

  test("shows the layers that the stack has, and which of k3s's own certificates ends first", () => {
    const { config } = parseConfig({ ...layeredConfig(), cluster: { name: "home", k3sVersion: VERSION } });
    const withCertificates = answers.slice(0, 3).map((answer, index) => ({
      ...answer,
      certificate: { file: "/x.crt", secondsLeft: (300 - index) * DAY },
    }));
    const running = cluster({
      nodes: nodes.slice(0, 3),
      pools: [pool("default", "192.168.1.200-192.168.1.219")],
      services: [service("traefik/traefik", ["192.168.1.200"])],
      certificates: [certificate(80)],
    });
    const result = report(config, withCertificates, running);
    expect(result.problems).toEqual([]);
    expect(reportText(result).split("\n").slice(8)).toEqual([
      "load balancer  pool default: 1 of 20 IPv4 addresses used",
      "ingress        192.168.1.200",
      "LAN DNS        no address",
      "certificates   traefik/default: 80 days left",
      "k3s            its own certificates: 298 days left on pi3, the first to end",
      "",
      "all is well",
    ]);
  });

  test("takes over the layers' errors and leaves their warnings to doctor", () => {
    const finding = { where: "cluster", what: "Service a waits", why: "no address", remedy: "look" };
    const before = report(configured(), answers, cluster({ nodes }));
    const findings = [
      { ...finding, severity: "error" as const },
      { ...finding, severity: "warning" as const },
    ];
    expect(withLayerProblems(before, findings).problems).toEqual(["cluster: Service a waits; look"]);
    expect(withLayerProblems(before, findings).findings).toEqual(findings.slice(0, 1));
  });

  test("keeps what it knows if the cluster can't be asked", () => {
    const result = report(configured(), answers, { error: "no server could list the nodes (pi1: a; b, pi2: c)" });
    expect(result.findings).toEqual([
      {
        severity: "error",
        where: "cluster",
        what: "no server could list the nodes (pi1: a; b, pi2: c)",
        why: "nothing can be changed, and no lost pod is replaced",
        remedy: expect.stringContaining("most servers must be up") as string,
      },
    ]);
    expect(result.problems).toEqual([expect.stringMatching(/^cluster: no server could list .*; most servers must/)]);
    expect(reportText(result)).toContain("pi1   192.168.1.11  server  ?");
  });
});

describe("status", () => {
  const hosts: FakeHost[] = [];
  afterAll(() => Promise.all(hosts.map((host) => host.close())));

  const certificates = (): string => {
    const ends = [300, 200].map((days) => Math.round(Date.now() / 1000) + days * DAY + 100);
    return ends.map((end, index) => `certificate_ends ${end} /${index}.crt`).join("\n");
  };

  async function started(
    kubectl: { stdout?: string; stderr?: string; code: number },
    addresses: string,
  ): Promise<FakeHost> {
    const host = await fakeHost(
      ["ed25519"],
      (command) => (command.startsWith("ip ") ? { stdout: `${addresses}\n${VOTER}\n${certificates()}` } : kubectl),
      login.public,
    );
    hosts.push(host);
    return host;
  }

  test("asks every host, and for the nodes the first server that can answer", async () => {
    const line = (address: string) => `2: eth0    inet ${address}/24 scope global eth0\\       valid_lft forever\n`;
    const broken = await started({ code: 1, stderr: "connection refused\n" }, line("192.168.1.11"));
    const list = { now: NOW, nodes: { items: nodes }, objects: null, allocationFailures: null, releases: null };
    const whole = await started({ code: 0, stdout: JSON.stringify(list) }, line("192.168.1.12") + line("192.168.1.10"));
    const unused = await started({ code: 0, stdout: "{" }, line("192.168.1.13"));
    const gone = await fakeHost(["ed25519"]);
    await gone.close();
    const fakes = [broken, whole, unused, gone];
    const config = configured();
    const reachable = config.hosts.map((host, index) => {
      const { port, hostKeys } = fakes[index]!;
      return { ...host, address: "127.0.0.1", port, hostKey: hostKeys[0]! };
    });
    const result = await status({ ...config, hosts: reachable }, login.private);
    expect(result.vipHolders).toEqual(["pi2"]);
    expect(result.nodes.map(({ reachable: answers }) => answers)).toEqual([true, true, true, false]);
    const first = result.nodes[0]?.certificate;
    expect(first?.file).toBe("/1.crt");
    expect(Math.floor((first?.secondsLeft ?? 0) / DAY)).toBe(200);
    expect(result.problems).toEqual([expect.stringMatching(/^pi4: 127\.0\.0\.1 port \d+: nothing listens there/)]);
    expect(unused.commands).toEqual([expect.stringMatching(/^ip -o address show/)]);
  });
});
