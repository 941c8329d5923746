import * as fs from "node:fs";
import * as path from "node:path";
import { updaterConfig } from "../../../components/dns/public-dns";
import { home, host, withLayers } from "../../support/homes";
import type { Registration } from "../../support/mocks";
import { at, inputsOf } from "../workload/objects";
import { config, record, TOKEN } from "./program";

let all: Registration[];
beforeAll(async () => {
  all = await record(config);
});

const cronJob = (registrations: readonly Registration[]): unknown =>
  inputsOf(registrations, "batch/v1:CronJob", "public-dns")["spec"];
const pod = (registrations: readonly Registration[]): unknown =>
  at(cronJob(registrations), "jobTemplate.spec.template.spec");
const data = (registrations: readonly Registration[]): Record<string, string> =>
  inputsOf(registrations, "core/v1:ConfigMap", "public-dns")["data"] as Record<string, string>;

test("a Job a minute, over before the next; a hanging one is replaced", () => {
  expect(cronJob(all)).toMatchObject({
    schedule: "* * * * *",
    concurrencyPolicy: "Replace",
    startingDeadlineSeconds: 60,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: { spec: { activeDeadlineSeconds: 45, backoffLimit: 0 } },
  });
});

test("the token is in the Secret alone, and secret there", () => {
  const secret = all.find(({ type }) => type === "kubernetes:core/v1:Secret") as Registration;
  expect(secret.inputs["stringData"]).toEqual({ token: TOKEN });
  expect(secret.secretInputs.some((input) => input.startsWith("stringData"))).toBe(true);
  for (const one of all.filter((other) => other !== secret)) expect(JSON.stringify(one.inputs)).not.toContain(TOKEN);
});

test("only the token waits for the preflight: with a wrong one the updater goes on with the last", () => {
  const waiting = all.filter(({ dependencies }) => dependencies.some((urn) => urn.endsWith("::cloudflare-preflight")));
  expect(waiting.map(({ type, name }) => `${type} ${name}`)).toEqual(["kubernetes:core/v1:Secret public-dns"]);
  const cronJob = all.find(({ type }) => type === "kubernetes:batch/v1:CronJob");
  expect(cronJob?.dependencies).toContainEqual(expect.stringMatching(/core\/v1:Secret::public-dns$/));
});

test("the pod gets every module of the updater, and starts the one that runs it", () => {
  const folder = path.join(__dirname, "../../../components/dns/updater");
  const modules = fs.readdirSync(folder).filter((file) => file.endsWith(".mjs"));
  expect(Object.keys(data(all)).sort()).toEqual([...modules, "config.json"].sort());
  for (const file of modules) expect(data(all)[file]).toBe(fs.readFileSync(path.join(folder, file), "utf8"));
  expect(at(pod(all), "containers.0.command")).toEqual([
    "node",
    "/opt/updater/main.mjs",
    "/opt/updater/config.json",
    "/run/secrets/cloudflare/token",
  ]);
  expect(at(pod(all), "volumes")).toEqual([
    { name: "program", configMap: { name: "public-dns" } },
    { name: "token", secret: { secretName: "public-dns" } },
  ]);
});

test("the updater is told names, sources and whose records are ours", () => {
  expect(JSON.parse(data(all)["config.json"] ?? "")).toEqual({
    domain: "home.test",
    names: ["@", "whoami"],
    comment: "managed by homelab/home",
    sources: config.publicDns?.addressSources,
    ingressIpv6: "fd00:c0:ffee::200",
    looks: 2,
    secondsBetweenLooks: 20,
  });
});

test("without an IPv6 address of the ingress it is told none", async () => {
  const single = withLayers(home(host(1)));
  expect(JSON.parse(data(await record(single))["config.json"] ?? "")).not.toHaveProperty("ingressIpv6");
  const args = { settings: single.publicDns!, domain: "home.test", clusterName: "home", ingressIpv6: undefined };
  const rest = { cloudflareApiToken: TOKEN, image: "node", namespace: "dns" };
  expect(updaterConfig({ ...args, ...rest })).not.toHaveProperty("ingressIpv6");
});

test("trusts further CAs only if there are any", async () => {
  expect(at(pod(all), "containers.0.env")).toBeUndefined();
  const trusting = await record({ ...config, trustedCAs: ["the first\n", "the second"] });
  expect(data(trusting)["trusted-cas.pem"]).toBe("the first\nthe second\n");
  expect(at(pod(trusting), "containers.0.env")).toEqual([
    { name: "NODE_EXTRA_CA_CERTS", value: "/opt/updater/trusted-cas.pem" },
  ]);
});

test("may ask for names and speak TLS to the ports of its sources", async () => {
  const addressSources = { ipv4: ["https://one.example:8443/", "https://two.example/"], ipv6: [] };
  const other = await record({ ...config, publicDns: { names: ["@"], addressSources } });
  const { spec } = inputsOf(other, "networking.k8s.io/v1:NetworkPolicy", "public-dns");
  expect(at(spec, "policyTypes")).toEqual(["Ingress", "Egress"]);
  expect(at(spec, "ingress")).toBeUndefined();
  expect(at(spec, "egress.1")).toEqual({
    ports: [
      { protocol: "TCP", port: 443 },
      { protocol: "TCP", port: 8443 },
    ],
  });
  expect(at(spec, "egress.2")).toBeUndefined();
  const both = { ...addressSources, ipv6: ["https://six.example/"] };
  const speaking = await record({ ...config, publicDns: { names: ["@"], addressSources: both } });
  expect(at(inputsOf(speaking, "networking.k8s.io/v1:NetworkPolicy", "public-dns").spec, "egress.2.to")).toHaveLength(
    2,
  );
});
