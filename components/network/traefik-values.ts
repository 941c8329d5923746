/**
 * Values of Traefik's chart. https://github.com/traefik/traefik-helm-chart/blob/v41.3.0/traefik/VALUES.md
 * Only what differs from the chart's defaults, or what a layer above relies on; docs/network-values.md says how it was checked.
 */
import type { IngressConfig } from "../../config/layers";
import type { DualStack } from "../../config/types";
import { onServers, restrictedContainer, restrictedPod, serverTolerations } from "../workload/pod";
import { fixedAddresses } from "./fixed-addresses";

/** Traefik's namespace; also the name of its release, its Service, its DaemonSet and its IngressClass. */
export const TRAEFIK = "traefik";

/** Name of the Middleware, in Traefik's namespace, that every HTTPS router has in front of its own ones. */
export const RETRY_MIDDLEWARE = "retry";

/** Ports of the container: it runs without privileges, so the Service maps 80 and 443 to them. */
export const CONTAINER_PORTS = { web: 8000, websecure: 8443, metrics: 9100 } as const;

/**
 * A pod that has to go takes requests for 10 s more, since announcements and endpoints follow later, and gives those that
 * run 40 s to end; Kubernetes kills it after 60 s (the chart's default).
 */
const lifeCycle = { requestAcceptGraceTimeout: "10s", graceTimeOut: "40s" };

/** Answers only once Traefik has read its routes from the cluster; until then it would answer 404 to everything. */
const READY_PATH = "/ready";

/** Renders the chart's values. */
export function traefikValues({ address, dashboard }: IngressConfig): Record<string, unknown> {
  return {
    deployment: { kind: "DaemonSet", readinessPath: READY_PATH },
    nodeSelector: onServers,
    tolerations: serverTolerations,
    // The new pod is ready on its node before the old one ends, so that the addresses stay where they are announced.
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    readinessProbe: { periodSeconds: 3, failureThreshold: 3 },
    resources: { requests: { cpu: "100m", memory: "96Mi" }, limits: { cpu: "2", memory: "256Mi" } },
    podSecurityContext: restrictedPod,
    securityContext: restrictedContainer,
    service: { annotations: fixedAddresses(address), spec: serviceSpec(address) },
    ingressClass: { enabled: true, isDefaultClass: true, name: TRAEFIK },
    providers: {
      kubernetesIngress: { allowExternalNameServices: false, publishedService: { enabled: true } },
      kubernetesCRD: { allowExternalNameServices: false, allowCrossNamespace: false },
    },
    ports: {
      web: {
        port: CONTAINER_PORTS.web,
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
        transport: { lifeCycle },
      },
      websecure: {
        port: CONTAINER_PORTS.websecure,
        // Without a default, routers would listen on every port, the one of the metrics among them.
        asDefault: true,
        http: { middlewares: [`${TRAEFIK}-${RETRY_MIDDLEWARE}@kubernetescrd`], tls: { enabled: true } },
        transport: { lifeCycle },
      },
      metrics: { port: CONTAINER_PORTS.metrics },
    },
    api: { dashboard },
    ingressRoute: { healthcheck: { enabled: true, matchRule: `Path(\`${READY_PATH}\`)` } },
    accessLog: { enabled: true, format: "json" },
    metrics: { prometheus: { entryPoint: "metrics", addRoutersLabels: true } },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    // The pods of a dead node stay endpoints for about half a minute. A connection attempt must not wait 30 s for one of them,
    // when a pod in the same house answers in milliseconds; and a request on a connection kept from before would wait for
    // ever: without such, each finds out and goes to the next pod.
    additionalArguments: [
      "--serversTransport.forwardingTimeouts.dialTimeout=500ms",
      "--serversTransport.maxIdleConnsPerHost=-1",
    ],
  };
}

/** `Local` keeps the client's address; node ports would be a second way in. */
function serviceSpec({ ipv6 }: DualStack): Record<string, unknown> {
  return {
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    ipFamilyPolicy: ipv6 === undefined ? "SingleStack" : "PreferDualStack",
    allocateLoadBalancerNodePorts: false,
  };
}
