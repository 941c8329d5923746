/** A house without power; layers taken away and put back, at the worst moments for certificates. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { until } from "../../lab";
import { voters } from "../../questions";
import { dig, planned, unsettled } from "../../questions-network";
import { PULUMI_UP, SERVERS, lab } from "../shared";
import { INGRESS, LAN_DNS, WHOAMI, configure, stopLoad, visit } from "../network/shared";

const NAMESPACES = ["apps", "cert-manager", "dns", "metallb-system", "traefik"];
/** API groups of the operators; cert-manager's and Traefik's CRDs stay when they go, so that no object is lost with them. */
const GROUPS = /(^|\.)(metallb\.io|cert-manager\.io|traefik\.io)$/;

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** Objects of the operators' own kinds, in whatever namespace. */
async function customObjects(): Promise<string[]> {
  const kinds = lines(await lab.kubectl("get", "customresourcedefinitions", "-o", "name"))
    .map((name) => name.replace(/^[^/]*\//, ""))
    .filter((name) => GROUPS.test(name.slice(name.indexOf(".") + 1)));
  if (kinds.length === 0) return [];
  return lines(await lab.kubectl("get", kinds.join(","), "--all-namespaces", "-o", "name"));
}

/** Objects outside of namespaces that belong to the operators. */
async function clusterObjects(): Promise<string[]> {
  const webhooks = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
  const kinds = [...webhooks, "ingressclasses", "clusterroles", "clusterrolebindings", "apiservices"];
  const found = lines(await lab.kubectl("get", kinds.join(","), "-o", "name"));
  // A CRD that stays has its place in the API, too.
  const apis = (name: string): boolean => name.startsWith("apiservice");
  return found.filter((name) => /metallb|cert-?manager|traefik/.test(name) && !apis(name));
}

test("power lost in the whole house and back: names, sites and certificates come back by themselves", async () => {
  stopLoad();
  for (const host of SERVERS) await lab.expect(["power-off", host]);
  await Promise.all(SERVERS.map((host) => lab.expect(["power-on", host])));
  const started = Date.now();
  const since = (): string => ((Date.now() - started) / 1000).toFixed(0);
  await until("the LAN's name server", 240, async () => {
    const [answer] = await dig(lab, LAN_DNS.ipv4, [[WHOAMI, "A"]]);
    return answer?.data[0] === INGRESS.ipv4;
  });
  console.error(`LAN DNS after the whole house lost power: ${since()} s`);
  await until("sites", 240, async () => (await visit(`https://${WHOAMI}/`, "--insecure")).status === 200);
  console.error(`sites after the whole house lost power: ${since()} s`);
  // They have run out meanwhile if a renewal was due: then a new one was asked for by itself.
  for (const family of ["--ipv4", "--ipv6"]) {
    await until("certificates", 360, async () => (await visit(`https://${WHOAMI}/`, family)).status === 200);
  }
  console.error(`valid certificates after the whole house lost power: ${since()} s`);
  await until("three voters", 120, async () => isDeepStrictEqual(await voters(lab), SERVERS));
  await until("all pods", 180, async () => (await unsettled(lab)).length === 0);
  assert.deepEqual(await planned(lab), [], "nothing is left to mend");
});

let whole: Buffer;

test("layers leave in the middle of an issuance: no finalizer holds them up, and no orphan stays", async () => {
  await lab.kubectl("delete", "secret", "default-certificate", "--namespace=traefik");
  await until("a challenge", 60, async () => {
    const kind = "challenges.acme.cert-manager.io";
    return (await lab.kubectl("get", kind, "--all-namespaces", "-o", "name")) !== "";
  });
  whole = fs.readFileSync(lab.stackFile);
  lab.removeLayers();
  const started = Date.now();
  await lab.expect(PULUMI_UP);
  console.error(`all layers removed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  const namespaces = lines(await lab.kubectl("get", "namespaces", "-o", "jsonpath={.items[*].metadata.name}"));
  const left = namespaces.flatMap((names) => names.split(" ")).filter((name) => NAMESPACES.includes(name));
  assert.deepEqual(left, []);
  assert.deepEqual(await customObjects(), []);
  assert.deepEqual(await clusterObjects(), []);
  const services = await lab.kubectl("get", "services", "--all-namespaces");
  assert.doesNotMatch(services, /LoadBalancer/);
  assert.deepEqual(await planned(lab), []);
});

test("layers come back while the ACME server is down: `up` says so, and the next one heals at once", async () => {
  assert.ok(whole.length > 0);
  fs.writeFileSync(lab.stackFile, whole);
  // The least patience there is, and an issuer that has no account yet.
  configure(["homelab:certificates", "issuer"], "staging");
  configure(["homelab:certificates", "issuanceTimeoutSeconds"], 180);
  await lab.expect(["service", "stop", "acme"]);
  const failing = Date.now();
  const { status, output } = await lab.sandbox(PULUMI_UP);
  console.error(`\`up\` without an ACME server fails after ${((Date.now() - failing) / 1000).toFixed(0)} s`);
  assert.notEqual(status, 0);
  assert.match(output, /ClusterIssuer staging.*acme\.sandbox\.test|ACME server: https:\/\/acme\.sandbox\.test/);
  assert.match(output, /see that the cluster reaches the ACME server/);
  await lab.expect(["service", "start", "acme"]);
  const healing = Date.now();
  await lab.up();
  const seconds = (Date.now() - healing) / 1000;
  console.error(`\`up\` with the ACME server back: ${seconds.toFixed(0)} s`);
  // cert-manager sleeps for a minute in each of two validations; its own back-off would be an hour.
  assert.ok(seconds < 240, `${seconds} s`);
  await until("the site", 60, async () => (await visit(`https://${WHOAMI}/`, "--insecure")).status === 200);
  await until("a valid certificate", 180, async () => (await visit(`https://${WHOAMI}/`)).status === 200);
  assert.deepEqual(await unsettled(lab), []);
  assert.deepEqual(await planned(lab), []);
});
