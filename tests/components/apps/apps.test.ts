import * as k8s from "@pulumi/kubernetes";
import { Apps } from "../../../components/apps/apps";
import { certificateAnnotations } from "../../../components/apps/web-app";
import type { AppConfig, AppsConfig } from "../../../config/layers";
import { app, home, host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";
import { at, inputsOf, listed } from "../workload/objects";

let apps: Apps;
function record(settings: AppsConfig, more: { clusterIssuer?: string } = {}): Promise<Registration[]> {
  return recordProgram(() => {
    const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
    const base = home(host(1));
    const versions = { ...base.versions, images: { ...base.versions.images, whoami: "the-image:1" } };
    const ingress = { ingressClass: "traefik", namespace: "traefik" };
    apps = new Apps("apps", { settings: { ...base, apps: settings, versions }, ingress, ...more }, { provider });
  });
}
const whoami = (more: Partial<AppConfig> = {}): Promise<Registration[]> =>
  record({ whoami: app("whoami", more) }, { clusterIssuer: "production" });

let all: Registration[];
beforeAll(async () => {
  all = await whoami();
});

test("an app is its pods, the way to them and what guards them", () => {
  expect(listed(all)).toEqual(
    [
      "homelab:apps:Apps apps",
      "homelab:apps:Whoami whoami",
      "homelab:apps:WebApp whoami",
      "homelab:network:Middlewares whoami",
      "kubernetes:apps/v1:Deployment whoami",
      "kubernetes:core/v1:Namespace apps-namespace",
      "kubernetes:core/v1:Service whoami",
      "kubernetes:networking.k8s.io/v1:Ingress whoami",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy whoami",
      "kubernetes:policy/v1:PodDisruptionBudget whoami",
      "pulumi:providers:kubernetes home",
    ].sort(),
  );
});

test("every Kubernetes object has the explicit provider and is in the restricted namespace", () => {
  const objects = all.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects).toHaveLength(6);
  for (const one of objects) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
    const namespaced = one.name === "apps-namespace" ? undefined : "apps";
    expect([one.name, at(one.inputs, "metadata.namespace")]).toEqual([one.name, namespaced]);
  }
  expect(inputsOf(all, "core/v1:Namespace", "apps-namespace")).toMatchObject({
    metadata: { name: "apps", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });
});

test("two pods, apart as far as possible, that outlive a node, a drain and a new version", () => {
  const { spec } = inputsOf(all, "apps/v1:Deployment", "whoami");
  expect(spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  expect(at(spec, "template.spec")).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true },
    topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname", maxSkew: 1 }],
    tolerations: [
      { key: "node.kubernetes.io/not-ready", tolerationSeconds: 30 },
      { key: "node.kubernetes.io/unreachable", tolerationSeconds: 30 },
    ],
    containers: [
      {
        image: "the-image:1",
        args: ["--port=8080"],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        readinessProbe: { httpGet: { path: "/health", port: 8080 } },
        livenessProbe: { httpGet: { path: "/health", port: 8080 } },
        lifecycle: { preStop: { httpGet: { path: "/?wait=5s", port: 8080 } } },
        resources: { requests: { memory: "16Mi" }, limits: { memory: "64Mi" } },
      },
    ],
  });
  expect(inputsOf(all, "policy/v1:PodDisruptionBudget", "whoami")["spec"]).toEqual({
    maxUnavailable: 1,
    selector: { matchLabels: { "app.kubernetes.io/name": "whoami" } },
  });
});

test("the ingress alone reaches it, and it reaches the name server alone", () => {
  const { spec } = inputsOf(all, "networking.k8s.io/v1:NetworkPolicy", "whoami");
  expect(spec).toEqual({
    podSelector: { matchLabels: { "app.kubernetes.io/name": "whoami" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "traefik" } } }],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
    ],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ],
  });
});

test("its host name is served with the domain's certificate", () => {
  const { metadata, spec } = inputsOf(all, "networking.k8s.io/v1:Ingress", "whoami");
  expect(at(metadata, "annotations")).toEqual({});
  expect(spec).toEqual({
    ingressClassName: "traefik",
    tls: [{ hosts: ["whoami.home.test"] }],
    rules: [
      {
        host: "whoami.home.test",
        http: {
          paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "whoami", port: { name: "http" } } } }],
        },
      },
    ],
  });
  expect(apps.urls).toEqual({ whoami: "https://whoami.home.test" });
});

test("or with one of its own, by the home's issuer", async () => {
  const { metadata, spec } = inputsOf(
    await whoami({ subdomain: "me", certificate: "own" }),
    "networking.k8s.io/v1:Ingress",
    "whoami",
  );
  expect(at(metadata, "annotations")).toEqual({
    "cert-manager.io/cluster-issuer": "production",
    "cert-manager.io/private-key-algorithm": "ECDSA",
    "cert-manager.io/private-key-rotation-policy": "Always",
  });
  expect(at(spec, "tls")).toEqual([{ hosts: ["me.home.test"], secretName: "whoami-certificate" }]);
  expect(apps.urls).toEqual({ whoami: "https://me.home.test" });
});

test("what it switches on is in front of it, and a login's password comes out as a secret", async () => {
  const guarded = await whoami({ access: "lan", middlewares: { basicAuth: true } });
  const { metadata } = inputsOf(guarded, "networking.k8s.io/v1:Ingress", "whoami");
  expect(at(metadata, "annotations")).toEqual({
    "traefik.ingress.kubernetes.io/router.middlewares":
      "apps-whoami-lan-only@kubernetescrd,apps-whoami-basic-auth@kubernetescrd",
  });
  expect(Object.keys(apps.passwords)).toEqual(["whoami"]);
  expect(await (apps.passwords["whoami"] as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
});

test("no app, no namespace", async () => {
  expect(listed(await record({}))).toEqual(["homelab:apps:Apps apps", "pulumi:providers:kubernetes home"]);
  expect(apps.urls).toEqual({});
});

test("a certificate of its own without an issuer is refused", () => {
  const own = app("whoami", { certificate: "own" });
  expect(() => certificateAnnotations(own, undefined)).toThrow(
    "whoami: a certificate of its own needs homelab:certificates",
  );
});
