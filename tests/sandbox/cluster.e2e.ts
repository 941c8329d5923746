/**
 * End to end on simulated Pis: one cluster from nothing to torn down, each test on what the one before left.
 * Nothing is mocked: the real engine, SSH, systemd, k3s and etcd.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { isSeq, type YAMLSeq } from "yaml";
import { Silence } from "./capture";
import { collect, killAll, Lab, until } from "./lab";
import { answering, leftovers, voters } from "./questions";
import { CommandLineWatch, findSecret } from "./secrets";

const lab = new Lab();
const SERVERS = ["pi1", "pi2", "pi3"];
const WHOAMI = path.join(__dirname, "whoami.yaml");
const PULUMI_UP = [
  ...["exec", "--", "pulumi", "up", "--yes", "--non-interactive"],
  ...["--skip-preview", "--stack", "sandbox"],
];
/** `npm run homelab --`, without npm. */
const HOMELAB = ["npx", "--no-install", "tsx", "operations/cli.ts"];
const watch = new CommandLineWatch();

const hostsOf = (document: { getIn(path: readonly string[]): unknown }): YAMLSeq => {
  const hosts = document.getIn(["config", "homelab:hosts"]);
  assert.ok(isSeq(hosts));
  return hosts;
};
const addAgent = (name: string, number: number): void =>
  lab.edit((document) => {
    const agent = { name, role: "agent", address: `192.0.2.${number}`, ipv6: `fd00:c0:ffee::${number}` };
    hostsOf(document).add(document.createNode(agent));
  });
const deleteHost = (index: number): void => lab.edit((document) => void hostsOf(document).delete(index));

before(async () => {
  await lab.sandbox(["down"]);
  watch.start();
});

after(async () => {
  watch.stop();
  await lab.sandbox(["down"], true);
  lab.remove();
});

test("a fresh `up` ends with three Ready servers and a table", async () => {
  const output = await lab.up();
  for (const host of SERVERS) assert.match(output, new RegExp(`${host}\\b`));
  assert.match(output, /192\.0\.2\.10/);
  const { hosts, vip, vipHolder } = await lab.status();
  assert.deepEqual(
    hosts.map(({ name, power, ready }) => ({ name, power, ready })),
    SERVERS.map((name) => ({ name, power: "on", ready: true })),
  );
  assert.equal(vip, "192.0.2.10");
  assert.ok(SERVERS.includes(String(vipHolder)), `the API's address is on ${vipHolder}`);
  for (const address of ["192.0.2.10", "[fd00:c0:ffee::10]"]) {
    const answer = await lab.exec(
      "curl",
      "--silent",
      "--insecure",
      "--max-time",
      "5",
      `https://${address}:6443/cacerts`,
    );
    assert.match(answer, /BEGIN CERTIFICATE/, `the API at ${address}`);
  }
});

test("all three servers are voters of one etcd", async () => {
  assert.deepEqual(await voters(lab), SERVERS);
});

