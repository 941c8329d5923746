import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** How a command is run. */
export interface RunOptions {
  /** Text for the command's standard input, the way secrets travel. Default: no input. */
  readonly input?: string | undefined;
  /** File that the command line (never the input) and all output are appended to. Default: no log. */
  readonly logFile?: string | undefined;
  /** Whole environment of the command. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Working directory. Default: this process's. */
  readonly cwd?: string | undefined;
  /** Keeps standard output out of the log file, because it is secret. Default false. */
  readonly secretOutput?: boolean | undefined;
  /** What log and errors show instead of the command line, for one that is long and says little. */
  readonly label?: string | undefined;
  /** Called with each whole line of standard output as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** A command that could not be started or that ended with something else than 0. The message has no secret input. */
export class CommandError extends Error {
  constructor(
    message: string,
    /** Exit code; 128 + signal number when a signal ended it; 127 when it could not be started. */
    readonly exitCode: number,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

/** How many of a failed command's last lines its error repeats. */
const TAIL_LINES = 12;

/**
 * Runs a command without a shell and returns its standard output.
 *
 * @throws CommandError that names command, exit code, the last lines of output and the log file.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const log = options.logFile === undefined ? undefined : openLog(options.logFile);
  try {
    if (log !== undefined) writeSync(log, `$ ${options.label ?? [command, ...args].join(" ")}\n`);
    return await start(command, args, options, log);
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** Like `run`, but a failure is an answer: returns exit code and both outputs, and never throws for an exit code. */
export async function tryRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  try {
    return { exitCode: 0, stdout: await run(command, args, options), stderr: "" };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { exitCode: error.exitCode, stdout: error.stdout, stderr: error.stderr };
  }
}

/** Opens a log file to append to, with its folder, readable by its owner only. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "a", 0o600);
}

function start(
  command: string,
  args: readonly string[],
  options: RunOptions,
  log: number | undefined,
): Promise<string> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let partial = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout.push(chunk);
      if (log !== undefined && !options.secretOutput) writeSync(log, chunk);
      if (!options.onLine) return;
      const lines = (partial + chunk.toString()).split("\n");
      partial = lines.pop() ?? "";
      lines.forEach(options.onLine);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr.push(chunk);
      if (log !== undefined) writeSync(log, chunk);
    });
    // A command that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
    const text = () => [Buffer.concat(stdout).toString(), Buffer.concat(stderr).toString()] as const;
    child.on("error", (error) => {
      reject(new CommandError(`${command} could not be started: ${error.message}`, 127, ...text()));
    });
    child.on("close", (code, signal) => {
      if (partial !== "") options.onLine?.(partial);
      if (code === 0) return resolvePromise(text()[0]);
      reject(failure(command, args, options, code, signal, ...text()));
    });
  });
}

function failure(
  command: string,
  args: readonly string[],
  options: RunOptions,
  code: number | null,
  signal: NodeJS.Signals | null,
  stdout: string,
  stderr: string,
): CommandError {
  const tail = ((options.secretOutput ? "" : stdout) + stderr).trimEnd().split("\n").slice(-TAIL_LINES).join("\n  ");
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const where = options.logFile === undefined ? "" : ` (log: ${options.logFile})`;
  const line = options.label ?? [command, ...args].join(" ");
  const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  const exitCode = code ?? 137;
  return new CommandError(`${shown}: ${how}${where}${tail === "" ? "" : `\n  ${tail}`}`, exitCode, stdout, stderr);
}
