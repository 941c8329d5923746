import { createHash } from "node:crypto";
import { addressText, parseNetwork, type Family } from "../../config/addresses";
import type { DualStack, HomelabConfig, HostConfig } from "../../config/types";
import { renderScript, shellFile } from "../script/script";

const file = (name: string): string => shellFile(__dirname, name);

/** The part of the configuration that the preparation of a host depends on. */
export type HostPreparation = Pick<HomelabConfig, "artifacts" | "hostSettings" | "lanDns" | "network">;

/** Packages on every node: what fetches the k3s artifact, what kube-proxy and flannel call, what signs certificates. */
const NODE_PACKAGES = ["ca-certificates", "conntrack", "curl", "ipset", "iptables", "openssl"];

/** Packages of the API's virtual address; only servers carry it. */
const SERVER_PACKAGES = ["keepalived"];

/** What k3s, flannel's vxlan back end and kube-proxy ask of the kernel. https://docs.k3s.io/installation/requirements */
const MODULES = ["br_netfilter", "overlay", "vxlan"];

/** The kernel of Debian 11; older ones lack what containerd's snapshotter and the memory controller's limits build on. */
const OLDEST_KERNEL = "5.10";

/** k3s's own minimum for an agent is 512 MiB, of which firmware and kernel keep a part. */
const AGENT_MEMORY_MIB = 400;

/** k3s, its images and a first few of the home's; in MiB. */
const FREE_DISK_MIB = 1536;

/** Every parameter here belongs to the host's own network namespace. */
const SYSCTLS = {
  "net.bridge.bridge-nf-call-ip6tables": 1,
  "net.bridge.bridge-nf-call-iptables": 1,
  "net.ipv4.ip_forward": 1,
};

/**
 * IPv6 forwarding stops a kernel from taking router advertisements; `accept_ra = 2` keeps them. Behind a first slash the dots
 * of `eth0.20` are a name's. https://www.freedesktop.org/software/systemd/man/sysctl.d.html
 */
const IPV6_SYSCTLS = (interfaceName: string): Record<string, number> => ({
  "net.ipv6.conf.all.forwarding": 1,
  [`net/ipv6/conf/${interfaceName}/accept_ra`]: 2,
});

/** What the kubelet insists on with `protect-kernel-defaults`. https://docs.k3s.io/security/hardening-guide */
const KUBELET_SYSCTLS = {
  "kernel.keys.root_maxbytes": 25000000,
  "kernel.keys.root_maxkeys": 1000000,
  "kernel.panic": 10,
  "kernel.panic_on_oops": 1,
  "vm.overcommit_memory": 1,
  "vm.panic_on_oom": 0,
};

/** Sees, as the user of the login, that it becomes root without a password. */
export function loginScript(): string {
  return renderScript({ step: "login", files: [file("login.sh")] });
}

/** Waits for SSH, cloud-init and dpkg, and looks whether this is a supported machine with the configured addresses. */
export function readyScript(host: HostConfig): string {
  const parameters = { interface: host.interface, addresses: addressesOf(host), dpkg_wait_seconds: 600 };
  return renderScript({ step: "ready", files: [file("ready.sh")], parameters });
}

/** Refuses a host that cannot carry its role: operating system, kernel, memory, disk, control groups, name servers. */
export function factsScript(host: HostConfig, settings: HostPreparation): string {
  const { minimumServerMemoryMiB } = settings.hostSettings;
  return renderScript({
    step: "facts",
    files: [file("resolvers.sh"), file("facts.sh")],
    parameters: {
      role: host.role,
      oldest_kernel: OLDEST_KERNEL,
      minimum_memory_mib: host.role === "server" ? minimumServerMemoryMiB : AGENT_MEMORY_MIB,
      minimum_free_mib: FREE_DISK_MIB,
      cluster_addresses: clusterAddresses(settings),
    },
  });
}

/**
 * On servers: measures once how long a write to etcd's disk takes, and refuses a disk that is too slow.
 * https://etcd.io/docs/v3.5/op-guide/hardware/#disks
 */
export function diskLatencyScript({ hostSettings }: HostPreparation): string {
  return renderScript({
    step: "disk-latency",
    files: [file("disk-latency.sh")],
    parameters: { limit_milliseconds: hostSettings.fsyncLimitMilliseconds, samples: 250, longest_seconds: 60 },
  });
}

