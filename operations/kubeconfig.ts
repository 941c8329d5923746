/** `kubeconfig`: writes the stack's kubeconfig to a file that only its owner can read. */
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { parse } from "yaml";
import { OperationError, type StackChoice } from "./command-line";
import { pulumi } from "./pulumi";

/** What happened to the file. */
export type KubeconfigChange = "written" | "replaced" | "unchanged";

/**
 * Where to write: `--output`, else $KUBECONFIG, else `./kubeconfig`.
 *
 * @throws OperationError if $KUBECONFIG names several files
 */
export function kubeconfigPath(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const path = option ?? (environment["KUBECONFIG"] || "kubeconfig");
  if (option === undefined && path.includes(delimiter)) {
    throw new OperationError("KUBECONFIG names several files; name the one to write with --output");
  }
  return resolve(path);
}

/** Reads the kubeconfig from the stack's (secret) output. */
export async function readKubeconfig(stack: StackChoice): Promise<string> {
  const purpose = `read the kubeconfig of stack ${stack.name}`;
  const text = await pulumi(["stack", "output", "kubeconfig", "--show-secrets"], stack, purpose);
  if (clusterIds(text) === undefined) {
    throw new OperationError(`cannot ${purpose}: the output is no kubeconfig yet; run \`pulumi up\` first`);
  }
  return `${text.trimEnd()}\n`;
}

/**
 * Writes atomically with mode 0600. A file that belongs to another cluster, to several, or that is no kubeconfig, stays.
 *
 * @param force replaces the file whatever it holds
 * @throws OperationError if the file must stay or can't be written
 */
export function writeKubeconfig(path: string, text: string, force = false): KubeconfigChange {
  const target = existsSync(path) ? realpathSync(path) : path;
  const present = existsSync(target) ? readFileSync(target, "utf8") : undefined;
  if (present !== undefined && present.trim() !== "" && !force) refuseForeign(target, present, text);
  const temporary = `${target}.${process.pid}.new`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new OperationError(
      `${target}: cannot be written (${(error as NodeJS.ErrnoException).code}); name another file with --output`,
    );
  }
  if (present === undefined) return "written";
  return present === text ? "unchanged" : "replaced";
}

function refuseForeign(path: string, present: string, text: string): void {
  const found = clusterIds(present);
  const own = clusterIds(text) ?? [];
  const remedy = "name another file with --output, or replace this one with --force";
  if (found === undefined) throw new OperationError(`${path}: found a file that is no kubeconfig; ${remedy}`);
  if (found.length > 1) throw new OperationError(`${path}: found a kubeconfig of ${found.length} clusters; ${remedy}`);
  if (found[0] !== own[0]) throw new OperationError(`${path}: found the kubeconfig of another cluster; ${remedy}`);
}

/** A cluster is known by its certificate authority: addresses and names may change or repeat. */
function clusterIds(text: string): string[] | undefined {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch {
    return undefined;
  }
  const clusters = (parsed as { clusters?: unknown } | null)?.clusters;
  if (!Array.isArray(clusters) || clusters.length === 0) return undefined;
  return clusters.map((entry: { cluster?: Record<string, unknown> } | null) => {
    const cluster = entry?.cluster ?? {};
    return JSON.stringify(cluster["certificate-authority-data"] ?? cluster["server"] ?? null);
  });
}
