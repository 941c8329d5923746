import type { Home } from "./home";

/** Measured values by name; a name ends with the unit, `noopUpSeconds`. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** What a part of the benchmark has found. */
export interface Findings {
  readonly samples: Samples;
  readonly ratios: Readonly<Record<string, number>>;
}

/** What a part may use. */
export interface Context {
  /** Tells the user what is at work. */
  readonly say: (text: string) => void;
  /** Folders of the Pulumi CLI and its plugins, for PATH. */
  readonly tools: () => Promise<readonly string[]>;
  /** The simulated home, made when it is first asked for. */
  readonly home: () => Home;
}

/** One part of the benchmark. */
export interface Part {
  readonly name: string;
  /** What it measures, for the list of parts. */
  readonly what: string;
  readonly measure: (context: Context) => Promise<Findings>;
}

/** What a ratio, or the greatest of a list of samples, is allowed to be. */
export const TARGETS: Readonly<Record<string, number>> = {
  bringUp: 1.25,
  noopUp: 1.5,
  previewGrowth3to100: 1,
  // The process that runs the program, in megabytes (10^6 bytes).
  previewColdLanguageHostMB: 400,
  preview3LanguageHostMB: 400,
  preview20LanguageHostMB: 400,
  preview100LanguageHostMB: 400,
  noopUpLanguageHostMB: 400,
  layersLanguageHostMB: 400,
  noopUpWithLayersLanguageHostMB: 400,
};
