import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectDirectory, sandboxId, statePaths } from "../paths";
import { run, tryRun } from "../process";
import type { LanAddresses } from "./addresses";

/** Where `ip netns` keeps namespaces by name. */
const NAMESPACES = "/run/netns";

/** A member's cable: its namespace, the port of the bridge that its other end is, and its hardware address. */
export interface Cable {
  readonly netns: string;
  readonly routerNetns: string;
  readonly port: string;
  readonly mac: string;
}

/** Name of the namespace of a member: `router`, `client` or a host. */
export function namespaceOf(member: string): string {
  return `homelab-${sandboxId()}-${member}`;
}

/** Path of a member's namespace, for nsenter. It exists only while the member is plugged in. */
export function namespacePath(member: string): string {
  return join(NAMESPACES, namespaceOf(member));
}

/** The cable of a member. Names and hardware addresses depend on the member's name only, so they stay the same. */
export function cableOf(member: string): Cable {
  const digest = createHash("sha256").update(member).digest("hex");
  return {
    netns: namespaceOf(member),
    routerNetns: namespaceOf("router"),
    port: `port-${digest.slice(0, 8)}`,
    // 02: locally administered, unicast.
    mac: `02:00:${digest.slice(0, 8).replace(/(..)(?=.)/g, "$1:")}`,
  };
}

/**
 * Makes the LAN if it is not there: the router's namespace with the bridge, and the client's.
 *
 * The router has no route to anywhere else; it forwards, so that a host that asks for the Internet is told at once that
 * it is unreachable instead of waiting.
 */
export async function ensureLan(addresses: LanAddresses, logFile?: string): Promise<void> {
  if (!(await hasAddress("client", "eth0", addresses.client.ipv4))) {
    if (!(await hasAddress("router", "lan", addresses.router.ipv4))) await makeRouter(addresses, logFile);
    await makeClient(addresses, logFile);
  }
  const paths = statePaths();
  mkdirSync(dirname(paths.resolvConf), { recursive: true });
  writeFileSync(paths.resolvConf, `nameserver ${addresses.router.ipv4}\n`);
  writeFileSync(paths.etcHosts, "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
  writeFileSync(join(dirname(paths.etcHosts), "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
}

/** Pulls a member's cable and removes its namespace. Nothing is sent: the link is down before anything else happens. */
export async function unplug(member: string, logFile?: string): Promise<void> {
  await plug("unplug", member, logFile);
}

/** Takes a member's link down, on the bridge's side: whatever it sends from now on is lost. */
export async function cutLink(member: string, logFile?: string): Promise<void> {
  await plug("cut", member, logFile);
}

/** Members of this sandbox that have a namespace, in whatever state they are. */
export function pluggedMembers(): readonly string[] {
  const prefix = namespaceOf("");
  if (!existsSync(NAMESPACES)) return [];
  return readdirSync(NAMESPACES)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}

/** True when a member's cable is there: its namespace exists and has an eth0. */
export async function isPluggedIn(member: string): Promise<boolean> {
  return (await tryRun("ip", ["-n", namespaceOf(member), "link", "show", "eth0"])).exitCode === 0;
}

/** Addresses on a member's eth0; empty when it is not plugged in. */
export async function addressesOf(member: string): Promise<readonly string[]> {
  return interfaceAddresses(member, "eth0");
}

async function interfaceAddresses(member: string, device: string): Promise<readonly string[]> {
  const { stdout } = await tryRun("ip", ["-n", namespaceOf(member), "-o", "address", "show", "dev", device]);
  return [...stdout.matchAll(/inet6? (\S+)\//g)].map((match) => match[1] ?? "");
}

async function hasAddress(member: string, device: string, address: string): Promise<boolean> {
  return (await interfaceAddresses(member, device)).includes(address);
}

async function makeRouter(addresses: LanAddresses, logFile?: string): Promise<void> {
  const netns = namespaceOf("router");
  const ip = (...args: string[]) => run("ip", ["-n", netns, ...args], { logFile });
  if (existsSync(namespacePath("router"))) await run("ip", ["netns", "delete", netns], { logFile });
  await run("ip", ["netns", "add", netns], { logFile });
  await ip("link", "set", "lo", "up");
  // Without snooping the bridge floods multicast, which IPv6 neighbour discovery and VRRP need from the first second.
  const bridge = ["type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"];
  // A bridge without an address of its own takes the lowest of its ports', another one whenever a host reboots: whoever
  // had asked for the router just before would send to nobody until its neighbour entry is old, half a minute later.
  await ip("link", "add", "lan", "address", cableOf("router").mac, ...bridge);
  await ip("link", "set", "lan", "up");
  await addAddresses(netns, "lan", addresses.router, addresses);
  const forward = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"];
  await run("ip", ["netns", "exec", netns, "sysctl", "-qw", ...forward], { logFile });
}

async function makeClient(addresses: LanAddresses, logFile?: string): Promise<void> {
  await plug("plug", "client", logFile);
  const netns = namespaceOf("client");
  await run("ip", ["-n", netns, "link", "set", "eth0", "up"], { logFile });
  await addAddresses(netns, "eth0", addresses.client, addresses);
  await run("ip", ["-n", netns, "route", "add", "default", "via", addresses.router.ipv4], { logFile });
}

async function addAddresses(
  netns: string,
  device: string,
  own: LanAddresses["router"],
  lan: LanAddresses,
): Promise<void> {
  await run("ip", ["-n", netns, "address", "add", `${own.ipv4}/${lan.ipv4Prefix}`, "dev", device]);
  if (own.ipv6 === undefined) return;
  // Addresses are the sandbox's own, so duplicate detection would only delay their use.
  await run("ip", ["-n", netns, "address", "add", `${own.ipv6}/${lan.ipv6Prefix}`, "dev", device, "nodad"]);
}

async function plug(verb: "plug" | "cut" | "unplug", member: string, logFile?: string): Promise<void> {
  const cable = cableOf(member);
  const script = join(projectDirectory(), "sandbox", "lan", "plug.sh");
  await run("bash", [script, verb, cable.netns, cable.routerNetns, cable.port, cable.mac], { logFile });
}
