/** Texts of the files that cloud-init reads on a host's first boot. Pure: nothing is read or written here. */
import { stringify } from "yaml";
import { parseNetwork } from "../config/addresses";
import type { HomelabConfig, HostConfig } from "../config/types";
import type { KeyPair } from "./key-pair";

export interface BootMediaPlan {
  readonly host: HostConfig;
  readonly config: Pick<HomelabConfig, "domain" | "hostSettings" | "network">;
  /** `TYPE BASE64` of the login's key. */
  readonly authorizedKey: string;
  /** Absent: the host makes its own at the first boot. */
  readonly hostKey?: KeyPair | undefined;
}

/** What the Pi's kernel must be told so that it accounts memory; as components/host/memory-cgroup.sh has it. */
const MEMORY_CGROUP = ["cgroup_enable=memory", "cgroup_memory=1"];

/**
 * Raspberry Pi OS makes host keys of its own at the first boot, in no order with cloud-init, and deletes what it finds first.
 * cloud-init writes the given key after its `bootcmd`.
 */
const KEEP_HOST_KEY = "systemctl disable --now regenerate_ssh_host_keys.service 2>/dev/null || true";

/**
 * The three files of cloud-init's NoCloud source, as Raspberry Pi OS (trixie and later) and Ubuntu read them from the boot
 * partition. https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
 */
export function cloudInitFiles(plan: BootMediaPlan): Record<"meta-data" | "network-config" | "user-data", string> {
  return {
    "user-data": `#cloud-config\n${stringify(userData(plan))}`,
    "meta-data": stringify({ "instance-id": `homelab-${plan.host.name}`, dsmode: "local" }),
    "network-config": stringify(networkConfig(plan)),
  };
}

function userData({ host, config, authorizedKey, hostKey }: BootMediaPlan): Record<string, unknown> {
  const { timezone } = config.hostSettings;
  const root = host.user === "root";
  const user = root
    ? { name: "root" }
    : { name: host.user, groups: ["sudo", "adm"], shell: "/bin/bash", sudo: "ALL=(ALL) NOPASSWD:ALL" };
  return {
    hostname: host.name,
    manage_etc_hosts: false,
    ...(timezone === undefined ? {} : { timezone }),
    users: [{ ...user, lock_passwd: true, ssh_authorized_keys: [authorizedKey] }],
    ...(root ? { disable_root: false } : {}),
    ssh_pwauth: false,
    ...(hostKey === undefined
      ? {}
      : {
          ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
          bootcmd: [["sh", "-c", KEEP_HOST_KEY]],
        }),
    // Raspberry Pi OS comes with sshd switched off.
    runcmd: [["systemctl", "enable", "--now", "ssh"]],
  };
}

/** Netplan's form, version 2. A static address needs a router; without one in the config DHCP must give the address out. */
function networkConfig({ host, config }: BootMediaPlan): Record<string, unknown> {
  const { gateway, lan } = config.network;
  const routers = [gateway?.ipv4, gateway?.ipv6].filter((address) => address !== undefined);
  const named = config.hostSettings.nameservers;
  const nameservers = named.length > 0 ? named : routers;
  const addresses = [
    ...(gateway?.ipv4 === undefined ? [] : [withPrefix(host.address, lan.ipv4)]),
    ...(host.ipv6 === undefined || lan.ipv6 === undefined ? [] : [withPrefix(host.ipv6, lan.ipv6)]),
  ];
  return {
    version: 2,
    ethernets: {
      [host.interface]: {
        dhcp4: gateway?.ipv4 === undefined,
        ...(addresses.length > 0 ? { addresses } : {}),
        ...(routers.length > 0 ? { routes: routers.map((via) => ({ to: "default", via })) } : {}),
        ...(nameservers.length > 0 ? { nameservers: { addresses: nameservers } } : {}),
      },
    },
  };
}

function withPrefix(address: string, cidr: string): string {
  const network = parseNetwork(cidr, cidr.includes(":") ? "ipv6" : "ipv4");
  if (network === undefined) throw new Error(`${cidr} is no network`);
  return `${address}/${network.prefixLength}`;
}

/** The Pi's kernel command line with the memory control group switched on; the same text if it was. */
export function commandLineWithMemory(text: string): string {
  const [line = ""] = text.split("\n");
  const words = line.trim().split(/\s+/);
  const missing = MEMORY_CGROUP.filter((word) => !words.includes(word));
  return missing.length === 0 ? text : `${[...words, ...missing].join(" ").trim()}\n`;
}
