import type { Home } from "../home";
import { EMPTY_PROGRAM, OtherProgram, plainProgram } from "../other-program";
import type { Findings, Part } from "../part";
import { ratio } from "../statistics";
import { languageHostMB, type TimedRun } from "../timed";

const ROUNDS = 7;
const UP = ["up", "--yes", "--skip-preview"];

/**
 * A `pulumi up` with nothing to do, by turns with that of an empty program, and of a plain one with as many resources: what
 * Pulumi takes for itself.
 */
export const noopUp: Part = {
  name: "noopUp",
  what: "`pulumi up` and `pulumi preview` with nothing to do, against an empty program's and a plain one's",
  async measure({ say, home }) {
    await home().cluster();
    const { samples, ratios } = await compare(home(), say, "noopUp");
    return {
      samples: { ...samples, noopPreviewSeconds: await previews(home(), say) },
      ratios,
    };
  },
};

/** The same with every layer: an engine that has a second provider to start, and charts to look at. */
export const noopUpWithLayers: Part = {
  name: "noopUpWithLayers",
  what: "the same on a home with every layer",
  async measure({ say, home }) {
    await home().layers();
    return compare(home(), say, "noopUpWithLayers");
  },
};

async function compare(home: Home, say: (text: string) => void, name: string): Promise<Findings> {
  // All have run once: what is done for the first time is not what is compared.
  const { resources } = unchanged(await home.pulumi(UP));
  const empty = await OtherProgram.make("empty", EMPTY_PROGRAM);
  const plain = await OtherProgram.make("plain", plainProgram(resources));
  try {
    const ours: TimedRun[] = [];
    const nothing: TimedRun[] = [];
    const asMany: NoOp[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      ours.push(unchanged(await home.pulumi(UP)));
      nothing.push(await empty.up());
      asMany.push(unchanged(await plain.up()));
      const [one, two, three] = [ours, nothing, asMany].map((runs) => runs.at(-1)?.seconds.toFixed(2));
      say(`${name}, ${round} of ${ROUNDS}: ${one} s, empty ${two} s, plain ${three} s`);
    }
    if (asMany.some((run) => run.resources !== resources)) {
      throw new Error(`the plain program has not the ${resources} resources of ours, so it says nothing about them`);
    }
    return {
      samples: {
        [`${name}Seconds`]: seconds(ours),
        [`${name}EmptySeconds`]: seconds(nothing),
        [`${name}PlainSeconds`]: seconds(asMany),
        [`${name}LanguageHostMB`]: ours.map(languageHostMB),
        [`${name}EmptyLanguageHostMB`]: nothing.map(languageHostMB),
        [`${name}PlainLanguageHostMB`]: asMany.map(languageHostMB),
      },
      ratios: {
        [name]: ratio(seconds(ours), seconds(nothing)),
        [`${name}OverPlain`]: ratio(seconds(ours), seconds(asMany)),
      },
    };
  } finally {
    empty.remove();
    plain.remove();
  }
}

function seconds(runs: readonly TimedRun[]): number[] {
  return runs.map((run) => run.seconds);
}

async function previews(home: Home, say: (text: string) => void): Promise<number[]> {
  const runs: TimedRun[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const run = await home.pulumi(["preview", "--expect-no-changes"]);
    say(`noopPreview, ${round} of ${ROUNDS}: ${run.seconds.toFixed(2)} s`);
    runs.push(run);
  }
  return seconds(runs);
}

/** A run that had nothing to do. */
export interface NoOp extends TimedRun {
  /** How many resources it looked at. */
  readonly resources: number;
}

/** @throws Error if it changed something: that would be another thing to measure */
export function unchanged(run: TimedRun): NoOp {
  const texts = run.lines.map(({ text }) => text.trim());
  const start = texts.indexOf("Resources:");
  const end = texts.indexOf("", start);
  const counts = start < 0 ? [] : texts.slice(start + 1, end < 0 ? undefined : end);
  const resources = counts.length === 1 ? /^(\d+) unchanged$/.exec(counts[0] ?? "")?.[1] : undefined;
  if (resources === undefined) {
    throw new Error(`there was something to do, so it was no no-op: ${counts.join(", ") || "no summary"}`);
  }
  return { ...run, resources: Number(resources) };
}
