/**
 * The typed, frozen configuration that the program and the operations work with.
 * config/schema.ts describes what a person writes; `parseConfig` turns the one into the other.
 */
import type { Output } from "@pulumi/pulumi";
import type { HostSettingsConfig } from "./host-settings";
import type { LayersConfig } from "./layers";

/** A server runs the control plane and etcd, and workloads too; an agent runs workloads only. */
export type Role = "server" | "agent";

/** One value per address family. `ipv6` is set everywhere or nowhere in a configuration. */
export interface DualStack {
  readonly ipv4: string;
  readonly ipv6?: string | undefined;
}

/** Processor architectures that k3s is released for and that we install on. */
export type Architecture = "amd64" | "arm64";

/** One Raspberry Pi, with `homelab:defaults` already merged. */
export interface HostConfig {
  /** RFC 1123 label; also the host name and the name of the node. */
  readonly name: string;
  readonly role: Role;
  /** IPv4 address used for SSH and as node IP. */
  readonly address: string;
  /** IPv6 address (RFC 5952 form), set on every host of a dual-stack cluster. */
  readonly ipv6?: string | undefined;
  /** The host's public SSH key, `ssh-ed25519 AAAA…` or `ecdsa-sha2-nistp… AAAA…`, without a comment. */
  readonly hostKey: string;
  /** Login with passwordless sudo. @default "pi" */
  readonly user: string;
  /** TCP port of sshd. @default 22 */
  readonly port: number;
  /** Network interface that carries the API VIP and flannel. @default "eth0" */
  readonly interface: string;
  /** Node labels. @default {} */
  readonly labels: Readonly<Record<string, string>>;
  /** Node taints, `key=value:NoSchedule`. @default [] */
  readonly taints: readonly string[];
  /** Whole disks that are for data alone, `/dev/disk/by-id/…`. @default [] */
  readonly dataDisks: readonly string[];
}

/** Flags as k3s' config.yaml takes them: a flag's value, or several of it. https://docs.k3s.io/installation/configuration */
export type K3sFlags = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** `homelab:cluster`. */
export interface ClusterConfig {
  /** Constant identity of the cluster: RFC 1123 label, never changed once the cluster exists. */
  readonly name: string;
  /** k3s release, `v1.34.2+k3s1`. @default versions.k3s */
  readonly k3sVersion: string;
  /** `false` permits a single server. @default true */
  readonly highAvailability: boolean;
  /** The bundled local-path provisioner. @default true */
  readonly localStorage: boolean;
  /** The bundled metrics server. @default true */
  readonly metricsServer: boolean;
  /** Time limit of one node's join. @default 600 */
  readonly joinTimeoutSeconds: number;
  /** Time limit of one node's drain. @default 300 */
  readonly drainTimeoutSeconds: number;
  /** Servers that were taken out of the cluster for good: that their lines are missing is no mistake. @default [] */
  readonly removedServers: readonly string[];
  /** Which of the cluster's tokens holds: one more gives it a new one, never one less. @default 1 */
  readonly tokenGeneration: number;
  /** Flags of k3s beside those that homelab sets; a list's items are added to its own. @default none */
  readonly extraFlags: Readonly<Record<Role, K3sFlags>>;
}

/** `homelab:network`. */
export interface NetworkConfig {
  /** CIDRs of the LAN that the hosts are in. */
  readonly lan: DualStack;
  /** Addresses of the Kubernetes API that move between servers. */
  readonly apiVip: DualStack;
  /** VRRP virtual router id, 1 to 255, unique in the LAN. @default 51 */
  readonly virtualRouterId: number;
  /** @default 10.42.0.0/16 and, dual-stack, fd00:42::/56 */
  readonly podCidrs: DualStack;
  /** @default 10.43.0.0/16 and, dual-stack, fd00:43::/112 */
  readonly serviceCidrs: DualStack;
  /** The router's own addresses: nothing else has them, and hosts from boot-media have them as route and name server. */
  readonly gateway?: Partial<DualStack> | undefined;
  /** IPv4 addresses `A-B` that the router gives out by DHCP: only to check that nothing else has them. */
  readonly dhcpRange?: string | undefined;
}

/** `homelab:artifacts`: where hosts download from. */
export interface ArtifactsConfig {
  readonly k3s: {
    /** Folder that holds `<version>/k3s` as upstream's releases do; no slash at the end. @default the GitHub releases */
    readonly baseUrl: string;
    /** Pinned digests (64 hex digits); else the release's own `sha256sum-<arch>.txt` is trusted. @default {} */
    readonly sha256: Readonly<Partial<Record<Architecture, string | undefined>>>;
  };
  /** Registry host to mirror URLs, `"docker.io": ["http://mirror:5000"]`. @default {} */
  readonly registryMirrors: Readonly<Record<string, readonly string[]>>;
  /** One Helm repository (a folder with index.yaml) for all charts. @default each chart's own */
  readonly chartRepository?: string | undefined;
}

/** The whole configuration except secrets. */
export interface HomelabConfig extends LayersConfig {
  /**
   * DNS domain of the home, lower case, without a dot at the end. With a LAN DNS all names of it lead home in the LAN, so that
   * nothing else may use them.
   */
  readonly domain: string;
  readonly cluster: ClusterConfig;
  readonly network: NetworkConfig;
  readonly hosts: readonly HostConfig[];
  readonly hostSettings: HostSettingsConfig;
  readonly artifacts: ArtifactsConfig;
}

/** What the Pulumi program receives: the configuration and its flat secrets. */
export interface LoadedConfig extends HomelabConfig {
  /** Private key for SSH logins, OpenSSH or PEM text; always a secret output. */
  readonly sshPrivateKey: Output<string>;
  /** Token for DNS of the domain's zone at Cloudflare; a secret output. Set when an ACME issuer or public DNS needs it. */
  readonly cloudflareApiToken?: Output<string> | undefined;
}
