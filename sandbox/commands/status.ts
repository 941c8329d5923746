import { existsSync } from "node:fs";
import { diskOf } from "../host/disk";
import { isPowered } from "../host/power";
import { tokenFile } from "../internet/files";
import { inClient } from "../lan/client";
import { addressesOf, pluggedMembers } from "../lan/network";
import { isRunning, knownServices } from "../lan/services";
import { projectDirectory, statePaths } from "../paths";
import { tryRun } from "../process";
import { refreshKubeconfig } from "../stack/deploy";
import { clientEnvironment, rememberedTools } from "../stack/environment";
import { readSandboxConfig, type SandboxConfig } from "../stack/read";

/** One host as `status --json` shows it. */
export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly ipv6: string | null;
  readonly role: string;
  readonly power: "on" | "off" | "no disk";
  /** Whether Kubernetes calls the node Ready; null when it does not know the node, or its API does not answer. */
  readonly ready: boolean | null;
  /** Version of the node's k3s, null like `ready`. */
  readonly version: string | null;
}

/** The object that `status --json` prints. */
export interface SandboxStatus {
  readonly hosts: readonly HostStatus[];
  readonly vip: string;
  /** Host with the address of the API on its interface; null when none has it. */
  readonly vipHolder: string | null;
  readonly vipIpv6: string | null;
  readonly vipIpv6Holder: string | null;
  readonly versions: { readonly k3s: string; readonly kubernetesApi: string | null };
  readonly paths: {
    readonly state: string;
    readonly kubeconfig: string;
    readonly stackFile: string;
    readonly logs: string;
    /** Roots that the ACME server's certificates chain to, the newest first; null before the first `up`. */
    readonly acmeRoot: string | null;
    /** Token of the emulated Cloudflare account; null before the first `up`. */
    readonly cloudflareToken: string | null;
  };
  /** The services of the LAN by name, and whether each runs. */
  readonly services: Readonly<Record<string, boolean>>;
  /** How the tools were had: "downloaded" or "built"; null before the first `up`. */
  readonly toolchain: string | null;
}

/** Looks at hosts and cluster. Never fails for something that is down: that is what it reports. */
export async function readStatus(): Promise<SandboxStatus> {
  const config = readSandboxConfig();
  const paths = statePaths();
  // Without a kubeconfig nothing is known of the nodes, and that is what the status says.
  if (pluggedMembers().includes("client")) await refreshKubeconfig().catch(() => undefined);
  const [nodes, kubernetesApi] = await Promise.all([readNodes(), readServerVersion()]);
  const hosts = config.hosts.map(({ name, address, role, ipv6 }): HostStatus => {
    const power = isPowered(name) ? "on" : existsSync(diskOf(name)) ? "off" : "no disk";
    const node = nodes.get(name);
    return {
      name,
      address,
      ipv6: ipv6 ?? null,
      role,
      power,
      ready: node?.ready ?? null,
      version: node?.version ?? null,
    };
  });
  const { vip } = config;
  return {
    hosts,
    vip: vip.ipv4,
    vipHolder: await holderOf(vip.ipv4, config),
    vipIpv6: vip.ipv6 ?? null,
    vipIpv6Holder: vip.ipv6 === undefined ? null : await holderOf(vip.ipv6, config),
    versions: { k3s: config.k3sVersion, kubernetesApi },
    paths: {
      state: paths.root,
      kubeconfig: paths.kubeconfig,
      stackFile: paths.stackFile,
      logs: paths.logs,
      acmeRoot: existsSync(paths.acmeRoot) ? paths.acmeRoot : null,
      cloudflareToken: existsSync(tokenFile()) ? tokenFile() : null,
    },
    services: Object.fromEntries(knownServices().map((name) => [name, isRunning(name)])),
    toolchain: existsSync(paths.toolchain) ? rememberedTools().how : null,
  };
}

/** Status as lines for people. */
export function formatStatus(status: SandboxStatus): string {
  const head = ["NAME", "ADDRESS", "ROLE", "POWER", "READY", "VERSION"];
  const rows = status.hosts.map((host) => [
    host.name,
    host.address,
    host.role,
    host.power,
    host.ready === null ? "unknown" : host.ready ? "yes" : "no",
    host.version ?? "-",
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const table = [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  const down = Object.keys(status.services).filter((name) => status.services[name] === false);
  return [
    ...table.map((line) => line.trimEnd()),
    "",
    ...(down.length === 0 ? [] : [`services    ${down.join(", ")} down`]),
    `API         https://${status.vip}:6443, held by ${status.vipHolder ?? "no host"}`,
    `kubeconfig  ${status.paths.kubeconfig}`,
    `stack file  ${status.paths.stackFile}`,
    `logs        ${status.paths.logs}`,
  ].join("\n");
}

async function holderOf(address: string, config: SandboxConfig): Promise<string | null> {
  const plugged = pluggedMembers();
  for (const { name } of config.hosts) {
    if (plugged.includes(name) && (await addressesOf(name)).includes(address)) return name;
  }
  return null;
}

async function readNodes(): Promise<ReadonlyMap<string, { readonly ready: boolean; readonly version: string }>> {
  const path = `jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} ${READY}{"\\n"}{end}`;
  const lines = (await kubectl(["get", "nodes", "--output", path])).split("\n").filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [name = "", version = "", ready] = line.split(" ");
      return [name, { version, ready: ready === "True" }];
    }),
  );
}

const READY = '{.status.conditions[?(@.type=="Ready")].status}';

async function readServerVersion(): Promise<string | null> {
  return /"gitVersion":\s*"([^"]+)"/.exec(await kubectl(["get", "--raw", "/version"]))?.[1] ?? null;
}

async function kubectl(args: readonly string[]): Promise<string> {
  if (!existsSync(statePaths().kubeconfig) || !pluggedMembers().includes("client")) return "";
  const line = inClient("timeout", ["5", "kubectl", "--request-timeout=4s", ...args]);
  return (await tryRun(line.command, line.args, { env: clientEnvironment(), cwd: projectDirectory() })).stdout;
}
