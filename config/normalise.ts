/** From settings that the schema took to the configuration that the program works with: defaults, canonical texts. */
import { canonicalAddress } from "./addresses";
import { canonicalAnyAddress, canonicalCidrs, canonicalPair, withoutSlash } from "./canonical";
import { parseHostKey } from "./host-key";
import { normaliseLayers } from "./normalise-layers";
import { parseRange } from "./ranges";
import type { HomelabSettings } from "./schema";
import type { ArtifactsConfig, HomelabConfig, HostConfig, NetworkConfig } from "./types";

export function normalise(settings: HomelabSettings): HomelabConfig {
  const hosts = settings.hosts.map((host) => normaliseHost(host, settings.defaults));
  return {
    domain: settings.domain,
    cluster: settings.cluster,
    network: normaliseNetwork(settings.network),
    hosts,
    hostSettings: {
      ...settings.hostSettings,
      nameservers: settings.hostSettings.nameservers.map(canonicalAnyAddress),
    },
    artifacts: normaliseArtifacts(settings.artifacts),
    ...normaliseLayers(settings, hosts),
  };
}

function normaliseNetwork(network: HomelabSettings["network"]): NetworkConfig {
  const dual = network.lan.ipv6 !== undefined;
  const { gateway, dhcpRange } = network;
  return {
    lan: canonicalCidrs(network.lan),
    apiVip: canonicalPair(network.apiVip),
    virtualRouterId: network.virtualRouterId,
    podCidrs: canonicalCidrs(network.podCidrs ?? { ipv4: "10.42.0.0/16", ...(dual && { ipv6: "fd00:42::/56" }) }),
    serviceCidrs: canonicalCidrs(
      network.serviceCidrs ?? { ipv4: "10.43.0.0/16", ...(dual && { ipv6: "fd00:43::/112" }) },
    ),
    ...(gateway !== undefined && {
      gateway: {
        ...(gateway.ipv4 !== undefined && { ipv4: gateway.ipv4 }),
        ...(gateway.ipv6 !== undefined && { ipv6: canonicalAddress(gateway.ipv6, "ipv6") }),
      },
    }),
    ...(dhcpRange !== undefined && { dhcpRange: parseRange(dhcpRange)?.text }),
  };
}

function normaliseHost(host: HomelabSettings["hosts"][number], defaults: HomelabSettings["defaults"]): HostConfig {
  return {
    name: host.name,
    role: host.role,
    address: host.address,
    ...(host.ipv6 !== undefined && { ipv6: canonicalAddress(host.ipv6, "ipv6") }),
    hostKey: parseHostKey(host.hostKey).text,
    user: host.user ?? defaults.user,
    port: host.port ?? defaults.port,
    interface: host.interface ?? defaults.interface,
    labels: host.labels,
    taints: host.taints,
    dataDisks: host.dataDisks,
  };
}

function normaliseArtifacts(artifacts: HomelabSettings["artifacts"]): ArtifactsConfig {
  const { k3s, registryMirrors, chartRepository } = artifacts;
  return {
    k3s: { baseUrl: withoutSlash(k3s.baseUrl), sha256: k3s.sha256 },
    registryMirrors,
    ...(chartRepository !== undefined && { chartRepository: withoutSlash(chartRepository) }),
  };
}
