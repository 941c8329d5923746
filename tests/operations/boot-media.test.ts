import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { utils } from "ssh2";
import { parse, stringify } from "yaml";
import { parseHostKey } from "../../config/host-key";
import { bootMedia } from "../../operations/boot-media";
import { commandLineWithMemory } from "../../operations/boot-media-files";
import { publicHalf } from "../../operations/key-pair";
import { dualStackConfig, validConfig, type RawConfig } from "../config/valid";

const login = utils.generateKeyPairSync("ed25519");
const before = { ...process.env };
let folder: string;
let card: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "boot-media-"));
  card = join(folder, "card");
  mkdirSync(card);
  // The CLI is the one part that is not walked here: it hands out the stack's key.
  const pulumi = `#!/bin/sh\n[ "$3" = homelab:sshPrivateKey ] && cat <<'END'\n${login.private}\nEND\n`;
  writeFileSync(join(folder, "pulumi"), pulumi);
  chmodSync(join(folder, "pulumi"), 0o755);
  process.env["PATH"] = `${folder}${delimiter}${process.env["PATH"] ?? ""}`;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

function stackOf(config: RawConfig): { name: string; file: string } {
  const file = join(folder, "Pulumi.test.yaml");
  const sections = Object.entries(config).map(([key, value]) => [`homelab:${key}`, value as unknown]);
  writeFileSync(file, stringify({ config: Object.fromEntries(sections) as unknown }));
  return { name: "test", file };
}

const onCard = (file: string): Record<string, unknown> =>
  parse(readFileSync(join(card, file), "utf8")) as Record<string, unknown>;

function withGateway(config: RawConfig): RawConfig {
  config.network.gateway = { ipv4: "192.168.1.1" };
  return config;
}

test("the card makes a host with the login that the stack has", async () => {
  await bootMedia(stackOf(withGateway(validConfig())), "pi2", card, false);
  expect(readFileSync(join(card, "user-data"), "utf8")).toMatch(/^#cloud-config\n/);
  expect(onCard("user-data")).toEqual({
    hostname: "pi2",
    manage_etc_hosts: false,
    users: [
      {
        name: "pi",
        groups: ["sudo", "adm"],
        shell: "/bin/bash",
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        lock_passwd: true,
        ssh_authorized_keys: [login.public.split(" ").slice(0, 2).join(" ")],
      },
    ],
    ssh_pwauth: false,
    runcmd: [["systemctl", "enable", "--now", "ssh"]],
  });
  expect(onCard("meta-data")).toEqual({ "instance-id": "homelab-pi2", dsmode: "local" });
  expect(onCard("network-config")).toEqual({
    version: 2,
    ethernets: {
      eth0: {
        dhcp4: false,
        addresses: ["192.168.1.12/24"],
        routes: [{ to: "default", via: "192.168.1.1" }],
        nameservers: { addresses: ["192.168.1.1"] },
      },
    },
  });
});

test("IPv6, name servers, user root and time zone go along", async () => {
  const config = dualStackConfig();
  config.network.gateway = { ipv4: "192.168.1.1", ipv6: "fd00:1::1" };
  config.hostSettings = { nameservers: ["9.9.9.9"], timezone: "Europe/Berlin" };
  config.defaults = { user: "root" };
  await bootMedia(stackOf(config), "pi1", card, false);
  expect(onCard("network-config")["ethernets"]).toEqual({
    eth0: {
      dhcp4: false,
      addresses: ["192.168.1.11/24", "fd00:1::11/64"],
      routes: [
        { to: "default", via: "192.168.1.1" },
        { to: "default", via: "fd00:1::1" },
      ],
      nameservers: { addresses: ["9.9.9.9"] },
    },
  });
  expect(onCard("user-data")).toMatchObject({
    timezone: "Europe/Berlin",
    disable_root: false,
    users: [{ name: "root" }],
  });
});

test("without a router in the config DHCP gives the address, and that is said", async () => {
  const said = await bootMedia(stackOf(validConfig()), "pi1", card, false);
  expect(onCard("network-config")["ethernets"]).toEqual({ eth0: { dhcp4: true } });
  expect(said).toContain("have the router give it 192.168.1.11");
});

test("a host key made in advance is on the card, and what is to be pinned is its public half", async () => {
  const config = withGateway(validConfig());
  delete (config.hosts[0] as { hostKey?: string }).hostKey;
  const said = await bootMedia(stackOf(config), "pi1", card, true);
  const keys = onCard("user-data")["ssh_keys"] as { ed25519_private: string; ed25519_public: string };
  expect(publicHalf(keys.ed25519_private)).toBe(keys.ed25519_public);
  expect(parseHostKey(keys.ed25519_public).type).toBe("ssh-ed25519");
  expect(said).toContain(`hostKey: ${keys.ed25519_public}\n`);
  expect(said).not.toContain("PRIVATE");
  expect(onCard("user-data")["bootcmd"]).toEqual([
    ["sh", "-c", "systemctl disable --now regenerate_ssh_host_keys.service 2>/dev/null || true"],
  ]);
  expect(statSync(join(card, "user-data")).mode & 0o777).toBe(0o600);
});

test("the card's command line gets the memory control group, once", async () => {
  writeFileSync(join(card, "cmdline.txt"), "console=tty1 root=PARTUUID=1-02 rootwait\n");
  const stack = stackOf(withGateway(validConfig()));
  expect(await bootMedia(stack, "pi1", card, false)).not.toContain("no cmdline.txt");
  const line = "console=tty1 root=PARTUUID=1-02 rootwait cgroup_enable=memory cgroup_memory=1\n";
  expect(readFileSync(join(card, "cmdline.txt"), "utf8")).toBe(line);
  expect(commandLineWithMemory(line)).toBe(line);
  rmSync(join(card, "cmdline.txt"));
  expect(await bootMedia(stack, "pi1", card, false)).toContain("no cmdline.txt there");
});

test("an unknown host and a folder that cannot be are explained", async () => {
  const stack = stackOf(validConfig());
  await expect(bootMedia(stack, "pi9", card, false)).rejects.toThrow('found no host "pi9"; it has pi1, pi2, pi3');
  writeFileSync(join(folder, "file"), "");
  await expect(bootMedia(stack, "pi1", join(folder, "file"), false)).rejects.toThrow(/cannot be written \(EEXIST\)/);
});

test("other mistakes in the config are still refused", async () => {
  const config = validConfig();
  config.hosts[1]!.address = "10.0.0.1";
  await expect(bootMedia(stackOf(config), "pi1", card, false)).rejects.toThrow("hosts[1].address");
});
