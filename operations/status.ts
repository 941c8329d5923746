/** `status`: asks every host over SSH, and the first server that can answer for the cluster. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HomelabConfig } from "../config/types";
import { askCluster, type ClusterAnswer } from "./cluster";
import { bashAsRoot, sshReason, withHosts, type OpenHost } from "./hosts";
import { layerFindings } from "./layers/findings";
import { report, withLayerProblems, type HostAnswer, type HostCertificate, type StatusReport } from "./status-report";

/** etcd's own word on a server: its member votes if it has a leader and is no learner. Older k3s says it nowhere else. */
const LOOK_AROUND =
  "ip -o address show && { curl --silent --max-time 3 http://127.0.0.1:2381/metrics | grep ^etcd_server_ || true; }";

/** What was seen of a home. */
export interface Sight {
  readonly answers: readonly HostAnswer[];
  readonly cluster: ClusterAnswer;
}

/**
 * Gathers the state of hosts, cluster and layers. Hosts that can't be asked are part of the report, never an exception.
 *
 * @param privateKey SSH key of the stack, kept in memory
 */
export async function status(config: HomelabConfig, privateKey: string): Promise<StatusReport> {
  const { answers, cluster } = await withHosts(config, privateKey, look);
  return withLayerProblems(report(config, answers, cluster), layerFindings(config, cluster));
}

/** Asks hosts that are logged in to. */
export async function look(hosts: readonly OpenHost[]): Promise<Sight> {
  const [answers, cluster] = await Promise.all([Promise.all(hosts.map(lookAround)), askCluster(hosts)]);
  return { answers, cluster };
}

async function lookAround({ host, connection, error }: OpenHost): Promise<HostAnswer> {
  if (!connection) return { name: host.name, error, addresses: [] };
  try {
    const { stdout, code } = await connection.run(command(), 15);
    if (code !== 0)
      return { name: host.name, error: "`ip -o address show` failed; is iproute2 installed?", addresses: [] };
    return {
      name: host.name,
      addresses: [...stdout.matchAll(/ inet6? ([0-9a-f.:]+)\//g)].map((match) => match[1] ?? ""),
      etcdVoter: /^etcd_server_has_leader 1$/m.test(stdout) && /^etcd_server_is_learner 0$/m.test(stdout),
      certificate: firstToEnd(stdout),
    };
  } catch (failure) {
    return { name: host.name, error: sshReason(failure), addresses: [] };
  }
}

/** Without root there are no certificates to see, and the rest is told all the same. */
function command(): string {
  const files = ["../components/cluster/certificate-ends.sh", "certificates.sh"];
  const certificates = files.map((file) => readFileSync(join(__dirname, file), "utf8"));
  return `${LOOK_AROUND} && { ${bashAsRoot(certificates.join("\n"))} || true; }`;
}

function firstToEnd(text: string): HostCertificate | undefined {
  const now = Math.round(Date.now() / 1000);
  return [...text.matchAll(/^certificate_ends (\d+) (.+)$/gm)]
    .map(([, seconds, file = ""]) => ({ file, secondsLeft: Number(seconds) - now }))
    .sort((one, other) => one.secondsLeft - other.secondsLeft)[0];
}