/** Sees to a client for network time and waits, for a limited time, until it has found a server. */
export function timeScript({ artifacts }: HostPreparation): string {
  return renderScript({
    step: "time",
    files: [file("container.sh"), file("apt.sh"), file("time.sh")],
    parameters: { clock_reference: artifacts.k3s.baseUrl, sync_wait_seconds: 90, largest_offset_seconds: 30 },
  });
}

/** Sets the host name and its line in /etc/hosts. */
export function hostnameScript(host: HostConfig): string {
  const parameters = {
    host_name: host.name,
    hosts_lines: addressesOf(host)
      .map((address) => `${address} ${host.name}`)
      .join("\n"),
  };
  return renderScript({ step: "hostname", files: [file("hostname.sh")], parameters });
}

/** Installs the Debian packages that this role needs and that are missing. */
export function packagesScript(host: HostConfig): string {
  const packages = host.role === "server" ? [...NODE_PACKAGES, ...SERVER_PACKAGES] : NODE_PACKAGES;
  return renderScript({ step: "packages", files: [file("apt.sh"), file("packages.sh")], parameters: { packages } });
}

/**
 * Lets the host's system trust these PEM certificates, and no longer those of an earlier configuration: with none left it
 * still has something to take away.
 */
export function trustedCAsScript(trustedCAs: readonly string[]): string {
  const certificates = [...new Set(trustedCAs.map((pem) => pem.trim()))].sort();
  const names = certificates.map(
    (pem) => `homelab-trusted-${createHash("sha256").update(pem).digest("hex").slice(0, 16)}.crt`,
  );
  return renderScript({ step: "trusted-cas", files: [file("trusted-cas.sh")], parameters: { names, certificates } });
}

/** Loads kernel modules and sets kernel parameters, now and at every boot. */
export function kernelScript(host: HostConfig, { hostSettings }: HostPreparation): string {
  const sysctls = {
    ...SYSCTLS,
    ...(host.ipv6 === undefined ? {} : IPV6_SYSCTLS(host.interface)),
    ...(hostSettings.protectKernelDefaults ? KUBELET_SYSCTLS : {}),
  };
  const lines = Object.entries(sysctls).map(([key, value]) => `${key} = ${value}`);
  return renderScript({
    step: "kernel",
    files: [file("kernel.sh")],
    parameters: { modules: MODULES, sysctls: lines.join("\n") },
  });
}

/** Switches swap off, now and at every boot, whatever switched it on. */
export function swapScript(): string {
  const parameters = { rpi_swap: "[Main]\nMechanism=none" };
  return renderScript({ step: "swap", files: [file("container.sh"), file("swap.sh")], parameters });
}

/** Turns the memory control group on in the Pi's boot command line, and reboots only if that changed what is in effect. */
export function memoryCgroupScript(): string {
  return renderScript({ step: "memory-cgroup", files: [file("memory-cgroup-effective.sh"), file("memory-cgroup.sh")] });
}

/** Waits for the host to be back and refuses to go on unless the memory control group is really in effect. */
export function verifiedScript(): string {
  return renderScript({ step: "verified", files: [file("memory-cgroup-effective.sh"), file("verified.sh")] });
}

/** Addresses at which name servers inside the cluster answer, or may: no host may resolve by them. */
export function clusterAddresses({ lanDns, network }: Pick<HomelabConfig, "lanDns" | "network">): string[] {
  const both = ({ ipv4, ipv6 }: DualStack): string[] => (ipv6 === undefined ? [ipv4] : [ipv4, ipv6]);
  const clusterDns = (cidr: string | undefined, family: Family): string[] => {
    const services = cidr === undefined ? undefined : parseNetwork(cidr, family);
    return services === undefined ? [] : [addressText(services.base + 10n, family)];
  };
  const { ipv4, ipv6 } = network.serviceCidrs;
  return [
    ...both(network.apiVip),
    ...clusterDns(ipv4, "ipv4"),
    ...clusterDns(ipv6, "ipv6"),
    ...(lanDns === undefined ? [] : both(lanDns.address)),
  ];
}

function addressesOf(host: HostConfig): string[] {
  return host.ipv6 === undefined ? [host.address] : [host.address, host.ipv6];
}
