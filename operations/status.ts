/** `status`: asks every host over SSH, and the first server that can answer for the nodes of the cluster. */
import type { HomelabConfig, HostConfig } from "../config/types";
import { report, type HostAnswer, type NodeObject, type StatusReport } from "./status-report";
import { connect, SshError, type SshConnection } from "./ssh";

/** Kubernetes' own time limit, below that of the SSH command around it. */
const LIST_NODES =
  'as_root=; [ "$(id -u)" = 0 ] || as_root="sudo -n"; $as_root k3s kubectl get nodes -o json --request-timeout=10s';

/** etcd's own word on a server: its member votes if it has a leader and is no learner. Older k3s says it nowhere else. */
const LOOK_AROUND =
  "ip -o address show && { curl --silent --max-time 3 http://127.0.0.1:2381/metrics | grep ^etcd_server_ || true; }";

/**
 * Gathers the state of hosts and cluster. Hosts that can't be asked are part of the report, never an exception.
 *
 * @param privateKey SSH key of the stack, kept in memory
 */
export async function status(config: HomelabConfig, privateKey: string): Promise<StatusReport> {
  const opened = await Promise.all(config.hosts.map((host) => open(host, privateKey)));
  try {
    const [answers, nodes] = await Promise.all([Promise.all(opened.map(lookAround)), listNodes(opened)]);
    return report(config, answers, nodes);
  } finally {
    for (const { connection } of opened) connection?.close();
  }
}

interface Opened {
  readonly host: HostConfig;
  readonly connection?: SshConnection;
  readonly error?: string;
}

async function open(host: HostConfig, privateKey: string): Promise<Opened> {
  try {
    return { host, connection: await connect(host, privateKey) };
  } catch (error) {
    return { host, error: messageOf(error) };
  }
}

async function lookAround({ host, connection, error }: Opened): Promise<HostAnswer> {
  if (!connection) return { name: host.name, error, addresses: [] };
  try {
    const { stdout, code } = await connection.run(LOOK_AROUND, 15);
    if (code !== 0)
      return { name: host.name, error: "`ip -o address show` failed; is iproute2 installed?", addresses: [] };
    return {
      name: host.name,
      addresses: [...stdout.matchAll(/ inet6? ([0-9a-f.:]+)\//g)].map((match) => match[1] ?? ""),
      etcdVoter: /^etcd_server_has_leader 1$/m.test(stdout) && /^etcd_server_is_learner 0$/m.test(stdout),
    };
  } catch (failure) {
    return { name: host.name, error: messageOf(failure), addresses: [] };
  }
}

/** The servers are asked one after the other: any of them that lives knows all nodes. */
async function listNodes(opened: readonly Opened[]): Promise<readonly NodeObject[] | { error: string }> {
  const reasons: string[] = [];
  for (const { host, connection } of opened) {
    if (host.role !== "server" || !connection) continue;
    try {
      const { stdout, stderr, code } = await connection.run(LIST_NODES, 30);
      if (code === 0) return (JSON.parse(stdout) as { items: NodeObject[] }).items;
      reasons.push(`${host.name}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
    } catch (error) {
      reasons.push(error instanceof SyntaxError ? `${host.name}: kubectl printed no JSON` : messageOf(error));
    }
  }
  const why = reasons.length === 0 ? "no server can be reached" : reasons.join("; ");
  return { error: `cluster: no server could list the nodes (${why})` };
}

function messageOf(error: unknown): string {
  if (error instanceof SshError) return error.message;
  throw error;
}
