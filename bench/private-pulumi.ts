import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { projectDirectory } from "../sandbox/paths";
import { languageHostEnvironment } from "../sandbox/toolchain/language-host";
import { generatedStack } from "./generated-stack";
import { timed, type TimedRun } from "./timed";

const STACK = "bench";

/** A Pulumi of its own in a temporary folder, with a generated stack and no host in reach. */
export class PrivatePulumi {
  private readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-bench-"));
  private readonly env: NodeJS.ProcessEnv;

  /** @param tools folders of the CLI and its plugins */
  constructor(tools: readonly string[], hosts: number) {
    const stackFile = path.join(this.directory, `Pulumi.${STACK}.yaml`);
    fs.writeFileSync(stackFile, generatedStack(hosts));
    fs.copyFileSync(path.join(projectDirectory(), "Pulumi.yaml"), path.join(this.directory, "Pulumi.yaml"));
    this.env = {
      ...process.env,
      PATH: [...tools, process.env["PATH"] ?? ""].join(path.delimiter),
      PULUMI_HOME: path.join(this.directory, "home"),
      PULUMI_BACKEND_URL: `file://${this.directory}`,
      PULUMI_CONFIG_PASSPHRASE: "no secret of anybody",
      PULUMI_OPTION_CONFIG_FILE: stackFile,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...languageHostEnvironment(),
    };
    // `stack init` knows no other stack file than that of its folder, and writes the salt into it.
    this.prepare(["stack", "init", STACK]);
    const key = path.join(this.directory, "login");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    this.prepare(
      ["config", "set", "--secret", "homelab:sshPrivateKey", "--stack", STACK],
      fs.readFileSync(key, "utf8"),
    );
  }

  /**
   * The first preview of the stack, in a network namespace of its own.
   *
   * @param cold as after a change of the program: what ts-node keeps of it between runs, in the temporary folder, is away
   */
  preview(cold = false): Promise<TimedRun> {
    const script = 'ip link set lo up && exec pulumi "$@"';
    const pulumi = ["preview", "--non-interactive", "--color", "never", "--stack", STACK];
    const args = ["--map-root-user", "--net", "sh", "-c", script, "sh", ...pulumi];
    const env = cold ? { ...this.env, TMPDIR: fs.mkdtempSync(path.join(this.directory, "cold-")) } : this.env;
    return timed({ command: "unshare", args }, { env, cwd: projectDirectory() });
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private prepare(args: readonly string[], input = ""): void {
    const { status, stderr } = spawnSync("pulumi", args, {
      ...{ cwd: this.directory, env: this.env, input, encoding: "utf8" },
    });
    if (status !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} ended with ${status}:\n${stderr}`);
  }
}
