import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { CommandLine } from "../sandbox/lan/client";
import { LanguageHostWatch } from "./language-host";

/** A line of output, and when it came: seconds since the command was started. */
export interface TimedLine {
  readonly at: number;
  readonly text: string;
}

/** What a command did. */
export interface TimedRun {
  readonly seconds: number;
  readonly lines: readonly TimedLine[];
  /** Greatest memory of the Node process that ran the program, in megabytes; undefined if there was none. */
  readonly languageHostMB: number | undefined;
}

/** @throws Error if no Node process was seen: nothing is no measurement */
export function languageHostMB({ languageHostMB: peak }: TimedRun): number {
  if (peak === undefined) throw new Error("the process that runs the program was not found");
  return peak;
}

/** Runs pulumi, or what ends as pulumi, with its output written down line by line. @throws Error with the output if it fails */
export function timed(
  { command, args }: CommandLine,
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Promise<TimedRun> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const elapsed = (): number => (performance.now() - start) / 1000;
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const watch = new LanguageHostWatch(child.pid);
    const lines: TimedLine[] = [];
    let seconds = 0;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (text) => lines.push({ at: elapsed(), text }));
    }
    child.on("error", reject);
    // The end of the process, not that of its output: a plugin that lingers holds the pipe.
    child.on("exit", () => (seconds = elapsed()));
    child.on("close", (status) => {
      const peak = watch.stop();
      if (status === 0) return resolve({ seconds, lines, languageHostMB: peak });
      const output = lines.map(({ text }) => text).join("\n");
      reject(new Error(`${command} ${args.slice(-8).join(" ")} ended with ${status}:\n${output}`));
    });
  });
}
