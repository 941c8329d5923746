/** What `status` concludes from what the hosts said. Pure: no host is asked here. */
import { k3sService } from "../components/cluster/units";
import type { HomelabConfig, HostConfig, Role } from "../config/types";
import type { ClusterAnswer } from "./cluster";
import type { NodeObject } from "./cluster-objects";
import { table } from "./command-line";
import { lifeText } from "./duration";
import type { Finding } from "./finding";
import { layersOverview, overviewRows, type LayersOverview } from "./layers/overview";

/** One host's answer. */
export interface HostAnswer {
  readonly name: string;
  /** Why it could not be asked; the rest is empty then. */
  readonly error?: string | undefined;
  /** Every address that its interfaces carry. */
  readonly addresses: readonly string[];
  /** Whether its etcd is a voting member of a cluster with a leader; false on agents. @default false */
  readonly etcdVoter?: boolean | undefined;
  /** undefined where there is none, or nothing to read it with. */
  readonly certificate?: HostCertificate | undefined;
}

/** The certificate on a host that ends first. */
export interface HostCertificate {
  readonly file: string;
  /** Seconds until it ends, negative afterwards. */
  readonly secondsLeft: number;
}

/** One line of the screen. */
export interface NodeStatus {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly reachable: boolean;
  /** undefined where the cluster can't be asked or doesn't know the node. */
  readonly ready?: boolean | undefined;
  readonly schedulable?: boolean | undefined;
  readonly version?: string | undefined;
  /** undefined for agents and for servers that can't be reached. */
  readonly etcdVoter?: boolean | undefined;
  readonly holdsVip: boolean;
  readonly certificate?: HostCertificate | undefined;
}

/** The whole screen. */
export interface StatusReport {
  readonly cluster: string;
  readonly k3sVersion: string;
  readonly vip: string;
  readonly vipHolders: readonly string[];
  readonly nodes: readonly NodeStatus[];
  /** undefined where the cluster can't be asked. */
  readonly layers?: LayersOverview | undefined;
  /** Everything that is wrong; empty if all is well. */
  readonly findings: readonly Finding[];
  /** The findings, a line each. */
  readonly problems: readonly string[];
}

/**
 * Compares what was found with what the configuration wants.
 *
 * Findings are those of the hosts and of the cluster as such; {@link withLayerProblems} adds the layers' own.
 */
export function report(config: HomelabConfig, answers: readonly HostAnswer[], cluster: ClusterAnswer): StatusReport {
  const asked = "error" in cluster ? undefined : cluster;
  const known = asked?.nodes ?? [];
  const vip = config.network.apiVip.ipv4;
  const lines = config.hosts.map((host) => nodeStatus(host, answers, known, vip));
  const vipHolders = lines.filter((line) => line.holdsVip).map((line) => line.name);
  const findings = [
    ...("error" in cluster ? [outage(cluster.error)] : []),
    ...answers.flatMap(({ name, error }) => (error === undefined ? [] : [unreachable(name, error)])),
    ...("error" in cluster ? [] : lines.flatMap((line) => nodeFindings(line, config.cluster.k3sVersion))),
    ...strangers(config, known),
    ...(vipHolders.length === 1 ? [] : [vipFinding(vip, vipHolders)]),
  ];
  return {
    cluster: config.cluster.name,
    k3sVersion: config.cluster.k3sVersion,
    vip,
    vipHolders,
    nodes: lines,
    layers: asked && layersOverview(config, asked),
    findings,
    problems: findings.map(problemText),
  };
}

/** The same with what is broken in the layers; mere warnings are for `doctor`. */
export function withLayerProblems(status: StatusReport, findings: readonly Finding[]): StatusReport {
  const all = [...status.findings, ...findings.filter(({ severity }) => severity === "error")];
  return { ...status, findings: all, problems: all.map(problemText) };
}

function problemText({ where, what, remedy }: Finding): string {
  return `${where}: ${what}; ${remedy}`;
}

function problem(where: string, what: string, why: string, remedy: string): Finding {
  return { severity: "error", where, what, why, remedy };
}

function nodeStatus(
  host: HostConfig,
  answers: readonly HostAnswer[],
  nodes: readonly NodeObject[],
  vip: string,
): NodeStatus {
  const answer = answers.find(({ name }) => name === host.name);
  const node = nodes.find(({ metadata }) => metadata.name === host.name);
  const condition = (type: string): boolean =>
    node?.status.conditions?.some((found) => found.type === type && found.status === "True") ?? false;
  const reachable = answer !== undefined && answer.error === undefined;
  return {
    name: host.name,
    address: host.address,
    role: host.role,
    reachable,
    ready: node && condition("Ready"),
    schedulable: node && node.spec?.unschedulable !== true,
    version: node?.status.nodeInfo.kubeletVersion,
    etcdVoter: host.role === "server" && reachable ? answer.etcdVoter === true : undefined,
    holdsVip: answer?.addresses.includes(vip) ?? false,
    certificate: answer?.certificate,
  };
}

