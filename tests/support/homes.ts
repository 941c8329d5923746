import type { AppConfig, LayersConfig } from "../../config/layers";
import type { DualStack, HostConfig, HomelabConfig, Role } from "../../config/types";
import { versions } from "../../config/versions";

/** A host as config/ yields it: pi1 is 192.0.2.11, and so on. */
export function host(number: number, role: Role = "server", more: Partial<HostConfig> = {}): HostConfig {
  return {
    name: `pi${number}`,
    role,
    address: `192.0.2.${10 + number}`,
    hostKey: `ssh-ed25519 key-of-pi${number}`,
    user: "pi",
    port: 22,
    interface: "eth0",
    labels: {},
    taints: [],
    dataDisks: [],
    ...more,
  };
}

/** A home with these hosts and no IPv6. */
export function home(...hosts: readonly HostConfig[]): HomelabConfig {
  return {
    domain: "home.test",
    cluster: {
      name: "home",
      k3sVersion: "v1.25.4+k3s1",
      highAvailability: true,
      localStorage: true,
      metricsServer: true,
      joinTimeoutSeconds: 600,
      drainTimeoutSeconds: 300,
      removedServers: [],
      tokenGeneration: 1,
      extraFlags: { server: {}, agent: {} },
    },
    network: {
      lan: { ipv4: "192.0.2.0/24" },
      apiVip: { ipv4: "192.0.2.10" },
      virtualRouterId: 51,
      podCidrs: { ipv4: "10.42.0.0/16" },
      serviceCidrs: { ipv4: "10.43.0.0/16" },
    },
    hosts,
    hostSettings: {
      minimumServerMemoryMiB: 1700,
      fsyncLimitMilliseconds: 100,
      nameservers: [],
      journalMaxMiB: 200,
      trim: true,
      watchdogSeconds: 15,
      securityUpdates: true,
      protectKernelDefaults: false,
      shutdownGraceSeconds: 30,
      imageGc: { highPercent: 80, lowPercent: 70 },
      sshHardening: true,
    },
    artifacts: { k3s: { baseUrl: "https://releases.example/k3s", sha256: {} }, registryMirrors: {} },
    apps: {},
    versions: { charts: versions.charts, images: versions.images },
    trustedCAs: [],
  };
}

/** The same home with IPv6 beside IPv4: pi1 is fd00:c0:ffee::11. */
export function dualStackHome(...hosts: readonly HostConfig[]): HomelabConfig {
  const single = home(...hosts.map((one) => ({ ...one, ipv6: `fd00:c0:ffee::${one.address.split(".")[3]}` })));
  return {
    ...single,
    network: {
      ...single.network,
      lan: { ipv4: "192.0.2.0/24", ipv6: "fd00:c0:ffee::/64" },
      apiVip: { ipv4: "192.0.2.10", ipv6: "fd00:c0:ffee::10" },
      podCidrs: { ipv4: "10.42.0.0/16", ipv6: "fd00:42::/56" },
      serviceCidrs: { ipv4: "10.43.0.0/16", ipv6: "fd00:43::/112" },
    },
  };
}

/** The same home with every layer on, addresses as in the sandbox; with IPv6 halves if the home's LAN has one. */
export function withLayers(base: HomelabConfig, more: Partial<LayersConfig> = {}): HomelabConfig {
  const dual = base.network.lan.ipv6 !== undefined;
  const both = (last: number): DualStack => ({
    ipv4: `192.0.2.${last}`,
    ...(dual && { ipv6: `fd00:c0:ffee::${last}` }),
  });
  const ranges = (first: number, last: number): string[] => [
    `192.0.2.${first}-192.0.2.${last}`,
    ...(dual ? [`fd00:c0:ffee::${first}-fd00:c0:ffee::${last}`] : []),
  ];
  return {
    ...base,
    loadBalancer: {
      pools: [
        { name: "default", addresses: ranges(202, 219), autoAssign: true, namespaces: [] },
        { name: "fixed", addresses: ranges(200, 201), autoAssign: false, namespaces: ["traefik", "dns"] },
      ],
      interfaces: ["eth0"],
      nodeSelector: {},
    },
    ingress: { address: both(200), dashboard: true },
    certificates: {
      issuer: "production",
      email: "admin@home.test",
      acme: { server: "https://acme.sandbox.test:14000/dir" },
      recursiveNameservers: ["192.0.2.1:53"],
      issuanceTimeoutSeconds: 600,
    },
    lanDns: { address: both(201), forwarders: ["192.0.2.1"], records: { nas: ["192.0.2.20"] } },
    publicDns: {
      names: ["@", "whoami"],
      addressSources: {
        ipv4: ["https://ipv4-a.sandbox.test/", "https://ipv4-b.sandbox.test/"],
        ipv6: dual ? ["https://ipv6-a.sandbox.test/", "https://ipv6-b.sandbox.test/"] : [],
      },
    },
    apps: { whoami: app("whoami") },
    ...more,
  };
}

/** An app that everyone reaches, behind nothing. */
export function app(subdomain: string, more: Partial<AppConfig> = {}): AppConfig {
  return { subdomain, access: "everyone", certificate: "wildcard", middlewares: { basicAuth: false }, ...more };
}
