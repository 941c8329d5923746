import { Dns } from "../../../components/dns/dns";
import { home, host, withLayers } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";
import { at, inputsOf, listed } from "../workload/objects";
import { config, record } from "./program";

let all: Registration[];
beforeAll(async () => {
  all = await record(config);
});

const LAN = [
  "homelab:dns:LanDns lan-dns",
  "kubernetes:apps/v1:DaemonSet lan-dns",
  "kubernetes:core/v1:ConfigMap lan-dns",
  "kubernetes:core/v1:Service lan-dns",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy lan-dns",
];
const PUBLIC = [
  "homelab:dns:PublicDns public-dns",
  "kubernetes:batch/v1:CronJob public-dns",
  "kubernetes:core/v1:ConfigMap public-dns",
  "kubernetes:core/v1:Secret public-dns",
  "kubernetes:core/v1:ServiceAccount public-dns",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy public-dns",
];
const COMMON = [
  "homelab:dns:Dns dns",
  "kubernetes:core/v1:Namespace dns-namespace",
  "pulumi:providers:kubernetes home",
  "command:remote:Command cloudflare-preflight",
  "homelab:cloudflare:CloudflarePreflight cloudflare-preflight",
];

test("both halves share one namespace, and each can be off", async () => {
  expect(listed(all)).toEqual([...COMMON, ...LAN, ...PUBLIC].sort());
  expect(listed(await record({ ...config, publicDns: undefined }))).toEqual([...COMMON, ...LAN].sort());
  expect(listed(await record({ ...config, lanDns: undefined }))).toEqual([...COMMON, ...PUBLIC].sort());
});

test("public records without a token are a mistake of the composition", async () => {
  expect.assertions(1);
  await recordProgram(() => {
    expect(() => new Dns("dns", { settings: config })).toThrow("needs the secret homelab:cloudflareApiToken");
  });
});

test("every Kubernetes object has the explicit provider and is in the restricted namespace", () => {
  const objects = all.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(objects).toHaveLength(10);
  for (const one of objects) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
    const { namespace } = one.inputs["metadata"] as { namespace?: string };
    if (one.name !== "dns-namespace") expect([one.name, namespace]).toEqual([one.name, "dns"]);
  }
  expect(inputsOf(all, "core/v1:Namespace", "dns-namespace")["metadata"]).toMatchObject({
    name: "dns",
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
});

test.each([
  ["apps/v1:DaemonSet", "lan-dns", "spec.template.spec"],
  ["batch/v1:CronJob", "public-dns", "spec.jobTemplate.spec.template.spec"],
])("the pods of the %s are what the restricted standard wants", (type, name, path) => {
  const pod = at(inputsOf(all, type, name), path);
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  });
  expect(at(pod, "containers")).toEqual([
    expect.objectContaining({
      securityContext: expect.objectContaining({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: expect.objectContaining({ drop: ["ALL"] }),
      }),
      resources: {
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { cpu: expect.any(String), memory: expect.any(String) },
      },
    }),
  ]);
});

describe("LanDns", () => {
  test("answers at the fixed addresses by both protocols, and sees who asks", () => {
    expect(inputsOf(all, "core/v1:Service", "lan-dns")).toMatchObject({
      metadata: { annotations: { "metallb.io/loadBalancerIPs": "192.0.2.201,fd00:c0:ffee::201" } },
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        ipFamilyPolicy: "RequireDualStack",
        ipFamilies: ["IPv4", "IPv6"],
        ports: [
          { protocol: "UDP", port: 53, targetPort: 5353 },
          { protocol: "TCP", port: 53, targetPort: 5353 },
        ],
      },
    });
  });

  test("has one address in a home without IPv6", async () => {
    const single = await record(withLayers(home(host(1))));
    expect(inputsOf(single, "core/v1:Service", "lan-dns")).toMatchObject({
      metadata: { annotations: { "metallb.io/loadBalancerIPs": "192.0.2.201" } },
      spec: { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] },
    });
  });

  test("runs on every server, and a new version replaces a pod only once the next one answers", () => {
    const { spec } = inputsOf(all, "apps/v1:DaemonSet", "lan-dns");
    expect(at(spec, "updateStrategy.rollingUpdate")).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(at(spec, "template.spec")).toMatchObject({
      nodeSelector: { "node-role.kubernetes.io/control-plane": "true" },
      // It answers for 5 s after it has been told to end.
      terminationGracePeriodSeconds: 15,
      containers: [
        {
          image: config.versions.images.coredns,
          readinessProbe: { httpGet: { path: "/ready", port: 8181 } },
          livenessProbe: { httpGet: { path: "/health", port: 8080 } },
          securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } },
        },
      ],
    });
  });

  test("a changed name changes the ConfigMap and nothing else", async () => {
    const lanDns = { ...config.lanDns!, records: { nas: ["192.0.2.21"] } };
    const changed = await record({ ...config, lanDns });
    const different = changed.filter((one) => {
      const before = all.find(({ type, name }) => type === one.type && name === one.name);
      return JSON.stringify(before?.inputs) !== JSON.stringify(one.inputs);
    });
    expect(listed(different)).toEqual(["kubernetes:core/v1:ConfigMap lan-dns"]);
    expect(at(inputsOf(changed, "core/v1:ConfigMap", "lan-dns"), "data.zone")).toContain("nas IN A 192.0.2.21\n");
  });

  test("may ask the forwarders and nobody else", async () => {
    const lanDns = { ...config.lanDns!, forwarders: ["192.0.2.1", "2001:db8::53"] };
    const { spec } = inputsOf(await record({ ...config, lanDns }), "networking.k8s.io/v1:NetworkPolicy", "lan-dns");
    expect(spec).toMatchObject({
      policyTypes: ["Ingress", "Egress"],
      egress: [
        {
          to: [{ ipBlock: { cidr: "192.0.2.1/32" } }, { ipBlock: { cidr: "2001:db8::53/128" } }],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        // Not by name, but to be found and to find by IPv6.
        { to: [{ ipBlock: { cidr: "fe80::/10" } }, { ipBlock: { cidr: "ff02::/16" } }] },
      ],
    });
  });

  test("has no rule for neighbors if it speaks no IPv6", async () => {
    const { ipv4 } = config.lanDns!.address;
    const lanDns = { ...config.lanDns!, address: { ipv4 }, forwarders: ["192.0.2.1"] };
    const { spec } = inputsOf(await record({ ...config, lanDns }), "networking.k8s.io/v1:NetworkPolicy", "lan-dns");
    expect(at(spec, "egress")).toHaveLength(1);
  });
});
