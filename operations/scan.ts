/** `scan`: shows the hosts' SSH keys, to be pasted into the stack after a comparison on the hosts' consoles. */
import { draftOf, type HostDraft } from "../config/draft";
import { fingerprint, hostKeyLine, hostKeyTypes, parseHostKey } from "../config/host-key";
import { readStackFile, StackFileError } from "../config/stack-file";
import { OperationError, type StackChoice } from "./command-line";
import { hostKeyOf, SshError, type SshTarget } from "./ssh";

/** One host to ask. */
export interface ScanTarget extends SshTarget {
  readonly name: string;
  /** The key that the stack pins, if it has a valid one. */
  readonly pinned?: string | undefined;
}

/** What a host showed: `new` has no valid key in the stack to compare with. */
export interface ScanResult {
  readonly name: string;
  readonly address: string;
  readonly verdict: "match" | "mismatch" | "new" | "unreachable";
  readonly hostKey?: string;
  readonly fingerprint?: string;
  readonly pinnedFingerprint?: string;
  readonly error?: string;
}

/**
 * Hosts to scan: those of the stack, or those named (a host's name or address in the stack, or any ADDRESS[:PORT]).
 * The stack file is read leniently: keys may still be missing or wrong.
 *
 * @throws OperationError if nothing is left to scan
 */
export function scanTargets(stack: StackChoice, named: readonly string[]): ScanTarget[] {
  const hosts = draftOf(rawOf(stack, named.length > 0)).hosts.flatMap(targetOf);
  if (named.length > 0) {
    return named.map((name) => hosts.find((host) => host.name === name || host.address === name) ?? freeTarget(name));
  }
  if (hosts.length === 0) {
    throw new OperationError(
      `${stack.file}: found no host with a valid address; add homelab:hosts or name addresses to scan`,
    );
  }
  return hosts;
}

function rawOf(stack: StackChoice, optional: boolean): unknown {
  try {
    return readStackFile(stack.file);
  } catch (error) {
    if (optional && error instanceof StackFileError) return {};
    throw error;
  }
}

function targetOf({ index, name, address, port, hostKey }: HostDraft): ScanTarget[] {
  return address === undefined ? [] : [{ name: name ?? `hosts[${index}]`, address, port, pinned: hostKey }];
}

function freeTarget(text: string): ScanTarget {
  const [, address = text, port = "22"] = /^([^:]+):(\d{1,5})$/.exec(text) ?? [];
  return { name: text, address, port: Number(port) };
}

/** Asks one host; of the pinned type first, since another of its keys would prove nothing about that one. */
export async function scan(target: ScanTarget): Promise<ScanResult> {
  const { name, address } = target;
  const pinned = target.pinned === undefined ? undefined : parseHostKey(target.pinned);
  const types = [...new Set([...(pinned ? [pinned.type] : []), ...hostKeyTypes])];
  try {
    for (const type of types) {
      const blob = await hostKeyOf(target, type);
      const hostKey = blob && hostKeyLine(blob);
      if (!blob || hostKey === undefined) continue;
      const shown = { name, address, hostKey, fingerprint: fingerprint(blob) };
      if (!pinned) return { ...shown, verdict: "new" };
      if (pinned.blob.equals(blob)) return { ...shown, verdict: "match" };
      return { ...shown, verdict: "mismatch", pinnedFingerprint: fingerprint(pinned.blob) };
    }
    const error = `${address}: the host has neither an ed25519 nor an ecdsa key; run \`sudo ssh-keygen -A\` on it`;
    return { name, address, verdict: "unreachable", error };
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    return { name, address, verdict: "unreachable", error: error.message };
  }
}

/** The results as people read them. */
export function scanText(results: readonly ScanResult[]): string {
  const untrusted = results.some(({ verdict }) => verdict === "new" || verdict === "mismatch");
  return [...results.map(resultText), ...(untrusted ? [WARNING] : [])].join("\n\n");
}

const WARNING =
  "These keys came over the network: whoever answers there can show a key of their own. Before you trust a new or changed\n" +
  "key, compare its fingerprint on the host's own console (screen and keyboard, or serial line):\n" +
  "  for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done";

function resultText(result: ScanResult): string {
  const heading = result.name.startsWith(result.address) ? result.name : `${result.name} (${result.address})`;
  if (result.hostKey === undefined) return `${heading}: UNREACHABLE\n  ${result.error ?? ""}`;
  const verdicts = {
    match: "matches the stack",
    mismatch: `DIFFERS from the stack, which has ${result.pinnedFingerprint}`,
    new: "not in the stack yet",
    unreachable: "",
  };
  return `${heading}: ${verdicts[result.verdict]}\n  hostKey: ${result.hostKey}\n  fingerprint: ${result.fingerprint}`;
}

/** Whether every host answered and none contradicts the stack. */
export function scanIsGood(results: readonly ScanResult[]): boolean {
  return results.every(({ verdict }) => verdict === "match" || verdict === "new");
}
