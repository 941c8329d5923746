/** `doctor`: looks at all hosts and the cluster at once and says what is wrong and what to do. Changes nothing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { k3sService } from "../components/cluster/units";
import type { HomelabConfig, HostConfig } from "../config/types";
import { kubeconfigFindings } from "./certificate-findings";
import { findingsOf } from "./doctor-findings";
import type { Finding } from "./finding";
import type { HostFacts } from "./host-findings";
import { bashAsRoot, sshReason, withHosts, type OpenHost } from "./hosts";
import { layerFindings } from "./layers/findings";
import { look } from "./status";
import { report } from "./status-report";

/** How long one host may take to tell its facts. */
const LIMIT_SECONDS = 30;

/**
 * Gathers facts and state, all over one connection a host. Hosts that can't be asked are findings, never an exception.
 *
 * @param privateKey SSH key of the stack, kept in memory
 * @param kubeconfig reads the stack's kubeconfig while the hosts are asked; one that cannot be read is no finding
 */
export async function doctor(
  config: HomelabConfig,
  privateKey: string,
  kubeconfig: () => Promise<string>,
): Promise<Finding[]> {
  const [[facts, { answers, cluster }], text] = await Promise.all([
    withHosts(config, privateKey, (hosts) => Promise.all([Promise.all(hosts.map(factsOf)), look(hosts)])),
    kubeconfig().catch(() => undefined),
  ]);
  const others = [...layerFindings(config, cluster), ...kubeconfigFindings(text, Date.now() / 1000)];
  return findingsOf(config, facts, report(config, answers, cluster), others);
}

async function factsOf({ host, connection }: OpenHost): Promise<HostFacts> {
  const now = (): number => Math.round(Date.now() / 1000);
  // Why there is no connection is a problem that the status report has.
  if (!connection) return { name: host.name, askedAt: now() };
  try {
    const { stdout, stderr, code } = await connection.run(command(host), LIMIT_SECONDS);
    if (code === 0) return { name: host.name, text: stdout, askedAt: now() };
    return { name: host.name, error: stderr.trim().split("\n").at(-1) || "no reason given", askedAt: now() };
  } catch (error) {
    return { name: host.name, error: sshReason(error), askedAt: now() };
  }
}

function command(host: HostConfig): string {
  const shared = ["host/memory-cgroup-effective.sh", "host/resolvers.sh", "cluster/paths.sh"].map((name) =>
    join(__dirname, "../components", name),
  );
  const files = [...shared, join(__dirname, "doctor.sh")].map((file) => readFileSync(file, "utf8"));
  return bashAsRoot([`service=${k3sService(host.role)}`, ...files].join("\n"));
}