test("a second `up` runs no command on any host and a preview shows no change", async () => {
  const before = await lab.logins(SERVERS);
  const started = Date.now();
  await lab.up();
  console.error(`second up: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  const counted = await lab.logins(SERVERS);
  assert.deepEqual(
    counted.map((count, index) => count - (before[index] ?? 0) - 1),
    [0, 0, 0],
  );
  await lab.exec("pulumi", "preview", "--stack", "sandbox", "--expect-no-changes", "--non-interactive");
});

test("a pod runs on every node and a service reaches all of them from one", async () => {
  await lab.kubectl("apply", "-f", WHOAMI);
  await lab.kubectl("rollout", "status", "daemonset/whoami", "--timeout=120s");
  const port = await lab.kubectl("get", "service", "whoami", "-o", "jsonpath={.spec.ports[0].nodePort}");
  const pods = await lab.kubectl(
    "get",
    "pods",
    "--selector=app=whoami",
    "-o",
    'jsonpath={range .items[*]}{.spec.nodeName} {.metadata.name}{"\\n"}{end}',
  );
  const byNode = new Map(
    pods
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
  assert.deepEqual([...byNode.keys()].sort(), SERVERS);
  assert.deepEqual(await answering(lab, port), new Set(byNode.values()));
});

test("the cluster's DNS runs twice, on two nodes", async () => {
  await lab.kubectl("rollout", "status", "deployment/coredns", "--namespace=kube-system", "--timeout=120s");
  const list = await lab.kubectl(
    "get",
    "pods",
    "--namespace=kube-system",
    "--selector=k8s-app=kube-dns",
    "-o",
    "jsonpath={.items[*].spec.nodeName}",
  );
  const nodes = list.split(" ");
  assert.equal(nodes.length, 2);
  assert.equal(new Set(nodes).size, 2);
});

test("`homelab status` sees what kubectl sees, and `homelab kubeconfig` writes a kubeconfig", async () => {
  const text = await lab.exec(...HOMELAB, "status", "--stack", "sandbox");
  for (const host of SERVERS) assert.match(text, new RegExp(host));
  const file = path.join(lab.directory, "written-kubeconfig");
  await lab.exec(...HOMELAB, "kubeconfig", "--stack", "sandbox", "--output", file);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.match(await lab.exec("kubectl", "--kubeconfig", file, "get", "nodes"), /pi3/);
  const keys = await lab.exec(...HOMELAB, "scan", "--stack", "sandbox");
  assert.match(keys, /ssh-ed25519 AAAA/);
  assert.match(keys, /SHA256:/);
});

test("the API's address moves away from a server whose k3s has stopped, and not back", async () => {
  const holder = String((await lab.status()).vipHolder);
  await lab.ssh(holder, "sudo systemctl stop k3s");
  const seconds = await until("the API answering on another server", 30, async () => {
    const { vipHolder } = await lab.status();
    return vipHolder !== null && vipHolder !== holder && (await lab.kubectl("get", "--raw", "/readyz")) === "ok";
  });
  console.error(`API at its address again after k3s stopped on its holder: ${seconds.toFixed(1)} s (polled)`);
  const next = (await lab.status()).vipHolder;
  await lab.ssh(holder, "sudo systemctl start k3s");
  await until("three voters", 90, async () => isDeepStrictEqual(await voters(lab), SERVERS));
  await sleep(5000);
  assert.equal((await lab.status()).vipHolder, next);
});

test("a host without power is silent, and the API goes on", async () => {
  const victim = String((await lab.status()).vipHolder);
  const [peer = ""] = SERVERS.filter((name) => name !== victim);
  const silence = await Silence.listenTo(victim);
  const startedAt = Date.now();
  await lab.expect(["power-off", victim]);
  const offAt = Date.now();
  await until(
    "the API answering without its holder",
    60,
    async () => (await lab.kubectl("get", "--raw", "/readyz")) === "ok",
  );
  console.error(
    `API at its address again after its holder lost power: ${((Date.now() - offAt) / 1000).toFixed(1)} s (polled)`,
  );
  await sleep(3000);
  const frames = await silence.framesSince(startedAt);
  assert.deepEqual(
    frames.filter((line) => Number.parseFloat(line) * 1000 > offAt),
    [],
    "nothing at all is sent once it is off",
  );
  // etcd's connections last: the only thing that could end one here is the end of the host.
  assert.deepEqual(
    frames.filter((line) => /\.2380\b/.test(line) && /Flags \[[^\]]*[FR]/.test(line)),
    [],
    "no connection is closed",
  );
  await lab.kubectl("create", "configmap", "written-while-one-is-off", "--from-literal=a=b");
  const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  assert.equal(doctor.status, 1);
  assert.match(doctor.output, new RegExp(`^error +${victim} .*\\n +-> `, "m"));
  await lab.expect(["power-on", victim]);
  await until("three voters", 180, async () => isDeepStrictEqual(await voters(lab, peer), SERVERS));
});

test("an agent joins by one line of config, and no other host is touched", async () => {
  const before = await lab.logins(SERVERS);
  addAgent("pi4", 14);
  await lab.up();
  assert.match(await lab.kubectl("get", "node", "pi4"), / Ready /);
  const counted = await lab.logins(SERVERS);
  assert.deepEqual(
    counted.map((count, index) => count - (before[index] ?? 0) - 1),
    [0, 0, 0],
  );
  await lab.kubectl("rollout", "status", "daemonset/whoami", "--timeout=120s");
});

test("a second `pulumi up` beside a running one is refused, and names it", async () => {
  lab.edit((document) => document.setIn(["config", "homelab:hosts", 3, "labels"], { shelf: "left" }));
  const first = lab.start(PULUMI_UP);
  const ended = collect(first);
  const locks = path.join(lab.directory, "pulumi-state/.pulumi/locks");
  await until("a lock", 60, () =>
    Promise.resolve(
      fs.existsSync(locks) && fs.readdirSync(locks, { recursive: true }).some((name) => String(name).endsWith(".json")),
    ),
  );
  const second = await lab.sandbox(PULUMI_UP);
  assert.notEqual(second.status, 0);
  assert.match(second.output, /locked by 1 lock.*pid \d+/s);
  assert.equal((await ended).status, 0);
});

test("an agent leaves by deleting its lines: node, password and k3s are gone", async () => {
  deleteHost(3);
  await lab.expect(PULUMI_UP);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /pi4/);
  assert.doesNotMatch(await lab.kubectl("get", "secrets", "--namespace=kube-system"), /pi4\.node-password/);
  addAgent("pi4", 14);
  const rest = await lab.ssh(
    "pi4",
    "ls -d /var/lib/rancher /etc/rancher /usr/local/bin/k3s /etc/systemd/system/k3s-agent.service 2>/dev/null; pgrep --count k3s || true",
  );
  assert.equal(rest, "0");
});

test("an agent with a wrong token is told so, and nothing is left half done", async () => {
  await lab.up();
  deleteHost(3);
  await lab.expect(PULUMI_UP);
  addAgent("pi4", 14);
  // The token is overwritten just after its step has written it: what a restored or mixed-up stack would do.
  await lab.ssh(
    "pi4",
    "sudo sh -c 'install -d /etc/rancher/k3s; (while :; do [ -e /etc/rancher/k3s/token ] && echo wrong > /etc/rancher/k3s/token; sleep 0.2; done) >/dev/null 2>&1 & echo $! > /run/spoiler'",
  );
  const { status, output } = await lab.sandbox(["up"]);
  await lab.ssh("pi4", "sudo sh -c 'kill $(cat /run/spoiler)'");
  assert.notEqual(status, 0);
  assert.match(output, /refuses the cluster token/);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /pi4/);
  await lab.ssh("pi4", "sudo rm /etc/rancher/k3s/token");
  deleteHost(3);
  await lab.expect(PULUMI_UP);
});

test("deleting a server's lines is refused in the preview", async () => {
  const saved = fs.readFileSync(lab.stackFile);
  deleteHost(2);
  lab.edit((document) => document.setIn(["config", "homelab:cluster", "highAvailability"], false));
  const { status, output } = await lab.sandbox([
    "exec",
    "--",
    "pulumi",
    "preview",
    "--non-interactive",
    "--stack",
    "sandbox",
  ]);
  fs.writeFileSync(lab.stackFile, saved);
  assert.notEqual(status, 0);
  assert.match(output, /pi3/);
  assert.match(output, /put its lines back/);
});

test("another host key than the pinned one is refused", async () => {
  const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC+Glqihc9b+lWQU86dH7XAtL8/ImcpHDIpakv6hbbqr";
  lab.edit((document) => document.setIn(["config", "homelab:hosts", 1, "hostKey"], other));
  const { status, output } = await lab.sandbox(PULUMI_UP);
  lab.edit((document) => void document.deleteIn(["config", "homelab:hosts", 1, "hostKey"]));
  assert.notEqual(status, 0);
  assert.match(output, /host key mismatch/);
  await lab.up();
});

test("changed settings restart k3s on one server after the other, and nothing else", async () => {
  const startedAt = async (host: string): Promise<number> =>
    Number(await lab.ssh(host, "systemctl show k3s --property ActiveEnterTimestampMonotonic --value"));
  const before = await Promise.all(SERVERS.map(startedAt));
  const mirrors = ["config", "homelab:artifacts", "registryMirrors", "registry.example"];
  lab.edit((document) => document.setIn(mirrors, ["http://mirror.sandbox.test:5000"]));
  const preview = await lab.exec("pulumi", "preview", "--stack", "sandbox", "--non-interactive", "--diff");
  assert.match(preview, /\+ +registry\.example:/);
  const changes = /Resources:\s+~ (\d+) to update/.exec(preview)?.[1];
  assert.equal(changes, "6", "three times files and rollout, and nothing else");
  await lab.up();
  const after = await Promise.all(SERVERS.map(startedAt));
  // One kernel, one clock: the order of the restarts is the order of the servers, with a join's time between them.
  assert.ok(after.every((time, index) => time > (before[index] ?? 0)));
  assert.deepEqual(
    [...after].sort((one, other) => one - other),
    after,
  );
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
});

test("a setting that k3s refuses stops the rollout at its first node, and taking it back mends that node", async () => {
  const starts = (): Promise<string[]> =>
    Promise.all(["pi2", "pi3"].map((host) => lab.ssh(host, "systemctl show k3s --property ActiveEnterTimestamp")));
  const before = await starts();
  const labels = ["config", "homelab:hosts", 0, "labels"];
  lab.edit((document) => {
    document.setIn(labels, { "node-role.kubernetes.io/forbidden": "yes" });
    document.setIn(["config", "homelab:cluster", "joinTimeoutSeconds"], 60);
  });
  const { status, output } = await lab.sandbox(PULUMI_UP);
  assert.notEqual(status, 0);
  assert.match(output, /pi1 did not come back within 60 s; it stays cordoned and no other node is touched/);
  assert.match(await lab.kubectl("get", "node", "pi1"), /SchedulingDisabled/);
  assert.deepEqual(await starts(), before);
  lab.edit((document) => void document.deleteIn(labels));
  await lab.up();
  assert.deepEqual(await voters(lab), SERVERS);
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), /SchedulingDisabled/);
  assert.deepEqual(await starts(), before);
});

test("a join that cannot reach etcd ends in its limit and names the port", async () => {
  await lab.expect(["reimage", "pi1"], true);
  const block = (action: string): Promise<string[]> =>
    Promise.all(
      ["pi2", "pi3"].map((host) =>
        lab.ssh(host, `sudo iptables ${action} INPUT --source 192.0.2.11 --protocol tcp --dport 2380 --jump DROP`),
      ),
    );
  await block("--insert");
  const { status, output } = await lab.sandbox(PULUMI_UP);
  await block("--delete");
  lab.edit((document) => void document.deleteIn(["config", "homelab:cluster", "joinTimeoutSeconds"]));
  assert.notEqual(status, 0);
  assert.match(output, /likely cause: port 2380 of 192\.0\.2\.1[23] cannot be reached from here/);
  assert.match(output, /pi1 is not Ready or not an etcd voter after 60 s/);
  await lab.up();
  assert.deepEqual(await voters(lab), SERVERS);
});

test("the first server wiped and the list reordered, `up` killed in the middle of its join: one cluster, three voters", async () => {
  const uid = await lab.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
  await lab.expect(["reimage", "pi1"], true);
  lab.edit((document) => {
    const hosts = hostsOf(document);
    hosts.items = [hosts.items[0], hosts.items[2], hosts.items[1]];
  });
  const first = lab.start(PULUMI_UP);
  const ended = collect(first);
  await until(
    "pi1 joining",
    240,
    async () =>
      (await lab.ssh("pi1", "cat /run/homelab.lock; systemctl is-active k3s || true")).match(
        /k3s-install[^]*activating/,
      ) !== null,
  );
  killAll(first);
  await ended;
  assert.match(
    await lab.ssh("pi1", "pgrep --full '[b]ash -s create' >/dev/null && echo running"),
    /running/,
    "the remote script outlives pulumi",
  );
  const output = await lab.up();
  assert.match(output, /lock of process \d+, which is dead/);
  assert.deepEqual(await voters(lab), SERVERS);
  assert.equal(await lab.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"), uid);
});

test("power lost in the whole house and back: the cluster comes back by itself", async () => {
  for (const host of SERVERS) await lab.expect(["power-off", host]);
  await Promise.all(SERVERS.map((host) => lab.expect(["power-on", host])));
  const seconds = await until("three voters", 240, async () => isDeepStrictEqual(await voters(lab), SERVERS));
  console.error(`three voters after the whole house lost power: ${seconds.toFixed(0)} s`);
  await lab.kubectl("get", "configmap", "written-while-one-is-off");
});

test("neither the token nor the private key is in a log, a process list, plain state or a world-readable file", async () => {
  const token = await lab.ssh("pi1", "sudo cat /etc/rancher/k3s/token");
  assert.equal(token.length, 48);
  const key = fs.readdirSync(path.join(lab.directory, "keys")).map((name) => path.join(lab.directory, "keys", name));
  const privateFile = key.find(
    (file) => fs.statSync(file).isFile() && fs.readFileSync(file, "utf8").includes("PRIVATE KEY"),
  );
  assert.ok(privateFile !== undefined);
  const body = fs.readFileSync(privateFile, "utf8").split("\n")[2] ?? "";
  assert.ok(body.length > 20);
  // The search itself is tried first: it finds what is there to be found.
  await lab.ssh("pi2", "cat > /tmp/canary && chmod 0644 /tmp/canary", token);
  assert.deepEqual(await lab.findOnHost("pi2", token), ["/tmp/canary"]);
  await lab.ssh("pi2", "rm /tmp/canary");
  for (const [what, secret] of [
    ["token", token],
    ["private key", body],
  ] as const) {
    assert.deepEqual(watch.seenWith(secret), [], `${what} in a process list`);
    assert.deepEqual(findSecret(lab.directory, secret, [privateFile]), [], `${what} in the sandbox's files`);
    for (const host of SERVERS) {
      assert.deepEqual(await lab.findOnHost(host, secret), [], `${what} on ${host}`);
    }
  }
});

test("`down` leaves nothing behind", async () => {
  await lab.expect(["down"], true);
  assert.deepEqual(leftovers(lab.directory), []);
});
