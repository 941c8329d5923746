/** Mistakes and full pools while a load runs that must notice none of it. It goes on until a certificate was renewed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiToken } from "../../../../sandbox/internet/files";
import { until } from "../../lab";
import { planned } from "../../questions-network";
import { HOMELAB, PULUMI_UP, lab } from "../shared";
import { DOMAIN, TOKEN, configure, configured, startLoad } from "./shared";

/** The committed pool that serves whoever asks for nothing. */
const POOL = { name: "default", size: 18 };

test("a load of 20 requests a second and more is answered", async () => {
  await startLoad();
});

test("`up` with a wrong token fails within two minutes and names token and zone, not its text", async () => {
  const setToken = (token: string): Promise<string> =>
    lab.feed(token, "pulumi", "config", "set", "--secret", TOKEN, "--stack", "sandbox");
  const token = apiToken();
  const wrong = [...token].reverse().join("");
  assert.notEqual(wrong, token);
  await setToken(wrong);
  const started = Date.now();
  const { status, output } = await lab.sandbox(PULUMI_UP);
  const seconds = (Date.now() - started) / 1000;
  await setToken(token);
  console.error(`\`up\` with a wrong token fails after ${seconds.toFixed(0)} s`);
  assert.notEqual(status, 0);
  assert.ok(seconds < 120, `${seconds} s`);
  assert.match(output, /Cloudflare does not accept the token \S*cloudflareApiToken/);
  assert.ok(output.includes(DOMAIN));
  assert.equal(output.includes(wrong), false);
  await lab.up();
  assert.deepEqual(await planned(lab), []);
});

test("a changed pool, host name or chart version: the preview names exactly that", async () => {
  const preview = async (path: readonly (string | number)[], value: unknown): Promise<string[]> => {
    const before = configured(...path.map(String));
    configure(path, value);
    try {
      return await planned(lab);
    } finally {
      configure(path, before);
    }
  };
  const pool = ["192.0.2.202-192.0.2.220", "fd00:c0:ffee::202-fd00:c0:ffee::219"];
  const [pools, ...others] = await preview(["homelab:loadBalancer", "pools", 0, "addresses"], pool);
  assert.match(pools ?? "", /^update kubernetes:metallb\.io\S*:IPAddressPool \S*default$/);
  assert.deepEqual(others, []);
  const [ingress, ...rest] = await preview(["homelab:apps", "whoami", "subdomain"], "hello");
  assert.match(ingress ?? "", /^update kubernetes:networking\.k8s\.io\S*:Ingress \S*whoami\S*$/);
  assert.deepEqual(rest, []);
  // The provider looks into the repository for it, which has one version only: it refuses that chart, and no other.
  const chart = preview(["homelab:versions", "charts", "metallb"], "0.14.8");
  await assert.rejects(chart, (error: Error) => {
    // What the engine prints besides is the whole config, as JSON.
    const refused = error.message.matchAll(/chart \\*"([^"\\]*)\\*" version \\*"([^"\\]*)\\*" not found/g);
    assert.deepEqual(
      new Set([...refused].map(([, name, version]) => `${name} ${version}`)),
      new Set(["metallb 0.14.8"]),
    );
    return true;
  });
});

test("a pool without free addresses: it is said which service waits, and how full which pool is", async () => {
  const wanted = POOL.size + 1;
  const services = Array.from({ length: wanted }, (_, index) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `fill-${index}`, labels: { test: "full-pool" } },
    spec: {
      ...{ type: "LoadBalancer", ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] },
      ...{ allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
    },
  }));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: services });
  await lab.feed(list, "kubectl", "apply", "--filename", "-");
  const pending = async (): Promise<string[]> => {
    const found = await lab.kubectl("get", "services", "--selector=test=full-pool", "-o", "json");
    const { items } = JSON.parse(found) as {
      items: { metadata: { name: string }; status: { loadBalancer: { ingress?: unknown[] } } }[];
    };
    return items.filter(({ status }) => status.loadBalancer.ingress === undefined).map(({ metadata }) => metadata.name);
  };
  await until("all addresses but one service's", 60, async () => (await pending()).length === 1);
  const [waiting = ""] = await pending();
  await until("an event", 30, async () =>
    /AllocationFailed.*no available IPs/.test(await lab.kubectl("describe", "service", waiting)),
  );
  const report = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  await lab.kubectl("delete", "services", "--selector=test=full-pool");
  assert.equal(report.status, 1);
  assert.match(report.output, new RegExp(`${POOL.name}\\b.*\\b${POOL.size} of ${POOL.size}\\b`));
  assert.match(report.output, new RegExp(`default/${waiting}\\b`));
});
