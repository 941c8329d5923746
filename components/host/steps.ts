import { createHash } from "node:crypto";
import type { HostConfig } from "../../config/types";
import { renderScript, shellFile } from "../script/script";

const file = (name: string): string => shellFile(__dirname, name);

/** Packages on every node: what fetches the k3s artifact, what kube-proxy and flannel call, what signs certificates. */
const NODE_PACKAGES = ["ca-certificates", "conntrack", "curl", "ipset", "iptables", "openssl"];

/** Packages of the API's virtual address; only servers carry it. */
const SERVER_PACKAGES = ["keepalived"];

/** What k3s, flannel's vxlan back end and kube-proxy ask of the kernel. https://docs.k3s.io/installation/requirements */
const MODULES = ["br_netfilter", "overlay", "vxlan"];

/** Every parameter here belongs to the host's own network namespace. */
const SYSCTLS = {
  "net.bridge.bridge-nf-call-ip6tables": 1,
  "net.bridge.bridge-nf-call-iptables": 1,
  "net.ipv4.ip_forward": 1,
};

/** IPv6 forwarding stops a kernel from taking router advertisements; `accept_ra = 2` keeps them. */
const IPV6_SYSCTLS = (interfaceName: string): Record<string, number> => ({
  "net.ipv6.conf.all.forwarding": 1,
  [`net.ipv6.conf.${interfaceName}.accept_ra`]: 2,
});

/** Waits for SSH and cloud-init, and looks whether this is a supported machine with the configured addresses. */
export function readyScript(host: HostConfig): string {
  const parameters = { interface: host.interface, addresses: addressesOf(host) };
  return renderScript({ step: "ready", files: [file("ready.sh")], parameters });
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
  return renderScript({ step: "packages", files: [file("packages.sh")], parameters: { packages } });
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
export function kernelScript(host: HostConfig): string {
  const sysctls = host.ipv6 === undefined ? SYSCTLS : { ...SYSCTLS, ...IPV6_SYSCTLS(host.interface) };
  const lines = Object.entries(sysctls).map(([key, value]) => `${key} = ${value}`);
  return renderScript({
    step: "kernel",
    files: [file("kernel.sh")],
    parameters: { modules: MODULES, sysctls: lines.join("\n") },
  });
}

/** Turns the memory control group on in the Pi's boot command line, and reboots only if that changed what is in effect. */
export function memoryCgroupScript(): string {
  return renderScript({ step: "memory-cgroup", files: [file("memory-cgroup-effective.sh"), file("memory-cgroup.sh")] });
}

/** Waits for the host to be back and refuses to go on unless the memory control group is really in effect. */
export function verifiedScript(): string {
  return renderScript({ step: "verified", files: [file("memory-cgroup-effective.sh"), file("verified.sh")] });
}

function addressesOf(host: HostConfig): string[] {
  return host.ipv6 === undefined ? [host.address] : [host.address, host.ipv6];
}
