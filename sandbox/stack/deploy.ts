import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureLoginKey, replaceLoginKey } from "../host/keys";
import { apiToken } from "../internet/files";
import { inClient } from "../lan/client";
import { ensureDirectory, projectDirectory, statePaths } from "../paths";
import { CommandError, run, type RunOptions } from "../process";
import { UserError, type Progress } from "../progress";
import { encryptedSecret, renderEffectiveStack } from "./effective";
import { clientEnvironment, STACK } from "./environment";
import { releaseStaleLocks } from "./locks";

/** Config key of the private key that the program logs in with. */
const PRIVATE_KEY = "homelab:sshPrivateKey";

/** Config key of the token for DNS at Cloudflare. */
const API_TOKEN = "homelab:cloudflareApiToken";

/** The engine's warning for each plugin that it takes from PATH, the way by which the sandbox gives it all of them. */
const PATH_WARNING = /^\s+warning: (using pulumi-(resource|language)-|resource plugin .* is expected to have version)/;

/** Makes the stack and its secrets unless they are there: after this, `pulumi preview` and `up` need no answer. */
export async function ensureStack(progress: Progress, logFile: string): Promise<void> {
  const dead = releaseStaleLocks(true);
  if (dead.length > 0) progress.note(`Cancelled the stack lock of process ${dead.join(", ")}, which is dead.`);
  if (!stackExists()) await initialiseStack(logFile);
  const { config } = renderEffectiveStack();
  const { privateFile } = await ensureLoginKey(logFile);
  await ensureSecret(PRIVATE_KEY, readFileSync(privateFile, "utf8"), logFile);
  if (config.usesCloudflare) await ensureSecret(API_TOKEN, apiToken(), logFile);
  await pulumi(["stack", "select", STACK], { logFile });
}

async function ensureSecret(key: string, input: string, logFile: string): Promise<void> {
  if (encryptedSecret(key) !== undefined) return;
  await pulumi(["config", "set", "--secret", key, "--stack", STACK], { logFile, input });
}

/**
 * Takes over the stack's private key if `work` has changed it (`homelab rotate-ssh-key` does): the sandbox itself logs in
 * with it, too, and images cards that accept it.
 */
export async function followPrivateKey<T>(work: () => Promise<T>): Promise<T> {
  const before = encryptedSecret(PRIVATE_KEY);
  const result = await work();
  if (before !== undefined && encryptedSecret(PRIVATE_KEY) !== before) {
    const key = await pulumi(["config", "get", PRIVATE_KEY, "--stack", STACK], { secretOutput: true });
    await replaceLoginKey(`${key.trimEnd()}\n`);
  }
  return result;
}

/**
 * Runs the program: `pulumi up` in the LAN's client, showing the resource that is at work.
 *
 * @returns The summary, for example `12 unchanged`.
 * @throws UserError with Pulumi's diagnostics.
 */
export async function deploy(progress: Progress, logFile: string, detail: (text: string) => void): Promise<string> {
  const summary: string[] = [];
  /** What each resource at work says, the one that spoke last at the end. */
  const working = new Map<string, string>();
  let inSummary = false;
  const onLine = (line: string) => {
    const text = line.trim();
    if (/^Resources:/.test(text)) inSummary = true;
    else if (inSummary && text === "") inSummary = false;
    else if (inSummary) summary.push(text);
    const event = /^\s*[+~\-@><.]+\s+(\S+:\S+)\s+(\S+)\s+(.*)$/.exec(line);
    if (event === null) return;
    const [, type = "", name = "", what = ""] = event;
    // The stack and the components are at work from beginning to end.
    if (/^(pulumi:pulumi|homelab):/.test(type)) return;
    const isDone = /^(created|updated|deleted|replaced) /.test(what);
    if (isDone) progress.note(`${name}: ${what.trim()}`);
    const key = `${type} ${name}`;
    working.delete(key);
    if (!isDone) working.set(key, `${name} ${what.trim()}`);
    const [current, ...others] = [...working.values()].reverse();
    if (current !== undefined) detail(`${current.slice(0, 100)}${others.length > 0 ? ` (+${others.length})` : ""}`);
  };
  const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--color", "never", "--stack", STACK];
  try {
    const stdout = await pulumi(args, { logFile, onLine });
    // A plugin that ends badly after its work is done fails nothing, but is counted and must not go unseen.
    if (summary.some((line) => line.includes("errored"))) progress.note(diagnosis(stdout, ""));
  } catch (error) {
    throw error instanceof CommandError ? new UserError(diagnosis(error.stdout, error.message)) : error;
  }
  return summary.join(", ").replaceAll(/\s+/g, " ");
}

/** What Pulumi says about the failure; its last lines would only count resources. */
function diagnosis(stdout: string, otherwise: string): string {
  const start = stdout.lastIndexOf("\nDiagnostics:");
  if (start < 0) return otherwise;
  const end = stdout.indexOf("\nResources:", start);
  const lines = stdout.slice(start, end < 0 ? undefined : end).split("\n");
  return lines
    .filter((line) => !PATH_WARNING.test(line))
    .join("\n")
    .trim();
}

/**
 * Writes the stack's kubeconfig output to the sandbox's file, readable by its owner only, when the stack has changed
 * since it was last written; nobody has to think of it after a `pulumi up` by hand.
 *
 * @throws CommandError when the stack has no such output, because the program has not come that far yet.
 */
export async function refreshKubeconfig(logFile?: string): Promise<void> {
  const { kubeconfig } = statePaths();
  if (!existsSync(stateFile())) return;
  if (existsSync(kubeconfig) && statSync(kubeconfig).mtimeMs >= statSync(stateFile()).mtimeMs) return;
  const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", STACK];
  const text = await pulumi(args, { logFile, secretOutput: true });
  const partial = `${kubeconfig}.${process.pid}`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, kubeconfig);
}

/** The stack's output `urls`: addresses of what runs in the cluster, by name. */
export async function stackUrls(logFile?: string): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await pulumi(["stack", "output", "urls", "--json", "--stack", STACK], { logFile })) as Record<
    string,
    string
  >;
}

/**
 * `pulumi stack init` knows no --config-file: it writes the new salt beside Pulumi.yaml. So it is given a Pulumi.yaml of
 * its own, and the salt is taken from there whenever the effective file is rendered.
 */
async function initialiseStack(logFile: string): Promise<void> {
  const folder = ensureDirectory(dirname(statePaths().initialStackFile));
  rmSync(statePaths().initialStackFile, { force: true });
  copyFileSync(join(projectDirectory(), "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  await pulumi(["stack", "init", STACK, "--secrets-provider", "passphrase"], { logFile, cwd: folder });
}

function pulumi(args: readonly string[], options: RunOptions): Promise<string> {
  const line = inClient("pulumi", args);
  const label = ["pulumi", ...args].join(" ");
  return run(line.command, line.args, { cwd: projectDirectory(), env: clientEnvironment(), label, ...options });
}

function stackExists(): boolean {
  return existsSync(stateFile()) && existsSync(statePaths().initialStackFile);
}

/** The file backend's state of the stack. */
function stateFile(): string {
  return join(statePaths().pulumiState, ".pulumi", "stacks", "homelab", `${STACK}.json`);
}
