/** Asks the cluster's API, on the first server that can. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCluster, type Cluster } from "./cluster-objects";
import { bashAsRoot, sshReason, type OpenHost } from "./hosts";

/** Above the sum of the limits of cluster.sh's five questions, 11 s each. */
const LIMIT_SECONDS = 60;

/** What the cluster knows, or why no server could tell: what is wrong, without what to do. */
export type ClusterAnswer = Cluster | { readonly error: string };

/** The servers are asked one after the other: any of them that lives knows the whole cluster. */
export async function askCluster(hosts: readonly OpenHost[]): Promise<ClusterAnswer> {
  const command = bashAsRoot(readFileSync(join(__dirname, "cluster.sh"), "utf8"));
  const reasons: string[] = [];
  for (const { host, connection } of hosts) {
    if (host.role !== "server" || !connection) continue;
    try {
      const { stdout, stderr, code } = await connection.run(command, LIMIT_SECONDS);
      if (code === 0) return parseCluster(stdout);
      reasons.push(`${host.name}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
    } catch (error) {
      reasons.push(error instanceof SyntaxError ? `${host.name}: kubectl printed no JSON` : sshReason(error));
    }
  }
  const why = reasons.length === 0 ? "no server can be reached" : reasons.join(", ");
  return { error: `no server could list the nodes (${why})` };
}
