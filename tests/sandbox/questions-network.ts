/** What the end-to-end tests ask the home's network, each by another way than the code under test does. */
import { X509Certificate } from "node:crypto";
import { cableOf } from "../../sandbox/lan/network";
import type { Lab } from "./lab";
import { addressOf } from "./questions";

/** A name server's answer to one question. */
export interface Answer {
  /** `NOERROR`, `NXDOMAIN`, … */
  readonly status: string;
  /** Data of the records, sorted. */
  readonly data: readonly string[];
}

/** Asks a name server several questions, `["whoami.home.test", "A"]`, with dig's own flags, for example `+tcp`. */
export async function dig(
  lab: Lab,
  server: string,
  questions: readonly (readonly [name: string, type: string])[],
  ...flags: readonly string[]
): Promise<Answer[]> {
  const command = ["dig", ...flags, `@${server}`, "+tries=2", "+time=3", "+noall", "+comments", "+answer"];
  const output = await lab.exec(...command, ...questions.flat());
  const answers = output.split(/^;; Got answer:$/m).slice(1);
  if (answers.length !== questions.length) throw new Error(`not all questions were answered:\n${output}`);
  return answers.map((text) => {
    const records = text.split("\n").filter((line) => /^[^;\s]/.test(line));
    const data = records.map((line) => line.split(/\s+/).slice(4).join(" ")).sort();
    return { status: /status: (\w+)/.exec(text)?.[1] ?? "", data };
  });
}

/** What a web site answered. */
export interface Visit {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Takes curl's output with `--include` apart. */
export function parseVisit(output: string): Visit {
  const [head = "", ...rest] = output.replaceAll("\r\n", "\n").split("\n\n");
  const [start = "", ...lines] = head.split("\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(start)?.[1]), headers, body: rest.join("\n\n") };
}

/** Options of curl for one request that is shown whole. */
export const CURL = ["curl", "--silent", "--show-error", "--include", "--max-time", "10"];

/** A site's certificate, once its chain and its name were found right by OpenSSL. */
export async function certificateOf(lab: Lab, address: string, host: string, caFile: string): Promise<X509Certificate> {
  const target = address.includes(":") ? `[${address}]:443` : `${address}:443`;
  const verify = ["-verify_return_error", "-verify_hostname", host, "-CAfile", caFile];
  return new X509Certificate(
    await lab.feed("", "openssl", "s_client", "-connect", target, "-servername", host, ...verify),
  );
}

/** DNS names that a certificate is for, sorted. */
export function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? "").replaceAll("DNS:", "").split(", ").sort();
}

/** The host that answers for an address in the LAN, as the client's neighbour table has it after a connection. */
export async function announcer(lab: Lab, address: string, port: number, hosts: readonly string[]): Promise<string> {
  const connect = 'exec 3<>"/dev/tcp/$1/$2" && ip neighbour show "$1"';
  const table = await lab.exec("timeout", "5", "bash", "-c", connect, "bash", address, String(port));
  const host = hosts.find((name) => table.includes(cableOf(name).mac));
  if (host === undefined) throw new Error(`${address} is announced by no host: ${table}`);
  return host;
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas?: number };
  readonly status: Readonly<Record<string, number | undefined>>;
}

/** Deployments and DaemonSets that do not have all their pods available. */
export async function unsettled(lab: Lab): Promise<string[]> {
  const list = await lab.kubectl("get", "deployments,daemonsets", "--all-namespaces", "-o", "json");
  const { items } = JSON.parse(list) as { items: Workload[] };
  return items
    .filter(({ kind, metadata, spec, status }) => {
      const wanted = kind === "DaemonSet" ? status["desiredNumberScheduled"] : spec.replicas;
      const available = kind === "DaemonSet" ? status["numberAvailable"] : status["availableReplicas"];
      const updated = kind === "DaemonSet" ? status["updatedNumberScheduled"] : status["updatedReplicas"];
      const seen = status["observedGeneration"] === metadata.generation;
      return !seen || (available ?? 0) < (wanted ?? 0) || (updated ?? 0) < (wanted ?? 0);
    })
    .map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace}/${name}`);
}

/** As far as it is asked for below: when each container of a pod was started. */
interface Pod {
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly state: { readonly running?: { readonly startedAt: string } } }[];
  };
}

/**
 * Whether a server that had no power works again: its own API is ready, and all that runs on it was started since then
 * (milliseconds since 1970). After a short loss the cluster says so of a node that has only begun to boot: it has not missed
 * it yet.
 */
export async function worksSince(lab: Lab, server: string, moment: number): Promise<boolean> {
  const own = ["--server", `https://${addressOf(server)}:6443`];
  if ((await lab.kubectl(...own, "get", "--raw", "/readyz")) !== "ok") return false;
  const on = ["--all-namespaces", `--field-selector=spec.nodeName=${server}`];
  const { items } = JSON.parse(await lab.kubectl("get", "pods", ...on, "-o", "json")) as { items: Pod[] };
  // The API tells whole seconds.
  const since = Math.floor(moment / 1000) * 1000;
  const running = items.filter(({ status }) => status.phase === "Running");
  return running
    .flatMap(({ status }) => status.containerStatuses ?? [])
    .every(({ state }) => Date.parse(state.running?.startedAt ?? "") >= since);
}

/** What a preview would change, sorted: `update kubernetes:…:IPAddressPool load-balancer-pool-default`. */
export async function planned(lab: Lab): Promise<string[]> {
  const json = await lab.exec("pulumi", "preview", "--json", "--non-interactive", "--stack", "sandbox");
  const { steps } = JSON.parse(json) as { steps: { op: string; urn: string }[] };
  return steps
    .filter(({ op, urn }) => op !== "same" && op !== "read" && !urn.includes("::pulumi:pulumi:Stack::"))
    .map(({ op, urn }) => {
      const [, , types = "", name = ""] = urn.split("::");
      return `${op} ${types.split("$").at(-1)} ${name}`;
    })
    .sort();
}
