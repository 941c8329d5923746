import type { HostConfig, HomelabConfig, Role } from "../../config/types";

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
    },
    network: {
      lan: { ipv4: "192.0.2.0/24" },
      apiVip: { ipv4: "192.0.2.10" },
      virtualRouterId: 51,
      podCidrs: { ipv4: "10.42.0.0/16" },
      serviceCidrs: { ipv4: "10.43.0.0/16" },
    },
    hosts,
    artifacts: { k3s: { baseUrl: "https://releases.example/k3s", sha256: {} }, registryMirrors: {} },
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