function outage(what: string): Finding {
  const remedy =
    "most servers must be up; `sudo journalctl -u k3s -e` on one that is up says why its API does not answer";
  return problem("cluster", what, "nothing can be changed, and no lost pod is replaced", remedy);
}

/** SSH's errors end with what to do, after a semicolon. */
function unreachable(name: string, error: string): Finding {
  const [what = "", ...remedy] = error.split("; ");
  const why = "neither `pulumi up` nor this command can look after it";
  return problem(name, what, why, remedy.join("; ") || "look at the host itself");
}

function nodeFindings(line: NodeStatus, k3sVersion: string): Finding[] {
  const { name, role, ready, etcdVoter, schedulable, version } = line;
  if (ready === undefined)
    return [problem(name, "is no node of the cluster", "no pod can run on it", "run `pulumi up`")];
  const log = `look at \`journalctl -u ${k3sService(role)}\` on it`;
  return [
    ...(ready ? [] : [problem(name, "NotReady", "its pods are replaced elsewhere, or missing", log)]),
    ...(etcdVoter === false
      ? [problem(name, "is no etcd voter", "one server less may fail before reads and writes stop", log)]
      : []),
    ...(schedulable === false
      ? [problem(name, "is cordoned", "no new pod comes to it", `\`kubectl uncordon ${name}\` ends that`)]
      : []),
    ...(version === k3sVersion
      ? []
      : [
          problem(
            name,
            `runs ${version}, the stack has ${k3sVersion}`,
            "releases further apart do not work together",
            "run `pulumi up`",
          ),
        ]),
  ];
}

function strangers(config: HomelabConfig, nodes: readonly NodeObject[]): Finding[] {
  const remedy = "add it to homelab:hosts or remove the node";
  return nodes
    .map(({ metadata }) => metadata.name)
    .filter((name) => !config.hosts.some((host) => host.name === name))
    .map((name) =>
      problem(name, "is a node of the cluster, but no host of the stack", "nobody upgrades or looks after it", remedy),
    );
}

function vipFinding(vip: string, holders: readonly string[]): Finding {
  const where = `API address ${vip}`;
  if (holders.length === 0)
    return problem(
      where,
      "no reachable server holds it",
      "kubectl and `pulumi up` have no way to the cluster",
      "look at `journalctl -u keepalived` on the servers",
    );
  const what = `held by ${holders.join(" and ")} at once: they don't hear each other's VRRP`;
  const why = "requests end at the one or the other, whether it is well or not";
  return problem(where, what, why, "look for another group with this id, or a filter");
}

/** One screen of text. */
export function reportText(status: StatusReport): string {
  const word = (value: boolean | undefined, yes: string, no: string): string =>
    value === undefined ? "?" : value ? yes : no;
  const rows = status.nodes.map((node) => [
    node.name,
    node.address,
    node.role,
    node.reachable
      ? word(node.ready, node.schedulable === false ? "Ready,cordoned" : "Ready", "NotReady")
      : "unreachable",
    node.version ?? "?",
    node.role === "agent" ? "-" : word(node.etcdVoter, "voter", "no voter"),
    node.holdsVip ? "holder" : "",
  ]);
  const voters = status.nodes.filter((node) => node.etcdVoter === true).length;
  const servers = status.nodes.filter((node) => node.role === "server").length;
  const below = [...(status.layers ? overviewRows(status.layers) : []), ...k3sCertificates(status.nodes)];
  return [
    `cluster ${status.cluster}, k3s ${status.k3sVersion}, ${voters} of ${servers} servers vote in etcd`,
    `API address ${status.vip}, held by ${status.vipHolders.join(", ") || "nobody"}`,
    "",
    table([["HOST", "ADDRESS", "ROLE", "STATE", "VERSION", "ETCD", "API ADDRESS"], ...rows]),
    "",
    ...(below.length === 0 ? [] : [table(below), ""]),
    status.problems.length === 0
      ? "all is well"
      : ["problems:", ...status.problems.map((problem) => `  ${problem}`)].join("\n"),
  ].join("\n");
}

/** k3s signs its own certificates; the one that ends first says when it has to be restarted at the latest. */
function k3sCertificates(nodes: readonly NodeStatus[]): string[][] {
  const [first] = nodes
    .flatMap(({ name, certificate }) => (certificate ? [{ name, left: certificate.secondsLeft }] : []))
    .sort((one, other) => one.left - other.left);
  if (first === undefined) return [];
  const life = first.left > 0 ? `${lifeText(first.left)} left` : "ended";
  return [["k3s", `its own certificates: ${life} on ${first.name}, the first to end`]];
}
