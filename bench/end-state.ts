import { shellQuote } from "../components/script/script";
import type { Lab } from "../tests/sandbox/lab";

/** What differs between any two hosts, or is made anew for each cluster. */
const OWN = [
  "/etc/ssh/ssh_host_*",
  "/etc/machine-id",
  "/etc/keepalived/api-check.*",
  "/etc/rancher/k3s/k3s.yaml",
  "/etc/rancher/k3s/token",
  "/etc/rancher/node/*",
  "/var/lib/homelab/disk-latency",
];

/** Packages, and files with mode and checksum, of all places where a bring-up leaves some: one line each, sorted. */
export async function endState(lab: Lab, host: string): Promise<string[]> {
  const others = OWN.map((pattern) => `! -path ${shellQuote(pattern)}`).join(" ");
  const files = `find /etc /usr/local /var/lib/homelab -type f ${others}`;
  const script = `dpkg-query --show; ${files} -exec sha256sum {} + -exec stat -c '%a %U %n' {} +`;
  return (await lab.ssh(host, `sudo bash -c ${shellQuote(script)}`)).split("\n").sort();
}

/** Lines that only one of two states has, with the side that has them; empty if both are the same. */
export function differences(ours: readonly string[], floor: readonly string[]): string[] {
  const only = (one: readonly string[], other: readonly string[], label: string): string[] => {
    const known = new Set(other);
    return one.filter((line) => !known.has(line)).map((line) => `${label}: ${line}`);
  };
  return [...only(ours, floor, "only ours"), ...only(floor, ours, "only the floor's")];
}
