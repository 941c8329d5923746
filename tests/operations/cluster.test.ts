import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { askCluster } from "../../operations/cluster";
import { conditionOf, parseCluster, secondsOf } from "../../operations/cluster-objects";
import { lifeText } from "../../operations/duration";
import { withHosts } from "../../operations/hosts";
import { home, host } from "../support/homes";
import { fakeHost, keyPair } from "./fake-host";

const SCRIPT = path.join(__dirname, "../../operations/cluster.sh");
const SECRETS = `traefik          sh.helm.release.v1.traefik.v2   helm.sh/release.v1   1     3m    createdAt=1700000000,name=traefik,owner=helm,status=pending-upgrade,version=2
metallb-system   sh.helm.release.v1.metallb.v1   helm.sh/release.v1   1     5d2h  modifiedAt=1700000001,name=metallb,owner=helm,status=deployed,version=1`;

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-cluster-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** Runs the script where `k3s` answers by the first pattern that the line of its arguments matches, else fails. */
function run(...answers: readonly (readonly [pattern: string, output: string])[]) {
  const cases = answers.map(([pattern, output], index) => {
    fs.writeFileSync(path.join(directory, String(index)), output);
    return `*'${pattern}'*) cat '${path.join(directory, String(index))}' ;;`;
  });
  const k3s = [
    "#!/bin/sh",
    'echo "$*" >>"$ASKED"',
    'case "$*" in',
    ...cases,
    "*) echo 'refused' >&2; exit 1 ;;",
    "esac",
  ];
  const asked = path.join(directory, "asked");
  fs.writeFileSync(asked, "");
  fs.writeFileSync(path.join(directory, "k3s"), k3s.join("\n"), { mode: 0o755 });
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}`, ASKED: asked };
  const { status, stdout, stderr } = spawnSync("bash", [SCRIPT], { env, encoding: "utf8" });
  return { status, stdout, stderr, asked: fs.readFileSync(asked, "utf8").trim().split("\n") };
}

const list = (...items: readonly unknown[]) => JSON.stringify({ kind: "List", items }, undefined, 4);
const NODES = ["get nodes", list({ metadata: { name: "pi1" } })] as const;
const CRDS = [
  "get customresourcedefinitions",
  "customresourcedefinition.apiextensions.k8s.io/certificates.cert-manager.io\n",
];
const OBJECTS = [
  "get pods,services,jobs.batch,certificates.cert-manager.io --all-namespaces",
  list({ kind: "Service", metadata: { name: "a" } }, { kind: "Certificate", metadata: { name: "b" } }),
] as const;
const EVENTS = [
  "get events --all-namespaces --field-selector reason=AllocationFailed",
  list({ message: "no" }),
] as const;

test("asks for everything, and only for kinds that are installed; each question has a limit", () => {
  const { status, stdout, stderr, asked } = run(NODES, [CRDS[0]!, CRDS[1]!], OBJECTS, EVENTS, ["get secrets", SECRETS]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  for (const line of asked) expect(line).toMatch(/^kubectl get .* --request-timeout=\d+s$/);
  const answer = parseCluster(stdout);
  expect(answer.unanswered).toEqual([]);
  expect(Math.abs(answer.now - Date.now() / 1000)).toBeLessThan(60);
  expect(answer.nodes).toEqual([{ metadata: { name: "pi1" } }]);
  expect(answer.services).toEqual([{ kind: "Service", metadata: { name: "a" } }]);
  expect(answer.certificates).toEqual([{ kind: "Certificate", metadata: { name: "b" } }]);
  expect(answer.pods).toEqual([]);
  expect(answer.allocationFailures).toEqual([{ message: "no" }]);
  expect(answer.revisions).toEqual([
    {
      namespace: "traefik",
      secret: "sh.helm.release.v1.traefik.v2",
      labels: { createdAt: "1700000000", name: "traefik", owner: "helm", status: "pending-upgrade", version: "2" },
    },
    expect.objectContaining({ secret: "sh.helm.release.v1.metallb.v1" }),
  ]);
});

test("what is in Helm's Secrets is never asked for", () => {
  const { asked } = run(NODES, ["get secrets", SECRETS]);
  const [secrets] = asked.filter((line) => line.includes("get secrets"));
  expect(secrets).toBe(
    "kubectl get secrets --all-namespaces --selector owner=helm --show-labels --no-headers --request-timeout=10s",
  );
});

test("no releases are an answer, too", () => {
  expect(parseCluster(run(NODES, ["get secrets", ""]).stdout)).toMatchObject({
    revisions: [],
    unanswered: ["pods, services, jobs, pools and certificates", "events"],
  });
});

test("questions without an answer spoil no other one", () => {
  const { status, stdout } = run(NODES);
  expect(status).toBe(0);
  expect(parseCluster(stdout)).toMatchObject({
    nodes: [{ metadata: { name: "pi1" } }],
    pods: [],
    unanswered: ["pods, services, jobs, pools and certificates", "events", "Helm's releases"],
  });
});

test("without nodes it fails and says kubectl's reason", () => {
  expect(run(OBJECTS)).toMatchObject({ status: 1, stdout: "", stderr: "refused\n" });
});

test("kubectl that does not end is ended, and that is said", () => {
  const timeout = path.join(directory, "timeout");
  // As timeout(1) when its time is over; the real limit would be a test of eleven seconds.
  fs.writeFileSync(timeout, '#!/bin/sh\n[ "$1" = 11 ] && exit 124\n', { mode: 0o755 });
  const { status, stdout, stderr } = run(NODES);
  fs.rmSync(timeout);
  expect([status, stdout, stderr]).toEqual([1, "", "kubectl did not end within 11 s\n"]);
});

test("without an answer it is said why, server by server", async () => {
  const login = keyPair("ed25519");
  const fakes = await Promise.all(
    ["refused\n", "x\nno route\n"].map((stderr) => fakeHost(["ed25519"], () => ({ code: 1, stderr }), login.public)),
  );
  const hosts = fakes.map(({ port, hostKeys }, index) => ({
    ...host(index + 1),
    ...{ address: "127.0.0.1", port, hostKey: hostKeys[0]! },
  }));
  const answer = await withHosts(home(...hosts), login.private, askCluster);
  await Promise.all(fakes.map((fake) => fake.close()));
  expect(answer).toEqual({ error: "no server could list the nodes (pi1: refused, pi2: no route)" });
  expect(await askCluster([{ host: host(1), error: "gone" }])).toEqual({
    error: "no server could list the nodes (no server can be reached)",
  });
});

test("times and conditions that an object lacks are undefined", () => {
  expect(secondsOf("2027-01-15T08:00:00Z")).toBe(1_800_000_000);
  expect(secondsOf(null)).toBeUndefined();
  expect(conditionOf({ status: {} }, "Ready")).toBeUndefined();
});

test.each([
  [90 * 86_400, "90 days"],
  [47 * 3600, "47 hours"],
  [2 * 3600 - 1, "119 minutes"],
  [119, "119 seconds"],
  [0, "0 seconds"],
])("%i seconds are %s", (seconds, text) => {
  expect(lifeText(seconds)).toBe(text);
});
