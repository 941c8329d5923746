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
  "token-generation": "write a whole number from 1 to 100, one more than before to give the cluster a new token",
  "k3s-flags": "write a mapping of k3s' flags to their values, such as kubelet-arg: [max-pods=200]",
  "k3s-flag": "write a flag's name as in k3s' config.yaml, without dashes before it, such as kubelet-arg",
  "k3s-flag-value": "write a text, a whole number, true, false, or a list of texts",
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
  "data-disks": "write a list of disks, such as [/dev/disk/by-id/ata-Samsung_SSD_870_S6PTNM0R]",
  "data-disk":
    "write a whole disk (no -part1) below /dev/disk/by-id: `ls -l /dev/disk/by-id` on the host shows their names",
  taints: "write a list of taints, such as [dedicated=storage:NoSchedule]",
  taint: "write key=value:Effect or key:Effect with the effect NoSchedule, PreferNoSchedule or NoExecute",
  "base-url": "write an http:// or https:// URL without user, query and fragment",
  sha256: "write the file's SHA-256 as 64 lower-case hex digits",
  "registry-mirrors": "write a mapping of registry hosts to lists of URLs, such as docker.io: [http://mirror:5000]",
  "registry-host": "write a registry's host name, with its port if it has one, such as docker.io",
  gateway: "write a mapping with the router's ipv4 or ipv6 address, such as { ipv4: 192.168.1.1 }",
  "dhcp-range":
    "write the IPv4 addresses that the router gives out, lower one first, such as 192.168.1.100-192.168.1.199",
  "ip-address": "write an IPv4 or IPv6 address, such as 192.168.1.20",
  "https-url": "write an https:// URL without user and fragment",
  pem: "write certificates in PEM form (BEGIN CERTIFICATE … END CERTIFICATE), whole, as text of several lines (|)",
  "trusted-cas": "write a list of PEM certificates, each as text of several lines (|)",
  pools: "write a list of at least one address pool, each with name and addresses",
  "pool-name": "write a name of at most 63 lower-case letters, digits and inner dashes, such as default",
  "pool-addresses": "write a list of at least one range or CIDR, such as [192.168.1.200-192.168.1.219]",
  "address-range":
    "write a range of one family, lower address first, such as 192.168.1.200-192.168.1.219, or a CIDR without host bits, such as 192.168.1.208/28",
  namespaces: "write a list of namespaces, such as [apps]",
  namespace: "write a namespace's name, such as apps",
  interfaces: "write a list of at least one network interface, such as [eth0]",
  issuer: "write staging, production or internal",
  email: "write an e-mail address that you read, such as you@example.org",
  nameservers: "write a list of at least one name server, such as [1.1.1.1:53]",
  nameserver: "write address and port, such as 1.1.1.1:53 or [2606:4700:4700::1111]:53",
  "issuance-timeout": "write whole seconds from 180 to 7200, such as 600",
  forwarders: "write a list of at least one address, such as [1.1.1.1, 9.9.9.9]",
  records: "write a mapping of names to lists of addresses, such as nas: [192.168.1.20]",
  "record-name": "write a name below the domain in lower case, without the domain, such as nas",
  "record-addresses": "write a list of at least one address, such as [192.168.1.20]",
  "public-names": 'write a list of at least one name, such as ["@", whoami]',
  "public-name":
    'write a name below the domain in lower case, without the domain; "@" is the domain itself, "*" all names',
  "address-sources": "write a list of https:// URLs that answer with the caller's address as text",
  subdomain: "write one label of at most 63 lower-case letters, digits and inner dashes, such as whoami",
  access: "write everyone or lan",
  certificate: "write wildcard or own",
  "path-prefix": "write a path that starts with a slash, such as /api",
  "path-regex":
    "write a regular expression as Go's RE2 takes it (no look-around, no back references), such as ^/old/(.*)",
  "path-replacement": "write the new path, such as /new/$1",
  "hsts-seconds": "write whole seconds from 0 (off) to 63072000 (two years), such as 31536000",
  "requests-per-second": "write a whole number from 1 to 10000, such as 20",
  "chart-version": "write the chart's version as its repository names it, such as 1.2.3 or v1.2.3",
  image: "write an image with registry and tag (not latest), such as docker.io/library/node:24.21.0-alpine",
  "minimum-memory": "write whole MiB from 512 to 65536, such as 1700",
  "fsync-limit": "write whole milliseconds from 1 to 10000, such as 100",
  "host-nameservers": "write a list of addresses of name servers outside the cluster, such as [192.168.1.1]",
  timezone: "write a time zone's name (`timedatectl list-timezones`), such as Europe/Berlin",
  "journal-size": "write whole MiB from 0 (left to systemd) to 65536, such as 200",
  watchdog: "write whole seconds from 0 (off) to 600, such as 15, the most that a Raspberry Pi takes",
  "shutdown-grace": "write whole seconds from 0 (off) to 600, such as 30",
  percent: "write a whole number from 1 to 100, such as 80",
  "mirror-urls": "write a list of at least one URL, such as [http://mirror:5000]",
} as const;

/** Name of a rule about a single field. */
export type FieldRule = keyof typeof fieldRemedies;

/** The rule whose remedy is `message`, if it is one of ours. */
export function fieldRuleOf(message: string): FieldRule | undefined {
  return (Object.keys(fieldRemedies) as FieldRule[]).find((rule) => fieldRemedies[rule] === message);
}
