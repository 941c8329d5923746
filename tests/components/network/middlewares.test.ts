import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Middlewares, middlewareSpecs } from "../../../components/network/middlewares";
import type { Access, MiddlewaresConfig } from "../../../config/layers";
import { recordProgram } from "../../support/mocks";

const lan = { ipv4: "192.0.2.0/24", ipv6: "fd00:c0:ffee::/64" };
const everything: MiddlewaresConfig = {
  basicAuth: true,
  forwardAuth: "http://auth.auth.svc/verify",
  stripPrefix: "/api",
  rewrite: { regex: "^/old/(.*)", replacement: "/new/$1" },
  headers: { hstsSeconds: 0 },
  requestsPerSecond: 20,
};
const specs = (settings: MiddlewaresConfig, access: Access = "everyone"): Record<string, unknown> =>
  middlewareSpecs("wiki", { settings, access, lan });

test("nothing is in front of an app that asks for nothing", () => {
  expect(specs({ basicAuth: false })).toEqual({});
});

test("all that can be switched on, the cheapest refusal first", () => {
  const all = specs(everything, "lan");
  expect(all).toEqual({
    "wiki-lan-only": { ipAllowList: { sourceRange: ["192.0.2.0/24", "fd00:c0:ffee::/64"] } },
    "wiki-rate-limit": { rateLimit: { average: 20, burst: 40 } },
    "wiki-headers": {
      headers: {
        contentTypeNosniff: true,
        customFrameOptionsValue: "SAMEORIGIN",
        referrerPolicy: "strict-origin-when-cross-origin",
      },
    },
    "wiki-forward-auth": {
      forwardAuth: {
        address: "http://auth.auth.svc/verify",
        trustForwardHeader: false,
        authResponseHeaders: ["Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email"],
      },
    },
    "wiki-basic-auth": { basicAuth: { secret: "wiki-basic-auth", removeHeader: true } },
    "wiki-strip-prefix": { stripPrefix: { prefixes: ["/api"] } },
    "wiki-rewrite": { replacePathRegex: { regex: "^/old/(.*)", replacement: "/new/$1" } },
  });
  expect(Object.keys(all)).toEqual([
    "wiki-lan-only",
    "wiki-rate-limit",
    "wiki-headers",
    "wiki-forward-auth",
    "wiki-basic-auth",
    "wiki-strip-prefix",
    "wiki-rewrite",
  ]);
});

test("HSTS only when asked for, and never for other apps' names", () => {
  expect(specs({ basicAuth: false, headers: { hstsSeconds: 300 } })["wiki-headers"]).toEqual({
    headers: expect.objectContaining({ stsSeconds: 300 }),
  });
  expect(JSON.stringify(specs({ basicAuth: false, headers: { hstsSeconds: 300 } }))).not.toContain("Subdomains");
});

test("a LAN without IPv6 is one range", () => {
  expect(
    middlewareSpecs("wiki", { settings: { basicAuth: false }, access: "lan", lan: { ipv4: "192.0.2.0/24" } }),
  ).toEqual({ "wiki-lan-only": { ipAllowList: { sourceRange: ["192.0.2.0/24"] } } });
});

test("makes the objects, the login's Secret and the annotation that refers to them in order", async () => {
  let made: Middlewares | undefined;
  const all = await recordProgram(() => {
    const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
    const settings = { basicAuth: true, stripPrefix: "/api" };
    made = new Middlewares("wiki", { namespace: "apps", access: "lan", settings, lan }, { provider });
  });
  expect(all.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    "homelab:network:Middlewares wiki",
    "kubernetes:core/v1:Secret wiki-basic-auth",
    "kubernetes:traefik.io/v1alpha1:Middleware wiki-basic-auth",
    "kubernetes:traefik.io/v1alpha1:Middleware wiki-lan-only",
    "kubernetes:traefik.io/v1alpha1:Middleware wiki-strip-prefix",
    "pulumi:providers:kubernetes home",
    "random:index/randomPassword:RandomPassword wiki-basic-auth",
  ]);
  expect(made?.names).toEqual(["wiki-lan-only", "wiki-basic-auth", "wiki-strip-prefix"]);
  expect(made?.annotations).toEqual({
    "traefik.ingress.kubernetes.io/router.middlewares":
      "apps-wiki-lan-only@kubernetescrd,apps-wiki-basic-auth@kubernetescrd,apps-wiki-strip-prefix@kubernetescrd",
  });

  for (const one of all.filter(({ type }) => type.startsWith("kubernetes:"))) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
  }
  const secret = all.find(({ type }) => type === "kubernetes:core/v1:Secret");
  expect(secret?.inputs["metadata"]).toEqual({ namespace: "apps", name: "wiki-basic-auth" });
  expect(secret?.inputs["stringData"]).toEqual({ users: expect.stringMatching(/^admin:/) });
  expect(secret?.secretInputs).toEqual([expect.stringMatching(/^stringData/)]);
  expect(await pulumi.isSecret(made?.password as pulumi.Output<string>)).toBe(true);
});

test("an app behind nothing gets neither objects nor an annotation nor a password", async () => {
  let made: Middlewares | undefined;
  const all = await recordProgram(() => {
    made = new Middlewares("wiki", { namespace: "apps", access: "everyone", settings: { basicAuth: false }, lan });
  });
  expect(all.map(({ type }) => type)).toEqual(["homelab:network:Middlewares"]);
  expect([made?.annotations, made?.password]).toEqual([{}, undefined]);
});
