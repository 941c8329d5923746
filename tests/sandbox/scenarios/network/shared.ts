/** What the network's scenarios share: names and addresses of the committed stack file, and one load at a time. */
import { parse } from "yaml";
import * as fs from "node:fs";
import { statePaths } from "../../../../sandbox/paths";
import { Load } from "../../load/load";
import type { Target } from "../../load/target";
import { CURL, dig, parseVisit, type Visit } from "../../questions-network";
import { lab } from "../shared";

export const DOMAIN = "home.test";
export const WHOAMI = `whoami.${DOMAIN}`;
export const DASHBOARD = `traefik.${DOMAIN}`;
export const INGRESS = { ipv4: "192.0.2.200", ipv6: "fd00:c0:ffee::200" };
export const LAN_DNS = { ipv4: "192.0.2.201", ipv6: "fd00:c0:ffee::201" };
export const CLIENT = { ipv4: "192.0.2.2", ipv6: "fd00:c0:ffee::2" };
/** The zone as the Internet sees it: the name server of the Cloudflare emulator. */
export const PUBLIC_DNS = { address: "192.0.2.1", port: "5353" };
/** Config key of the token for the zone. */
export const TOKEN = "homelab:cloudflareApiToken";

/** A run each minute, and the time that a busy machine takes to start its pod. */
export const FOLLOW_LIMIT_SECONDS = 60 + 15;

/** What the Internet finds under a name, by the zone's own name server. */
export async function published(name: string, type: "A" | "AAAA"): Promise<readonly string[]> {
  const [answer] = await dig(lab, PUBLIC_DNS.address, [[name, type]], "-p", PUBLIC_DNS.port);
  return answer?.data ?? [];
}

/** File with the root that the ACME server's certificates chain to. */
export const acmeRoot = (): string => statePaths().acmeRoot;

/** Sets or, with undefined, deletes one setting below `config` in the stack file. */
export function configure(path: readonly (string | number)[], value: unknown): void {
  lab.edit((document) => {
    if (value === undefined) document.deleteIn(["config", ...path]);
    else document.setIn(["config", ...path], document.createNode(value));
  });
}

/** One setting below `config` in the stack file. */
export function configured(...path: readonly string[]): unknown {
  const file = parse(fs.readFileSync(lab.stackFile, "utf8")) as { config: Record<string, unknown> };
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], file.config);
}

/** A request by a client that knows the LAN's name server and the ACME root only. */
export async function visit(url: string, ...options: readonly string[]): Promise<Visit> {
  const curl = [...CURL, "--cacert", acmeRoot(), ...options, url];
  return parseVisit(await lab.knowing(LAN_DNS.ipv4, ...curl));
}

/** The same, logged in; the password is no argument of any process. */
export async function visitAs(user: string, password: string, url: string): Promise<Visit> {
  const resolve = `${new URL(url).hostname}:443:${INGRESS.ipv4}`;
  const curl = [...CURL, "--cacert", acmeRoot(), "--resolve", resolve, "--config", "-", url];
  return parseVisit(await lab.feed(`user = "${user}:${password}"\n`, ...curl));
}

/** One of the stack's outputs, secret or not. */
export async function output<T>(name: string): Promise<T> {
  const json = ["--json", "--show-secrets", "--stack", "sandbox"];
  return JSON.parse(await lab.exec("pulumi", "stack", "output", name, ...json)) as T;
}

/** A steady 20 requests a second for whoami, and a few for all else that must go on. */
export function targets(expired?: "accepted"): readonly Target[] {
  const https = { kind: "https", ...(expired && { expired }) } as const;
  return [
    { ...https, name: "whoami", address: INGRESS.ipv4, host: WHOAMI, status: 200, perSecond: 20 },
    { ...https, name: "whoami, IPv6", address: INGRESS.ipv6, host: WHOAMI, status: 200, perSecond: 5 },
    // Asks for a login, which needs neither a pod of an app nor its certificate: the wildcard one is shown.
    {
      ...https,
      name: "wildcard",
      address: INGRESS.ipv4,
      host: DASHBOARD,
      path: "/dashboard/",
      status: 401,
      perSecond: 2,
    },
    { kind: "dns", name: "LAN DNS", address: LAN_DNS.ipv4, host: WHOAMI, answer: INGRESS.ipv4, perSecond: 10 },
    // Its node has to find the pod anew by neighbour discovery all the time, which a policy for the pod may not forbid.
    { kind: "dns", name: "LAN DNS, IPv6", address: LAN_DNS.ipv6, host: WHOAMI, answer: INGRESS.ipv4, perSecond: 5 },
  ];
}

let current: Load | undefined;

/** Starts the one load. */
export async function startLoad(expired?: "accepted"): Promise<Load> {
  stopLoad();
  current = await Load.start(lab, acmeRoot(), targets(expired));
  return current;
}

/** The load that an earlier scenario started. */
export function runningLoad(): Load {
  if (current === undefined) throw new Error("no load runs: the scenario that starts it has failed");
  return current;
}

export function stopLoad(): void {
  current?.stop();
  current = undefined;
}
