/** Collects what a command prints and shows it line by line while it runs. Follows util.LogOutput of pulumi-command. */
import { StringDecoder } from "node:string_decoder";
import { Operation } from "../operation";

/** Lines longer than this (bytes) stop Go's line scanner. */
const LONGEST_LINE = 64 * 1024;

/** Whether the input `logging` lets a stream be shown; absent means both. Any other value than the four known shows none. */
export function isLogged(logging: unknown, stream: "stdout" | "stderr"): boolean {
  return logging === undefined || logging === stream || logging === "stdoutAndStderr";
}

/** The two streams of a running command. */
export class OutputCollector {
  private readonly chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[], both: [] as Buffer[] };
  private readonly decoder = new StringDecoder("utf8");
  private line = "";
  private overlong = false;
  private shown: Promise<void> = Promise.resolve();

  /** @param logging the resource's input of that name. */
  constructor(
    private readonly operation: Operation,
    private readonly logging: unknown,
  ) {}

  /** Takes a chunk of either stream. */
  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.chunks[stream].push(chunk);
    this.chunks.both.push(chunk);
    if (isLogged(this.logging, stream)) {
      this.show(this.decoder.write(chunk));
    }
  }

  private show(text: string): void {
    const lines = (this.line + text).split("\n");
    this.line = lines.pop() ?? "";
    this.overlong ||= [...lines, this.line].some((line) => Buffer.byteLength(line) > LONGEST_LINE);
    for (const line of lines) {
      this.showLine(line.replace(/\r$/, ""));
    }
  }

  private showLine(line: string): void {
    this.shown = this.shown.then(() => this.operation.log("info", line, true));
  }

  /**
   * Ends the display. The official plugin hangs for ever once a shown line exceeds 64 KiB; here that is an error, so that
   * nobody comes to rely on it.
   */
  async finish(): Promise<void> {
    this.show(this.decoder.end());
    if (this.line !== "") {
      this.showLine(this.line);
    }
    await this.shown;
    if (this.overlong) {
      throw new Error(
        'the command printed a line of more than 64 KiB while its output is logged, where the official plugin hangs: set `logging` to "none" or break the line',
      );
    }
  }

  /** A stream's text without its last line end. */
  text(stream: "stdout" | "stderr"): string {
    return Buffer.concat(this.chunks[stream]).toString("utf8").replace(/\n$/, "");
  }

  /** Everything printed, in the order of arrival, for error messages. */
  combined(): string {
    return Buffer.concat(this.chunks.both).toString("utf8");
  }
}

const ESCAPES: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

function quoteCharacter(character: string): string {
  const escape = ESCAPES[character];
  if (escape !== undefined) {
    return escape;
  }
  const code = character.codePointAt(0) ?? 0;
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
    return character;
  }
  const hex = code.toString(16);
  return code < 0x80
    ? `\\x${hex.padStart(2, "0")}`
    : code < 0x10000
      ? `\\u${hex.padStart(4, "0")}`
      : `\\U${hex.padStart(8, "0")}`;
}

/** Quotes text as Go's `%q` does. */
export function goQuote(value: string): string {
  return `"${[...value].map(quoteCharacter).join("")}"`;
}

/** The error of a command that failed: the reason, the command's text and all that it printed. */
export function commandError(reason: string, command: string, output: OutputCollector): Error {
  return new Error(`${reason}: running ${goQuote(command)}:\n${output.combined()}`);
}
