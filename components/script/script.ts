import * as fs from "node:fs";
import * as path from "node:path";

/** A value that a script gets: a string, a number, a flag (`yes` or empty) or a list (a bash array). */
export type Parameter = string | number | boolean | readonly string[];

export interface ScriptArgs {
  /** Name of the step, as its messages and the host's lock show it. */
  readonly step: string;
  /** Shell files that make up the step, in order; each is a path from {@link shellFile}. */
  readonly files: readonly string[];
  /** Shell variables that the files read. The text of a file that the step writes is one of them, so that a preview shows its diff. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /**
   * How long the step waits for another step on the same host, such as an orphan of an interrupted run.
   * @default 900
   */
  readonly lockWaitSeconds?: number;
}

/** The path of a shell file that lies beside the module `directory` (pass `__dirname`). */
export function shellFile(directory: string, name: string): string {
  return path.join(directory, name);
}

/** Quotes a string for a POSIX shell. */
export function shellQuote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command line that runs another one as root, whoever is logged in. sshd hands it to the login's own shell, so it is in
 * words that all of them read alike: zsh, for one, splits no variable into words.
 */
export function asRoot(call: string): string {
  return `sh -c '[ "$(id -u)" = 0 ] || exec sudo -n "$@"; exec "$@"' sh ${call}`;
}

/**
 * Renders one convergent step as the text that bash reads on the host.
 *
 * The body is a function that is called on the last line: bash has then read the whole text, so that a connection
 * that breaks half-way runs nothing, and no command of the body can swallow the rest of the script from standard input.
 * It holds neither secrets nor anything that differs between two machines that run Pulumi.
 */
export function renderScript(args: ScriptArgs): string {
  const parameters = {
    step: args.step,
    lock: "/run/homelab.lock",
    lock_wait_seconds: args.lockWaitSeconds ?? 900,
    ...args.parameters,
  };
  const bodies = [shellFile(__dirname, "base.sh"), ...args.files].map((file) =>
    fs.readFileSync(file, "utf8").trimEnd(),
  );
  return [
    "set -euo pipefail",
    "main() {",
    ...Object.entries(parameters).map(([name, value]) => `${name}=${renderParameter(value)}`),
    ...bodies,
    "}",
    'main "$@" </dev/null',
    "",
  ].join("\n");
}

function renderParameter(value: Parameter): string {
  if (typeof value === "string") return shellQuote(value);
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "yes" : "''";
  return `(${value.map(shellQuote).join(" ")})`;
}
