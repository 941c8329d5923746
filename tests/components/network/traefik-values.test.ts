import { traefikValues } from "../../../components/network/traefik-values";

const dual = { ipv4: "192.0.2.200", ipv6: "fd00:c0:ffee::200" };
const values = traefikValues({ address: dual, dashboard: true });

test("gives the Service its addresses, keeps the client's address and opens no node ports", () => {
  expect(values["service"]).toEqual({
    annotations: { "metallb.io/loadBalancerIPs": "192.0.2.200,fd00:c0:ffee::200" },
    spec: {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      ipFamilyPolicy: "PreferDualStack",
      allocateLoadBalancerNodePorts: false,
    },
  });
});

test("a home without IPv6 gets a Service of one family", () => {
  const { service } = traefikValues({ address: { ipv4: "192.0.2.200" }, dashboard: true });
  expect(service).toMatchObject({
    annotations: { "metallb.io/loadBalancerIPs": "192.0.2.200" },
    spec: { ipFamilyPolicy: "SingleStack" },
  });
});

test("runs on every server, whatever a server's taints", () => {
  expect(values).toMatchObject({
    deployment: { kind: "DaemonSet" },
    nodeSelector: { "node-role.kubernetes.io/control-plane": "true" },
    tolerations: [
      { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
      { key: "CriticalAddonsOnly", operator: "Exists" },
    ],
  });
});

test("an upgrade starts the new pod before the old one ends, which goes on taking requests for a while", () => {
  const transport = { lifeCycle: { requestAcceptGraceTimeout: "10s", graceTimeOut: "40s" } };
  expect(values).toMatchObject({
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    ports: { web: { transport }, websecure: { transport } },
  });
});

test("a pod is ready only when its routes are read: the probe asks for a route", () => {
  expect(values).toMatchObject({
    deployment: { readinessPath: "/ready" },
    ingressRoute: { healthcheck: { enabled: true, matchRule: "Path(`/ready`)" } },
  });
});

test("HTTP is sent to HTTPS for good; routers are behind TLS and retry by default", () => {
  expect(values["ports"]).toMatchObject({
    web: { port: 8000, http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } } },
    websecure: {
      port: 8443,
      asDefault: true,
      http: { middlewares: ["traefik-retry@kubernetescrd"], tls: { enabled: true } },
    },
  });
});

test("gives a silent pod up after two seconds, each request for itself", () => {
  expect(values["additionalArguments"]).toEqual([
    "--serversTransport.forwardingTimeouts.dialTimeout=500ms",
    "--serversTransport.maxIdleConnsPerHost=-1",
  ]);
});

test("is the default IngressClass, writes its addresses into each Ingress, and takes no names outside the cluster", () => {
  expect(values).toMatchObject({
    ingressClass: { enabled: true, isDefaultClass: true, name: "traefik" },
    providers: {
      kubernetesIngress: { allowExternalNameServices: false, publishedService: { enabled: true } },
      kubernetesCRD: { allowExternalNameServices: false, allowCrossNamespace: false },
    },
  });
});

test("logs requests as JSON and has metrics per route", () => {
  expect(values).toMatchObject({
    accessLog: { enabled: true, format: "json" },
    metrics: { prometheus: { entryPoint: "metrics", addRoutersLabels: true } },
  });
});

test("fits a namespace that takes only restricted pods, within limits", () => {
  expect(values).toMatchObject({
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    resources: { requests: { memory: "96Mi" }, limits: { memory: "256Mi" } },
  });
});

test("the dashboard can be switched off", () => {
  expect(values["api"]).toEqual({ dashboard: true });
  expect(traefikValues({ address: dual, dashboard: false })["api"]).toEqual({ dashboard: false });
});
