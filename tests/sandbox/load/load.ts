import type { ChildProcess } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { killAll, until, type Lab } from "../lab";
import { LIMIT_MS, PATIENCE_MS, type Outcome, type Target } from "./target";

/** What one target did in a span of time. */
export interface Figures {
  readonly asked: number;
  /** Requests without the right answer. */
  readonly failed: number;
  /** Requests with the right answer, but later than a second. */
  readonly slow: number;
  /** Longest time in which no right answer came, in seconds. */
  readonly silenceSeconds: number;
  /** How many failed for which reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** A steady load from the LAN's client on one or more targets, written down request by request. */
export class Load {
  private readonly outcomes: Outcome[] = [];
  private errors = "";
  /** When every target had answered, milliseconds since 1970. */
  startedAt = 0;

  private constructor(
    private readonly process: ChildProcess,
    private readonly targets: readonly Target[],
  ) {
    if (process.stdout === null) throw new Error("the load's outcomes cannot be read");
    createInterface(process.stdout).on("line", (line) => this.outcomes.push(JSON.parse(line) as Outcome));
    process.stderr?.on("data", (data: Buffer) => (this.errors += data.toString()));
  }

  /**
   * Starts it; every target must answer rightly first, or failures to come would prove nothing.
   *
   * @param caFile root of the sites' certificates; undefined if no target is a site
   */
  static async start(lab: Lab, caFile: string | undefined, targets: readonly Target[]): Promise<Load> {
    const tsx = path.resolve(__dirname, "../../../node_modules/.bin/tsx");
    const generator = [tsx, path.join(__dirname, "generator.ts"), JSON.stringify({ targets, caFile })];
    const load = new Load(lab.start(["exec", "--", ...generator]), targets);
    try {
      await until("a right answer of every target", 60, () =>
        Promise.resolve(targets.every(({ name }) => load.of(name).some(({ ok }) => ok))),
      );
    } catch (error) {
      const last = targets.map(({ name }) => `${name}: ${load.of(name).at(-1)?.detail ?? "asked nothing"}`);
      load.stop();
      throw new Error([...last, load.errors].join("\n"), { cause: error });
    }
    load.startedAt = Date.now();
    return load;
  }

  /** Names of the targets. */
  get names(): string[] {
    return this.targets.map(({ name }) => name);
  }

  stop(): void {
    killAll(this.process);
  }

  /** Requests that were sent in a span (milliseconds since 1970) and are over: answered, failed or given up. */
  figures(target: string, from: number, to = Date.now() - LIMIT_MS): Figures {
    const perSecond = this.targets.find(({ name }) => name === target)?.perSecond ?? 0;
    const outcomes = this.of(target).filter(({ at }) => at >= from && at <= to);
    const expected = (perSecond * (to - from)) / 1000;
    if (outcomes.length < expected * 0.9 - 1 || expected < 1) {
      const found = `${outcomes.length} of about ${expected.toFixed(0)} requests were sent`;
      throw new Error(`${target}: the load was not steady, ${found}, so that it proves nothing. ${this.errors}`);
    }
    const failed = outcomes.filter(({ ok }) => !ok);
    const reasons: Record<string, number> = {};
    for (const { detail } of failed) reasons[detail] = (reasons[detail] ?? 0) + 1;
    return {
      asked: outcomes.length,
      failed: failed.length,
      slow: outcomes.filter(({ ok, took }) => ok && took > PATIENCE_MS).length,
      silenceSeconds: this.silence(outcomes, from, to),
      reasons,
    };
  }

  /** Whether all targets gave nothing but right answers, each within a second, to what was sent in the last seconds. */
  calmFor(seconds: number): boolean {
    const from = Date.now() - seconds * 1000;
    return this.targets.every(({ name, perSecond }) => {
      // The newest requests may be under way still.
      const sent = this.of(name).filter(({ at }) => at >= from);
      return sent.length >= perSecond * (seconds - 1) * 0.8 && sent.every(({ ok, took }) => ok && took <= PATIENCE_MS);
    });
  }

  /** Serial numbers of the certificates that a target has shown, oldest first. */
  serials(target: string): string[] {
    return [...new Set(this.of(target).flatMap(({ ok, serial }) => (ok && serial !== undefined ? [serial] : [])))];
  }

  private of(target: string): Outcome[] {
    return this.outcomes.filter((outcome) => outcome.target === target);
  }

  private silence(outcomes: readonly Outcome[], from: number, to: number): number {
    const answered = outcomes.filter(({ ok }) => ok).map(({ at, took }) => at + took);
    const moments = [from, ...answered.sort((one, other) => one - other), Math.max(to, ...answered)];
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
    return Math.max(...gaps) / 1000;
  }
}

/** Figures as one line of text. */
export function describe({ asked, failed, slow, silenceSeconds, reasons }: Figures): string {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} × ${reason}`);
  const counts = `${failed} of ${asked} failed, ${slow} more took over 1 s, ${silenceSeconds.toFixed(1)} s without answers`;
  return why.length === 0 ? counts : `${counts} (${why.join(", ")})`;
}

/** Prints what the load has seen of these targets in a span (milliseconds since 1970), and judges each of them. */
export function judge(
  load: Load,
  what: string,
  { names, from, to }: { readonly names: readonly string[]; readonly from: number; readonly to: number },
  limitSeconds: number,
): void {
  const found = names.map((name) => ({ name, figures: load.figures(name, from, to) }));
  for (const { name, figures } of found) console.error(`${what}: ${name}: ${describe(figures)}`);
  const silent = found.filter(({ figures }) => figures.silenceSeconds > limitSeconds);
  if (silent.length === 0) return;
  throw new Error(silent.map(({ name, figures }) => `${what}: ${name}: ${describe(figures)}`).join("\n"));
}

/** Time for requests under way to be over, so that they count. */
export const over = (moment: number): Promise<number> =>
  until("the end of all requests", 10, () => Promise.resolve(Date.now() > moment + LIMIT_MS));
