import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { inClient } from "../sandbox/lan/client";
import { projectDirectory } from "../sandbox/paths";
import { clientEnvironment } from "../sandbox/stack/environment";
import { timed, type TimedRun } from "./timed";

/** What Pulumi itself takes for a program of TypeScript: there is nothing to register. */
export const EMPTY_PROGRAM = "export {};\n";

/** Its stack is a resource, and so are the hosts and the password. */
const HOSTS = 3;
const OTHERS = HOSTS + 2;
/** About as many characters as a step of ours has, over all of a cluster's. */
const SCRIPT_LENGTH = 3000;

/**
 * What Pulumi itself takes for a home's resources: as many, in as many chains, of the same two plugins, and nothing in them
 * that has to be found out.
 *
 * @param resources how many there are to be, the stack among them
 * @returns source text of the program
 */
export function plainProgram(resources: number): string {
  return `import { local } from "@pulumi/command";
import { ComponentResource, type Resource } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";

new RandomPassword("password", { length: 32 });
const hosts = Array.from({ length: ${HOSTS} }, (_, index) => new ComponentResource("plain:host:Host", \`host\${index}\`));
const last = new Map<Resource, Resource>();
for (let step = 0; step < ${resources - OTHERS}; step++) {
  const parent = hosts[step % ${HOSTS}] as Resource;
  const before = last.get(parent);
  const script = \`true # \${step} \${"x".repeat(${SCRIPT_LENGTH})}\`;
  const dependsOn = before === undefined ? [] : [before];
  last.set(parent, new local.Command(\`step\${step}\`, { create: script, update: script }, { parent, dependsOn }));
}
`;
}

/** Another program of TypeScript beside ours: same CLI, settings and packages, same kind of backend, a stack of its own. */
export class OtherProgram {
  private constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {}

  /** A program whose stack is up. */
  static async make(name: string, source: string): Promise<OtherProgram> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), `homelab-${name}-`));
    const program = new OtherProgram(directory, name);
    const files = {
      "Pulumi.yaml": `name: ${name}\nruntime: nodejs\n`,
      "package.json": JSON.stringify({ name, private: true, main: "index.ts" }),
      "index.ts": source,
    };
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, file), text);
    // The second is the one that our Pulumi.yaml names to the language host; it extends the first.
    for (const file of ["tsconfig.json", "tsconfig.pulumi.json"]) {
      fs.copyFileSync(path.join(projectDirectory(), file), path.join(directory, file));
    }
    fs.symlinkSync(path.join(projectDirectory(), "node_modules"), path.join(directory, "node_modules"));
    await program.pulumi(["stack", "init", name]);
    await program.up();
    return program;
  }

  up(): Promise<TimedRun> {
    return this.pulumi(["up", "--yes", "--skip-preview", "--stack", this.name]);
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
