/** One script on several hosts, and what came of it in words. */
import type { HostConfig } from "../../config/types";
import { bashAsRoot, sshReason, type OpenHost } from "../hosts";

/** Above how long a script waits for its host's lock. */
const LIMIT_SECONDS = 30;

/** How it went on one host. */
export interface HostOutcome {
  readonly name: string;
  /** What the script printed. */
  readonly said: string;
  /** Why it failed; undefined if it did not. */
  readonly error?: string | undefined;
}

/** Runs a script on all these hosts at once. A host that fails, or that there is no way to, is an outcome as well. */
export function onHosts(
  hosts: readonly OpenHost[],
  scriptFor: (host: HostConfig) => string,
): Promise<readonly HostOutcome[]> {
  return Promise.all(hosts.map((open) => onHost(open, scriptFor(open.host))));
}

async function onHost({ host: { name }, connection, error }: OpenHost, script: string): Promise<HostOutcome> {
  if (!connection) return { name, said: "", error: error ?? "no connection" };
  try {
    const { stdout, stderr, code } = await connection.run(bashAsRoot(script), LIMIT_SECONDS);
    return code === 0 ? { name, said: stdout.trim() } : { name, said: stdout.trim(), error: reason(stderr) };
  } catch (failure) {
    return { name, said: "", error: sshReason(failure) };
  }
}

/** A step's own last words (`homelab: HOST: STEP: what`), else all that was said. */
function reason(stderr: string): string {
  const own = stderr.lastIndexOf("homelab: ");
  if (own < 0) return stderr.trim() || "no reason given";
  return stderr
    .slice(own)
    .trim()
    .replace(/^homelab: \S+: \S+: /, "");
}

/** `NAME: why` for each host that failed. */
export function failures(outcomes: readonly HostOutcome[]): string[] {
  return outcomes.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]));
}

/** `pi1, pi2` */
export function namesOf(hosts: readonly { readonly name: string }[]): string {
  return hosts.map(({ name }) => name).join(", ");
}
