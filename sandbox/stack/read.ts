import { existsSync, readFileSync } from "node:fs";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import { UserError } from "../progress";
import { sourceStackFile } from "../paths";

/** What the sandbox needs to know of a host in the stack file. */
export interface SandboxHost {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly ipv6: string | undefined;
}

/** What the sandbox needs to know of the stack file. Whether the rest is right is judged by the program. */
export interface SandboxConfig {
  readonly hosts: readonly SandboxHost[];
  readonly lan: { readonly ipv4: string; readonly ipv6: string | undefined };
  readonly vip: { readonly ipv4: string; readonly ipv6: string | undefined };
  readonly k3sVersion: string;
  /** Domain of the home, in lower case. */
  readonly domain: string;
  /** Whether the program needs a token for Cloudflare: certificates by ACME, or public DNS. */
  readonly usesCloudflare: boolean;
  /** IPv4 address of the LAN's name server in the cluster, if the stack has one. */
  readonly nameServer: string | undefined;
}

/** Members of the LAN that are no hosts; no host may be called so. */
const RESERVED = ["router", "client"];
const MAXIMUM_HOSTS = 20;
/** Zone of the emulated Cloudflare account when the stack file gives no domain, which the program then refuses. */
const DEFAULT_DOMAIN = "home.test";

/**
 * Reads the stack file that a person edits.
 *
 * @throws UserError when it is missing or no YAML.
 */
export function readStackDocument(path: string = sourceStackFile()): Document {
  if (!existsSync(path)) throw new UserError(`${path} does not exist: restore it, or set HOMELAB_SANDBOX_STACK_FILE.`);
  const document = parseDocument(readFileSync(path, "utf8"));
  const error = document.errors[0];
  if (error !== undefined) throw new UserError(`${path} is no YAML: ${error.message.split("\n")[0]}`);
  return document;
}

/**
 * Reads the hosts and addresses of the stack file: the sandbox simulates what the config says.
 *
 * @throws UserError that lists all that keeps the sandbox from being made.
 */
export function readSandboxConfig(document: Document = readStackDocument()): SandboxConfig {
  const problems: string[] = [];
  const text = (path: readonly (string | number)[], fallback?: string): string => {
    const value = document.getIn(["config", ...path]);
    if (typeof value === "string") return value;
    if (fallback === undefined) problems.push(`${label(path)}: a text is needed, found ${JSON.stringify(value)}`);
    return fallback ?? "";
  };
  const optional = (path: readonly (string | number)[]) => text(path, "") || undefined;
  const list = document.getIn(["config", "homelab:hosts"]);
  const count = isSeq(list) ? list.items.length : 0;
  if (count < 1 || count > MAXIMUM_HOSTS) {
    problems.push(`homelab:hosts: 1 to ${MAXIMUM_HOSTS} hosts can be simulated, found ${count}`);
  }
  const hosts = Array.from({ length: count }, (_, index) => {
    const at = (key: string) => ["homelab:hosts", index, key];
    const host = { name: text(at("name")), role: text(at("role"), "server"), address: text(at("address")) };
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(host.name) || host.name.length > 40 || RESERVED.includes(host.name)) {
      problems.push(`${label(at("name"))}: ${JSON.stringify(host.name)} cannot be a simulated host's name`);
    }
    return { ...host, ipv6: optional(at("ipv6")) };
  });
  const twice = hosts.find((host, index) => hosts.findIndex((other) => other.name === host.name) < index);
  if (twice !== undefined) problems.push(`homelab:hosts: ${twice.name} is there twice`);
  const config: SandboxConfig = {
    hosts,
    lan: { ipv4: text(["homelab:network", "lan", "ipv4"]), ipv6: optional(["homelab:network", "lan", "ipv6"]) },
    vip: { ipv4: text(["homelab:network", "apiVip", "ipv4"]), ipv6: optional(["homelab:network", "apiVip", "ipv6"]) },
    k3sVersion: text(["homelab:cluster", "k3sVersion"], ""),
    domain: text(["homelab:domain"], DEFAULT_DOMAIN).toLowerCase(),
    usesCloudflare: document.hasIn(["config", "homelab:publicDns"]) || usesAcme(document),
    nameServer: optional(["homelab:lanDns", "address", "ipv4"]),
  };
  if (problems.length > 0) throw new UserError(`${sourceStackFile()}:\n${problems.join("\n")}`);
  return config;
}

function usesAcme(document: Document): boolean {
  const section = ["config", "homelab:certificates"];
  return document.hasIn(section) && document.getIn([...section, "issuer"]) !== "internal";
}

/** The host of that name. @throws UserError that names the hosts there are. */
export function findHost(config: SandboxConfig, name: string): SandboxHost {
  const host = config.hosts.find((one) => one.name === name);
  if (host !== undefined) return host;
  const known = config.hosts.map((one) => one.name).join(", ");
  throw new UserError(`No host is called ${JSON.stringify(name)}: the stack file has ${known}.`);
}

/** The map of one host in the document, for editing. */
export function hostNode(document: Document, index: number) {
  const node = document.getIn(["config", "homelab:hosts", index]);
  return isMap(node) ? node : undefined;
}

function label(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}
