import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { LanDnsConfig } from "../../config/layers";
import type { DualStack, HostConfig } from "../../config/types";
import { fixedAddresses } from "../network/fixed-addresses";
import { dnsPorts, fromCluster, toNeighbors } from "../workload/network-policy";
import { onServers, restrictedContainer, restrictedPod, serverTolerations } from "../workload/pod";
import { corefile, FILES_PATH, LAMEDUCK_SECONDS, PORTS, zoneFile } from "./corefile";
import { LAN_DNS } from "./names";

export interface LanDnsArgs {
  readonly settings: LanDnsConfig;
  readonly domain: string;
  /** Addresses of the ingress; absent if there is none. */
  readonly ingress?: DualStack | undefined;
  readonly apiVip: DualStack;
  readonly hosts: readonly HostConfig[];
  /** CoreDNS' image. */
  readonly image: string;
  /** Namespace, which exists already. */
  readonly namespace: pulumi.Input<string>;
}

const labels = { "app.kubernetes.io/name": LAN_DNS };

/**
 * The LAN's name server for the domain, at a fixed address of the load balancer: CoreDNS on every server.
 *
 * A changed name is a change of the ConfigMap alone. The servers read it anew by themselves, without missing a query,
 * within two minutes: restarting them instead would be sooner, but costs queries and shows in a preview as more than the
 * name that was changed. What they cannot read, they refuse, and go on with what they have.
 */
export class LanDns extends pulumi.ComponentResource {
  /** What the router's DHCP server is to hand out. */
  readonly addresses: DualStack;

  constructor(name: string, args: LanDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:dns:LanDns", name, {}, opts);
    const { settings, namespace } = args;
    const inside = { parent: this };

    const metadata = { namespace, name: LAN_DNS, labels };
    const files = new k8s.core.v1.ConfigMap(name, { metadata, data: filesOf(args) }, inside);
    const policy = new k8s.networking.v1.NetworkPolicy(name, { metadata, spec: policySpec(settings) }, inside);
    const servers = daemonSet(name, namespace, args.image, { ...inside, dependsOn: [files, policy] });
    new k8s.core.v1.Service(
      name,
      { metadata: serviceMetadata(namespace, settings.address), spec: serviceSpec(settings.address) },
      { ...inside, dependsOn: [servers] },
    );

    this.addresses = settings.address;
    this.registerOutputs({});
  }
}

function filesOf({ settings, domain, ...names }: LanDnsArgs): Record<string, string> {
  const { address: nameServer, records, forwarders } = settings;
  return {
    Corefile: corefile(domain, forwarders),
    zone: zoneFile({ ...names, domain, nameServer, records }),
  };
}

function daemonSet(
  name: string,
  namespace: pulumi.Input<string>,
  image: string,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.DaemonSet {
  return new k8s.apps.v1.DaemonSet(
    name,
    {
      metadata: { namespace, name: LAN_DNS, labels },
      spec: {
        selector: { matchLabels: labels },
        // The next server of a node answers before the one before it ends: a new version costs no query.
        updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels }, spec: podSpec(image) },
      },
    },
    opts,
  );
}

function podSpec(image: string): k8s.types.input.core.v1.PodSpec {
  return {
    nodeSelector: onServers,
    tolerations: serverTolerations,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // It must never ask the cluster's name server, which may ask it.
    dnsPolicy: "Default",
    securityContext: restrictedPod,
    terminationGracePeriodSeconds: LAMEDUCK_SECONDS + 10,
    containers: [
      {
        name: "coredns",
        image,
        args: ["-conf", `${FILES_PATH}/Corefile`],
        // Upstream's executable is marked with this capability: the kernel refuses to start it where that is withheld.
        securityContext: { ...restrictedContainer, capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } },
        ports: [
          { name: "dns-udp", containerPort: PORTS.dns, protocol: "UDP" },
          { name: "dns-tcp", containerPort: PORTS.dns, protocol: "TCP" },
          { name: "metrics", containerPort: PORTS.metrics },
        ],
        readinessProbe: { httpGet: { path: "/ready", port: PORTS.ready }, periodSeconds: 2 },
        livenessProbe: { httpGet: { path: "/health", port: PORTS.health }, timeoutSeconds: 5, failureThreshold: 5 },
        resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { cpu: "1", memory: "128Mi" } },
        volumeMounts: [{ name: "files", mountPath: FILES_PATH, readOnly: true }],
      },
    ],
    volumes: [{ name: "files", configMap: { name: LAN_DNS } }],
  };
}

function serviceMetadata(namespace: pulumi.Input<string>, address: DualStack): k8s.types.input.meta.v1.ObjectMeta {
  return { namespace, name: LAN_DNS, labels, annotations: fixedAddresses(address) };
}

/** One address for both protocols. `Local` leaves the client's address as it is and asks no second node. */
function serviceSpec({ ipv6 }: DualStack): k8s.types.input.core.v1.ServiceSpec {
  return {
    type: "LoadBalancer",
    selector: labels,
    externalTrafficPolicy: "Local",
    allocateLoadBalancerNodePorts: false,
    ...(ipv6 === undefined
      ? { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] }
      : { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] }),
    ports: [
      { name: "dns-udp", protocol: "UDP", port: 53, targetPort: PORTS.dns },
      { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: PORTS.dns },
    ],
  };
}

/** Anyone may ask for names; the servers ask nobody but the forwarders. The node's own health checks are always let in. */
function policySpec({ address, forwarders }: LanDnsConfig): k8s.types.input.networking.v1.NetworkPolicySpec {
  const isIpv6 = (forwarder: string): boolean => forwarder.includes(":");
  const speaksIpv6 = address.ipv6 !== undefined || forwarders.some(isIpv6);
  const blocks = forwarders.map((forwarder) => ({
    ipBlock: { cidr: `${forwarder}/${isIpv6(forwarder) ? 128 : 32}` },
  }));
  return {
    podSelector: { matchLabels: labels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: dnsPorts(PORTS.dns) }, fromCluster(PORTS.metrics)],
    egress: [{ to: blocks, ports: dnsPorts(53) }, ...toNeighbors(speaksIpv6)],
  };
}
