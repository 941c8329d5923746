import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Ingress } from "../../../components/network/ingress";
import { traefikValues } from "../../../components/network/traefik-values";
import type { IngressConfig } from "../../../config/layers";
import { recordProgram, type Registration } from "../../support/mocks";

const settings: IngressConfig = { address: { ipv4: "192.0.2.200", ipv6: "fd00:c0:ffee::200" }, dashboard: true };

let ingress: Ingress;
function record(more: Partial<IngressConfig> = {}, version = "41.3.0"): Promise<Registration[]> {
  return recordProgram(() => {
    const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
    ingress = new Ingress(
      "ingress",
      {
        settings: { ...settings, ...more },
        chart: { repository: "https://charts.example", version },
        domain: "home.test",
        lan: { ipv4: "192.0.2.0/24", ipv6: "fd00:c0:ffee::/64" },
      },
      { provider },
    );
  });
}

let all: Registration[];
beforeAll(async () => {
  all = await record();
});

const named = (type: string, name: string): Registration => {
  const found = all.filter((one) => one.type === type && one.name === name);
  expect(found).toHaveLength(1);
  return found[0] as Registration;
};
const traefik = (kind: string, name: string): Registration => named(`kubernetes:traefik.io/v1alpha1:${kind}`, name);

const WITHOUT_DASHBOARD = [
  "homelab:network:Ingress ingress",
  "kubernetes:core/v1:Namespace traefik-namespace",
  "kubernetes:helm.sh/v3:Release traefik",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy ingress-network-policy",
  "kubernetes:traefik.io/v1alpha1:Middleware ingress-retry",
  "kubernetes:traefik.io/v1alpha1:TLSOption ingress-tls-option",
  "kubernetes:traefik.io/v1alpha1:TLSStore ingress-tls-store",
  "pulumi:providers:kubernetes home",
];
const DASHBOARD = [
  "homelab:network:Dashboard ingress-dashboard",
  "homelab:network:Middlewares dashboard",
  "kubernetes:core/v1:Secret dashboard-basic-auth",
  "kubernetes:traefik.io/v1alpha1:IngressRoute ingress-dashboard-route",
  "kubernetes:traefik.io/v1alpha1:Middleware dashboard-basic-auth",
  "kubernetes:traefik.io/v1alpha1:Middleware dashboard-lan-only",
  "random:index/randomPassword:RandomPassword dashboard-basic-auth",
];
const list = (registrations: readonly Registration[]): string[] =>
  registrations.map(({ type, name }) => `${type} ${name}`).sort();

test("is Traefik, what holds for all routes, and the dashboard", () => {
  expect(list(all)).toEqual([...WITHOUT_DASHBOARD, ...DASHBOARD].sort());
});

test("every Kubernetes object has the explicit provider", () => {
  const objects = all.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects).toHaveLength(10);
  for (const one of objects) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
  }
});

test("the release is the pinned chart with our values, in a namespace that takes only restricted pods", () => {
  expect(named("kubernetes:helm.sh/v3:Release", "traefik").inputs).toMatchObject({
    name: "traefik",
    chart: "traefik",
    version: "41.3.0",
    repositoryOpts: { repo: "https://charts.example" },
    namespace: "traefik",
    values: traefikValues(settings),
  });
  expect(named("kubernetes:core/v1:Namespace", "traefik-namespace").inputs["metadata"]).toMatchObject({
    name: "traefik",
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
});

test("from outside, only the two ports for everyone are open", () => {
  const policy = named("kubernetes:networking.k8s.io/v1:NetworkPolicy", "ingress-network-policy");
  expect(policy.inputs["spec"]).toEqual({
    podSelector: {},
    policyTypes: ["Ingress"],
    ingress: [
      {
        ports: [
          { protocol: "TCP", port: 8000 },
          { protocol: "TCP", port: 8443 },
        ],
      },
      { from: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP", port: 9100 }] },
    ],
  });
});

test("TLS 1.2 at least, the default certificate for names without their own, retries for pods that are gone", () => {
  const common = { namespace: "traefik", name: "default" };
  expect(traefik("TLSOption", "ingress-tls-option").inputs).toMatchObject({
    metadata: common,
    spec: { minVersion: "VersionTLS12" },
  });
  expect(traefik("TLSStore", "ingress-tls-store").inputs).toMatchObject({
    metadata: common,
    spec: { defaultCertificate: { secretName: "default-certificate" } },
  });
  expect(traefik("Middleware", "ingress-retry").inputs).toMatchObject({
    metadata: { namespace: "traefik", name: "retry" },
    spec: { retry: { attempts: 6 } },
  });
});

test("Traefik's own objects wait for its CRDs", () => {
  const release = expect.stringContaining("helm.sh/v3:Release::traefik");
  for (const [kind, name] of [
    ["TLSOption", "ingress-tls-option"],
    ["TLSStore", "ingress-tls-store"],
    ["Middleware", "ingress-retry"],
  ] as const) {
    expect(traefik(kind, name).dependencies).toEqual([release]);
  }
  expect(named("homelab:network:Dashboard", "ingress-dashboard").dependencies).toEqual([release]);
});

test("the dashboard asks for a login and answers the LAN only", () => {
  expect(traefik("IngressRoute", "ingress-dashboard-route").inputs["spec"]).toEqual({
    entryPoints: ["websecure"],
    routes: [
      {
        kind: "Rule",
        match: "Host(`traefik.home.test`)",
        middlewares: [{ name: "dashboard-lan-only" }, { name: "dashboard-basic-auth" }],
        services: [{ kind: "TraefikService", name: "api@internal" }],
      },
    ],
    tls: {},
  });
});

test("no value of the release is secret, and the dashboard's password is", async () => {
  await record();
  const { dashboardUrl, dashboardPassword } = ingress;
  expect(named("kubernetes:helm.sh/v3:Release", "traefik").secretInputs).toEqual([]);
  expect(dashboardUrl).toBe("https://traefik.home.test/dashboard/");
  expect(await pulumi.isSecret(dashboardPassword as pulumi.Output<string>)).toBe(true);
});

test("tells other layers what they need", async () => {
  await record();
  const { ingressClass, namespace, addresses, certificateSecret } = ingress;
  expect({ ingressClass, namespace, addresses, certificateSecret }).toEqual({
    certificateSecret: "default-certificate",
    ingressClass: "traefik",
    namespace: "traefik",
    addresses: settings.address,
  });
});

test("without a dashboard, no trace of it", async () => {
  expect(list(await record({ dashboard: false }))).toEqual([...WITHOUT_DASHBOARD].sort());
  expect([ingress.dashboardUrl, ingress.dashboardPassword]).toEqual([undefined, undefined]);
});

test("a new chart version changes the release and nothing else", async () => {
  const next = await record({}, "41.4.0");
  const changed = next.filter(
    ({ type, name, inputs }) => JSON.stringify(inputs) !== JSON.stringify(named(type, name).inputs),
  );
  expect(list(changed)).toEqual(["kubernetes:helm.sh/v3:Release traefik"]);
});
