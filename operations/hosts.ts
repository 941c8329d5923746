/** The hosts of a home, each logged in to once for all that an operation asks it. */
import { asRoot, shellQuote } from "../components/script/script";
import type { HomelabConfig, HostConfig } from "../config/types";
import { connect, SshError, type SshConnection } from "./ssh";

/** A host and the way to it, or why there is none. */
export interface OpenHost {
  readonly host: HostConfig;
  readonly connection?: SshConnection;
  readonly error?: string;
}

/**
 * Logs in to all hosts at once, hands them over, and logs out at the end. A host that can't be reached is handed over with
 * the reason, never thrown.
 *
 * @param privateKey SSH key of the stack, kept in memory
 */
export async function withHosts<T>(
  config: HomelabConfig,
  privateKey: string,
  work: (hosts: readonly OpenHost[]) => Promise<T>,
): Promise<T> {
  const hosts = await Promise.all(config.hosts.map((host) => open(host, privateKey)));
  try {
    return await work(hosts);
  } finally {
    for (const { connection } of hosts) connection?.close();
  }
}

async function open(host: HostConfig, privateKey: string): Promise<OpenHost> {
  try {
    return { host, connection: await connect(host, privateKey) };
  } catch (error) {
    return { host, error: sshReason(error) };
  }
}

/** The one line of an {@link SshError}; anything else is a defect and thrown on. */
export function sshReason(error: unknown): string {
  if (error instanceof SshError) return error.message;
  throw error;
}

/** A command that runs a bash script as root, whoever is logged in. The script must hold no secret: it is an argument. */
export function bashAsRoot(script: string): string {
  return asRoot(`bash -c ${shellQuote(script)}`);
}
