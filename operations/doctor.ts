/** `doctor`: looks at all hosts at once and says what is wrong and what to do. Changes nothing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shellQuote } from "../components/script/script";
import { k3sService } from "../components/cluster/units";
import type { HomelabConfig, HostConfig } from "../config/types";
import { findingsOf, type Finding, type HostFacts } from "./doctor-findings";
import { connect, SshError } from "./ssh";
import { status } from "./status";

/** How long one host may take to tell its facts. */
const LIMIT_SECONDS = 30;

/**
 * Gathers facts and state. Hosts that can't be asked are findings, never an exception.
 *
 * @param privateKey SSH key of the stack, kept in memory
 */
export async function doctor(config: HomelabConfig, privateKey: string): Promise<Finding[]> {
  const [facts, report] = await Promise.all([
    Promise.all(config.hosts.map((host) => factsOf(host, privateKey))),
    status(config, privateKey),
  ]);
  return findingsOf(config, facts, report);
}

async function factsOf(host: HostConfig, privateKey: string): Promise<HostFacts> {
  const now = (): number => Math.round(Date.now() / 1000);
  try {
    const connection = await connect(host, privateKey);
    try {
      const { stdout } = await connection.run(command(host), LIMIT_SECONDS);
      return { name: host.name, text: stdout, askedAt: now() };
    } finally {
      connection.close();
    }
  } catch (error) {
    // `status` asks the same host and reports the same reason.
    if (error instanceof SshError) return { name: host.name, askedAt: now() };
    throw error;
  }
}

function command(host: HostConfig): string {
  const effective = join(__dirname, "../components/host/memory-cgroup-effective.sh");
  const files = [effective, join(__dirname, "doctor.sh")].map((file) => readFileSync(file, "utf8"));
  const script = [`service=${k3sService(host.role)}`, ...files].join("\n");
  return `as_root=; [ "$(id -u)" = 0 ] || as_root="sudo -n"; $as_root bash -c ${shellQuote(script)}`;
}
