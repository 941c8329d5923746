import { median, ratio } from "../statistics";
import { PrivatePulumi } from "../private-pulumi";
import type { Part } from "../part";
import { languageHostMB, type TimedLine, type TimedRun } from "../timed";

const SIZES = [3, 20, 100] as const;
const ROUNDS = 5;
const COLD_ROUNDS = 2;

/**
 * How the cost of a preview grows with the number of hosts: the real CLI and program, no host in reach. Node's start is
 * part of each, so that the cost per resource falls as long as nothing grows faster than the number of resources.
 */
export const previewGrowth: Part = {
  name: "previewGrowth",
  what: `first preview of ${SIZES.join(", ")} hosts, and the language host's memory`,
  async measure({ say, tools }) {
    const folders = await tools();
    const seconds = new Map<number, number[]>();
    const memory = new Map<number, number[]>();
    const resources = new Map<number, number>();
    const cold: TimedRun[] = [];
    const stacks = new Map<number, PrivatePulumi>();
    try {
      for (const size of SIZES) stacks.set(size, new PrivatePulumi(folders, size));
      // The first reads much from the disk that is in memory later, so it does not count; neither do the cold ones below.
      await stacks.get(SIZES[0])?.preview();
      for (let round = 1; round <= COLD_ROUNDS; round++) {
        const run = await (stacks.get(SIZES[0]) as PrivatePulumi).preview(true);
        say(`preview after a change of the program, ${round} of ${COLD_ROUNDS}: ${run.seconds.toFixed(1)} s`);
        cold.push(run);
      }
      for (let round = 1; round <= ROUNDS; round++) {
        for (const [size, stack] of stacks) {
          const run = await stack.preview();
          say(`preview of ${size} hosts, ${round} of ${ROUNDS}: ${run.seconds.toFixed(1)} s`);
          seconds.set(size, [...(seconds.get(size) ?? []), run.seconds]);
          memory.set(size, [...(memory.get(size) ?? []), languageHostMB(run)]);
          resources.set(size, toCreate(run.lines));
        }
      }
    } finally {
      for (const stack of stacks.values()) stack.remove();
    }
    const perResource = (size: number): number[] =>
      (seconds.get(size) ?? []).map((value) => value / (resources.get(size) ?? 0));
    const of = (size: number): Point => ({
      seconds: median(seconds.get(size) ?? []),
      resources: resources.get(size) ?? 0,
    });
    const samples = SIZES.map((size) => ({
      [`preview${size}Seconds`]: seconds.get(size) ?? [],
      [`preview${size}Resources`]: [resources.get(size) ?? 0],
      [`preview${size}MillisecondsPerResource`]: perResource(size).map((value) => value * 1000),
      [`preview${size}LanguageHostMB`]: memory.get(size) ?? [],
    }));
    return {
      samples: {
        previewColdSeconds: cold.map(({ seconds: value }) => value),
        previewColdLanguageHostMB: cold.map(languageHostMB),
        ...(Object.assign({}, ...samples) as Record<string, number[]>),
      },
      ratios: {
        previewGrowth3to100: ratio(perResource(100), perResource(3)),
        previewFurtherResource20to100Over3to20: slope(of(20), of(100)) / slope(of(3), of(20)),
      },
    };
  },
};

/** How many resources a preview would make, by its summary. @throws Error if it has none */
export function toCreate(lines: readonly TimedLine[]): number {
  const count = lines.map(({ text }) => /^\s+\+ (\d+) to create$/.exec(text)?.[1]).find((found) => found !== undefined);
  if (count === undefined) throw new Error("the preview does not say how many resources it would make");
  return Number(count);
}

interface Point {
  readonly seconds: number;
  readonly resources: number;
}

/** Seconds for each further resource: without what every preview costs once. */
export function slope(from: Point, to: Point): number {
  return (to.seconds - from.seconds) / (to.resources - from.resources);
}
