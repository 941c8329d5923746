import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { inClient } from "../../sandbox/lan/client";
import { projectDirectory } from "../../sandbox/paths";
import { clientEnvironment } from "../../sandbox/stack/environment";
import type { Home } from "../home";
import type { Findings, Part } from "../part";
import { ratio } from "../statistics";
import { languageHostMB, timed, type TimedRun } from "../timed";

const ROUNDS = 7;
const UP = ["up", "--yes", "--skip-preview"];

/** A `pulumi up` with nothing to do, by turns with that of an empty program: same CLI, same kind of backend, same place. */
export const noopUp: Part = {
  name: "noopUp",
  what: "`pulumi up` and `pulumi preview` with nothing to do, against an empty program's",
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
  const empty = await EmptyProgram.make();
  try {
    // Both have run once: what is done for the first time is not what is compared.
    unchanged(await home.pulumi(UP));
    await empty.up();
    const ours: TimedRun[] = [];
    const theirs: TimedRun[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const run = unchanged(await home.pulumi(UP));
      const other = await empty.up();
      say(`${name}, ${round} of ${ROUNDS}: ${run.seconds.toFixed(2)} s, empty ${other.seconds.toFixed(2)} s`);
      ours.push(run);
      theirs.push(other);
    }
    const seconds = ours.map((run) => run.seconds);
    const emptySeconds = theirs.map((run) => run.seconds);
    return {
      samples: {
        [`${name}Seconds`]: seconds,
        [`${name}EmptySeconds`]: emptySeconds,
        [`${name}LanguageHostMB`]: ours.map(languageHostMB),
        [`${name}EmptyLanguageHostMB`]: theirs.map(languageHostMB),
      },
      ratios: { [name]: ratio(seconds, emptySeconds) },
    };
  } finally {
    empty.remove();
  }
}

async function previews(home: Home, say: (text: string) => void): Promise<number[]> {
  const seconds: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const run = await home.pulumi(["preview", "--expect-no-changes"]);
    say(`noopPreview, ${round} of ${ROUNDS}: ${run.seconds.toFixed(2)} s`);
    seconds.push(run.seconds);
  }
  return seconds;
}

/** The run, if it had nothing to do. @throws Error if it changed something: that would be another thing to measure */
export function unchanged(run: TimedRun): TimedRun {
  const texts = run.lines.map(({ text }) => text.trim());
  const start = texts.indexOf("Resources:");
  const end = texts.indexOf("", start);
  const counts = start < 0 ? [] : texts.slice(start + 1, end < 0 ? undefined : end);
  if (counts.length !== 1 || !/^\d+ unchanged$/.test(counts[0] ?? "")) {
    throw new Error(`there was something to do, so it was no no-op: ${counts.join(", ") || "no summary"}`);
  }
  return run;
}

/** A Pulumi program of TypeScript without any resource, and a stack of its own. */
class EmptyProgram {
  private constructor(private readonly directory: string) {}

  static async make(): Promise<EmptyProgram> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-empty-"));
    const program = new EmptyProgram(directory);
    const files = {
      "Pulumi.yaml": "name: empty\nruntime: nodejs\n",
      "package.json": JSON.stringify({ name: "empty", private: true, main: "index.ts" }),
      "index.ts": "export {};\n",
    };
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text);
    // The second is the one that Pulumi.yaml names to the language host; it extends the first.
    for (const name of ["tsconfig.json", "tsconfig.pulumi.json"]) {
      fs.copyFileSync(path.join(projectDirectory(), name), path.join(directory, name));
    }
    fs.symlinkSync(path.join(projectDirectory(), "node_modules"), path.join(directory, "node_modules"));
    await program.pulumi(["stack", "init", "empty"]);
    await program.up();
    return program;
  }

  up(): Promise<TimedRun> {
    return this.pulumi([...UP, "--stack", "empty"]);
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private pulumi(args: readonly string[]): Promise<TimedRun> {
    const env: NodeJS.ProcessEnv = { ...clientEnvironment(), PULUMI_BACKEND_URL: `file://${this.directory}` };
    delete env["PULUMI_OPTION_CONFIG_FILE"];
    const line = inClient("pulumi", [...args, "--non-interactive", "--color", "never"]);
    return timed(line, { env, cwd: this.directory });
  }
}
