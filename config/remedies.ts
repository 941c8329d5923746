/**
 * What each single field must look like, as an instruction. The key names the rule in tests/config/bad;
 * rules that relate several fields are in config/rules.ts.
 */
export const fieldRemedies = {
  section: "write a mapping; config/stack.schema.json and Pulumi.home.yaml show its keys",
  "dual-stack": "write a mapping with ipv4 and, for a dual-stack cluster, ipv6",
  domain: "write your home's DNS domain in lower case, such as home.example.org",
  "cluster-name": "write a short name of lower-case letters, digits and dashes, such as home",
  "k3s-version": "write a k3s release as upstream names it, such as v1.34.2+k3s1",
  switch: "write true or false",
  "join-timeout": "write whole seconds from 60 to 7200, such as 600",
  "drain-timeout": "write whole seconds from 10 to 7200, such as 300",
  "removed-servers": "write a list of the names of servers that left for good, such as [pi3]",
  "ipv4-cidr": "write an IPv4 network, such as 192.168.1.0/24",
  "ipv6-cidr": "write an IPv6 network, such as fd00:1234::/64",
  "ipv4-address": "write an IPv4 address, such as 192.168.1.11",
  "ipv6-address": "write an IPv6 address, such as fd00:1234::11",
  "virtual-router-id": "write a whole number from 1 to 255 that no other VRRP group in your LAN uses, such as 51",
  hosts: "write a list of hosts, each with name, role, address and hostKey",
  "host-name": "write a name of at most 63 lower-case letters, digits and inner dashes, such as pi1",
  role: "write server or agent",
  "host-key-text": "write the host's public key as one line of text (`npm run homelab -- scan` prints it)",
  user: "write the login name on the host, such as pi",
  port: "write sshd's TCP port, a whole number from 1 to 65535, such as 22",
  interface: "write the name of the network interface (`ip -br link` on the host), such as eth0",
  labels: "write a mapping of label names to texts (put values such as true or 1 into quotes)",
  "label-key": "write a label name such as rack or example.org/rack",
  "label-value":
    "write at most 63 letters, digits, dashes, dots and underscores, in quotes if it reads as a number or true/false",
  taints: "write a list of taints, such as [dedicated=storage:NoSchedule]",
  taint: "write key=value:Effect or key:Effect with the effect NoSchedule, PreferNoSchedule or NoExecute",
  "base-url": "write an http:// or https:// URL without user, query and fragment",
  sha256: "write the file's SHA-256 as 64 lower-case hex digits",
  "registry-mirrors": "write a mapping of registry hosts to lists of URLs, such as docker.io: [http://mirror:5000]",
  "registry-host": "write a registry's host name, with its port if it has one, such as docker.io",
  "mirror-urls": "write a list of at least one URL, such as [http://mirror:5000]",
} as const;

/** Name of a rule about a single field. */
export type FieldRule = keyof typeof fieldRemedies;

/** The rule whose remedy is `message`, if it is one of ours. */
export function fieldRuleOf(message: string): FieldRule | undefined {
  return (Object.keys(fieldRemedies) as FieldRule[]).find((rule) => fieldRemedies[rule] === message);
}
