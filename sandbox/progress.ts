import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { logDirectory } from "./paths";

/** A mistake or a state of the machine that the user can mend: printed as it is, without a stack trace. */
export class UserError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UserError";
  }
}

/** What a step may use: the file for its commands' output is its first argument, `detail` says what it is at. */
export type StepBody<T> = (logFile: string, detail: (text: string) => void) => Promise<T>;

interface ActiveStep {
  readonly title: string;
  readonly startedAt: number;
  detail: string;
}

/** How long a step may be silent before a line says that it still runs. */
const HEARTBEAT_MS = 5000;

/**
 * Shows at any time which step a command is at and for how long.
 *
 * On a terminal one line is rewritten every second; elsewhere a line appears when a step starts, every five seconds
 * while it runs, and when it ends. Steps may be nested and may run at once. Each has a log file of its own.
 */
export class Progress {
  private readonly active: ActiveStep[] = [];
  private readonly reported = new WeakSet<object>();
  private timer: NodeJS.Timeout | undefined;
  private lastOutputAt = 0;
  private statusShown = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stdout) {}

  /**
   * Runs one step: prints its title, the elapsed time while it runs and how it ended.
   *
   * @param title Short text, for example "Debian packages"; the log file is named after it.
   * @param body The work. It gets the path of the step's log file, and a function that shows a detail beside the title.
   * @throws what `body` throws, after it was printed once with the log file's name.
   */
  async step<T>(title: string, body: StepBody<T>): Promise<T> {
    mkdirSync(logDirectory(), { recursive: true, mode: 0o700 });
    const logFile = join(logDirectory(), `${slug(title)}.log`);
    const step: ActiveStep = { title, startedAt: Date.now(), detail: "" };
    this.begin(step);
    try {
      const result = await body(logFile, (text) => {
        step.detail = text;
      });
      this.end(step, `✓ ${title} (${seconds(step.startedAt)})`);
      return result;
    } catch (error) {
      this.end(step, this.describeFailure(step, error, logFile));
      throw error;
    }
  }

  /** Prints a line that stays, for example which of two ways was taken. */
  note(text: string): void {
    this.print(`  ${text}`);
  }

  /** True when the error was already shown by the step in which it happened. */
  wasReported(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.reported.has(error);
  }

  private describeFailure(step: ActiveStep, error: unknown, logFile: string): string {
    const line = `✗ ${step.title} failed (${seconds(step.startedAt)})`;
    if (this.wasReported(error)) return line;
    if (typeof error === "object" && error !== null) this.reported.add(error);
    const message = error instanceof Error ? error.message : String(error);
    return `${line}\n  ${message.replaceAll("\n", "\n  ")}\n  log: ${logFile}`;
  }

  private begin(step: ActiveStep): void {
    this.active.push(step);
    if (!this.stream.isTTY) this.print(`- ${step.title}`);
    this.timer ??= setInterval(() => this.tick(), this.stream.isTTY ? 1000 : HEARTBEAT_MS);
    this.timer.unref();
    if (this.stream.isTTY) this.tick();
  }

  private end(step: ActiveStep, text: string): void {
    this.active.splice(this.active.indexOf(step), 1);
    this.print(text);
    if (this.active.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    const step = this.active.at(-1);
    if (step === undefined) return;
    const others = this.active.length > 1 ? ` [${this.active.length} steps at once]` : "";
    const detail = step.detail === "" ? "" : `: ${step.detail}`;
    const text = `… ${step.title}${detail} (${seconds(step.startedAt)})${others}`;
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[2K${text.slice(0, (this.stream.columns || 80) - 1)}`);
      this.statusShown = true;
    } else if (Date.now() - this.lastOutputAt >= HEARTBEAT_MS - 500) {
      this.print(text);
    }
  }

  /** Prints text that stays, as it is. */
  print(text: string): void {
    const clear = this.statusShown ? "\r\x1b[2K" : "";
    this.statusShown = false;
    this.lastOutputAt = Date.now();
    this.stream.write(`${clear}${text}\n`);
  }
}

/** Elapsed time for people: `4 s`, `2 min 05 s`. */
export function seconds(startedAt: number): string {
  const total = Math.round((Date.now() - startedAt) / 1000);
  const rest = String(total % 60).padStart(2, "0");
  return total < 60 ? `${total} s` : `${Math.floor(total / 60)} min ${rest} s`;
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
